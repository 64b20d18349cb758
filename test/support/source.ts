import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A text file of the repository; `path` is relative to its root, with slashes. */
export interface SourceFile { readonly path: string; readonly text: string }

const skipped = new Set(['node_modules', 'dist', 'coverage', '.git', '.data', 'data']);

/** Files below a folder in name order, without fixtures and what is generated; none where there is no such folder. */
export function filesBelow(folder: string, extension = ''): SourceFile[] {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.split('/').some((part) => skipped.has(part)))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** What a file imports, also dynamically or as a worker: packages by name, own files by path from the root. */
export function importsOf(file: SourceFile): string[] {
  const code = blank(file.text, false);
  const forms = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm, /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g, /\bnew URL\([^\n]*?['"](\.[^'"]+\.ts)['"]/g,
  ];
  const names = forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1]!));
  return names.map((name) => (name.startsWith('.') ? posix.join(posix.dirname(file.path), name) : name));
}

/**
 * The text with comments and, unless they are kept, the insides of strings and regular expressions turned
 * into spaces; lines keep their numbers. A rough scanner: enough for style rules, no parser.
 */
export function blank(text: string, strings = true): string {
  const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|(?<=[(,=:[!&|?{};\n]\s*|return\s+)\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\//g;
  return text.replace(token, (found) => {
    const comment = found.startsWith('//') || found.startsWith('/*');
    if (!comment && !strings) return found;
    const inner = found.replace(/[^\n]/g, ' ');
    return comment ? inner : found[0] + inner.slice(1, -1) + found.at(-1);
  });
}

/** First line and number of lines of every function body, by braces. */
export function functionsOf(text: string): { readonly line: number; readonly lines: number }[] {
  const code = blank(text);
  const open: { readonly line: number; readonly isFunction: boolean }[] = [];
  const found: { line: number; lines: number }[] = [];
  let line = 1;
  for (let at = 0; at < code.length; at++) {
    if (code[at] === '\n') line++;
    if (code[at] === '{') open.push({ line, isFunction: opensFunction(code, at) });
    if (code[at] !== '}') continue;
    const block = open.pop();
    if (block?.isFunction) found.push({ line: block.line, lines: line - block.line + 1 });
  }
  return found;
}

/** A brace after `=>`, or after a parameter list (and return type) that no `if`, `for` and so on stands before. */
function opensFunction(code: string, brace: number): boolean {
  const before = code.slice(Math.max(0, brace - 400), brace).trimEnd();
  if (before.endsWith('=>')) return true;
  const typed = /\)\s*(?::[^;=()]*)?$/.exec(before);
  if (typed === null || /\b(?:class|interface)\b/.test(typed[0])) return false;
  let depth = 0;
  for (let at = typed.index; at >= 0; at--) {
    if (before[at] === ')') depth++;
    if (before[at] === '(' && --depth === 0) return !/\b(?:if|for|while|switch|catch|with|await)\s*$/.test(before.slice(0, at));
  }
  return true;
}
