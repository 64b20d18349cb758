import { isAlias, isMap, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { Problem } from './problem.ts';

/** Where in a configuration something stands: keys and places in lists. */
export type KeyPath = readonly (string | number)[];
export interface Place { readonly where: string; readonly line: number; readonly column: number }

/** A parsed configuration text whose every value still knows its line and column. */
export interface ConfigurationDocument {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Does the text itself hold something under this path? */
  has(path: KeyPath): boolean;
  /** Place of the value under a path or, with `key`, of that key itself; the nearest thing around it when it is absent. */
  place(path: KeyPath, key?: string): Place;
}

/** Longest configuration text that is read, in characters. */
const maxLength = 1 << 20;

/** Parses YAML 1.2. Syntax errors come back as problems; `value` is `null` then. Never throws. */
export function parseConfiguration(name: string, text: string): ConfigurationDocument {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { where: `${name}:${line}:${col}`, line, column: col };
  };
  if (text.length > maxLength) return broken(name, `longer than ${maxLength} characters`);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const place = (path: KeyPath, key?: string): Place => at(offsetOf(document, path, key));
  const has = (path: KeyPath): boolean => document.hasIn(path);
  const problems = document.errors.map((error) => ({ ...at(error.pos[0]), message: error.message, hint: null }));
  if (problems.length > 0) return { value: null, problems, has, place };
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) ?? {}, problems, has, place };
  } catch (error) {
    return broken(name, error instanceof Error ? error.message : 'not readable');
  }
}

function broken(name: string, message: string): ConfigurationDocument {
  const start = { where: `${name}:1:1`, line: 1, column: 1 };
  return { value: null, problems: [{ ...start, message, hint: null }], has: () => false, place: () => start };
}

function offsetOf(document: Document.Parsed, path: KeyPath, key: string | undefined): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as Node | undefined;
    const start = length === path.length && key !== undefined ? keyOffset(node, key) : undefined;
    const offset = start ?? node?.range?.[0];
    if (offset !== undefined) return offset;
  }
  return 0;
}

function keyOffset(node: Node | undefined, key: string): number | undefined {
  if (node === undefined || isAlias(node) || !isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}
