/** Lines of access logs taken apart: words between single spaces, some of them in quotes or brackets. Linear in the line's length. */
import { path, type Path } from '../paths.ts';
import type { Value } from './format.ts';

/** A longer line is none of an access log. */
const maxLine = 16_384;
const maxWords = 64;
const space = 32, quote = 34, openBracket = 91, backslash = 92;

/**
 * The words of a line from a place on, those in quotes or brackets without them; `null` when one does not end, or when there are too many.
 * A quote ends a word only before a space or the end, and not behind a backslash. With `isStrict` every quote does, and none may stand
 * within a word: for logs that write the quotes of a header as they came, where a client could else make up words.
 */
export function wordsOf(line: string, from = 0, isStrict = false): string[] | null {
  if (line.length > maxLine) return null;
  const words: string[] = [];
  let at = from;
  while (at < line.length) {
    if (words.length === maxWords) return null;
    const first = line.charCodeAt(at);
    const isEnclosed = first === quote || first === openBracket;
    const start = isEnclosed ? at + 1 : at;
    let end = first === quote && !isStrict ? quoteEnd(line, start) : line.indexOf(first === quote ? '"' : isEnclosed ? ']' : ' ', start);
    if (end < 0) {
      if (isEnclosed) return null;
      end = line.length;
    }
    words.push(line.slice(start, end));
    at = isEnclosed ? end + 1 : end;
    if (at < line.length && line.charCodeAt(at) !== space) return null;
    at += 1;
  }
  return words;
}

function quoteEnd(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 1)) {
    const isLast = at + 1 === line.length || line.charCodeAt(at + 1) === space;
    if (isLast && !isEscaped(line, at, from)) return at;
  }
  return -1;
}

/** Does an odd number of backslashes stand before the place? */
function isEscaped(line: string, at: number, from: number): boolean {
  let before = at;
  while (before > from && line.charCodeAt(before - 1) === backslash) before -= 1;
  return (at - before) % 2 === 1;
}

/** `GET /path HTTP/1.1` in method and target; both `null` for what is no request line: a client may send anything. */
export function requestLine(request: string): { readonly method: string | null; readonly path: string | null } {
  const first = request.indexOf(' ');
  const last = request.lastIndexOf(' ');
  if (first <= 0 || !isMethod(request, first)) return none;
  return { method: request.slice(0, first), path: last > first ? request.slice(first + 1, last) : request.slice(first + 1) };
}
const none = { method: null, path: null };

/** Up to 24 capitals, and the `-` and `_` of extensions. */
function isMethod(text: string, end: number): boolean {
  if (end > 24) return false;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (!(code >= 65 && code <= 90 || code === 45 && i > 0 || code === 95)) return false;
  }
  return true;
}

/** Digits, or `-` for none. */
export function isCount(word: string | undefined): boolean {
  if (word === undefined || word === '' || word.length > 16) return false;
  if (word === '-') return true;
  return isDigits(word);
}

export function isDigits(word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return word !== '';
}

/** Three digits, or `-`, which stands where no answer was given. */
export function isStatus(word: string | undefined): boolean {
  return word === '-' || word?.length === 3 && isDigits(word);
}

/** What a grammar makes of a line. */
export type LineValues = Readonly<Record<string, Value>>;

/**
 * An empty map for keys from outside: not even the names that every object has are in it. Lines of one program have the same keys again and
 * again, for which this is faster than `Object.create(null)`, a hash table from the beginning.
 */
export const Pairs = function pairs() { /* Nothing is in it. */ } as unknown as new () => Record<string, Value>;
Pairs.prototype = Object.create(null) as Record<string, Value>;

/** Fields of a shape whose grammar gives each under its own name (`whole`). */
export function lineFields<const N extends string>(...names: readonly N[]): Readonly<Record<N, Path<Value>>> {
  return Object.fromEntries(names.map((name) => [name, path(name)])) as Record<N, Path<Value>>;
}

/** A header as it was sent, where the log escapes quotes and bytes: `\"`, `\\` and `\x22`; control characters stay escaped. */
export function unescapeHeader(word: string | undefined): string | null {
  if (word === undefined || !word.includes('\\')) return word ?? null;
  return word.replace(/\\(?:(["\\])|x([0-9A-Fa-f]{2}))/g, (all, plain: string | undefined, hex: string | undefined) => {
    if (plain !== undefined) return plain;
    const code = Number.parseInt(hex!, 16);
    return code >= 32 && code < 127 ? String.fromCharCode(code) : all;
  });
}
