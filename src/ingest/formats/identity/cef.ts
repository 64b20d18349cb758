import type { Value } from '../format.ts';

const maxLine = 16_384;
const maxPairs = 64;
const maxHeader = 256;
const maxKey = 64;
const space = 32;

/** The fields of a record in Common Event Format: its header's, and its extension's by their keys. */
export type CefFields = Record<string, Value>;

/**
 * A line of one vendor's product in Common Event Format, with what stands before it under `@before`; `null` for any other line. Headers are
 * `@version`, `@signature`, `@name`. Linear in the line's length.
 */
export function cefLine(line: string, start: string): CefFields | null {
  if (line.length > maxLine) return null;
  const at = line.indexOf(start);
  if (at < 0 || at > maxHeader) return null;
  const header = headerOf(line, at + start.length);
  if (header === null) return null;
  const fields = Object.create(null) as CefFields;
  readExtension(line, header.end, fields);
  fields['@before'] = line.slice(0, at).trim();
  [fields['@version'], fields['@signature'], fields['@name']] = header.words as [string, string, string];
  return fields;
}

/** Version, signature, name and severity, each ended by a bar. */
function headerOf(line: string, from: number): { readonly words: readonly string[]; readonly end: number } | null {
  const words: string[] = [];
  let at = from;
  while (words.length < 4) {
    const bar = line.indexOf('|', at);
    if (bar < 0) return null;
    words.push(line.slice(at, bar));
    at = bar + 1;
  }
  return { words, end: at };
}

/**
 * `key=value key=value`, where values may hold spaces and, some vendors, stand in quotes: a value ends before the word that the next `=`
 * follows. The first of each key counts, so that a value cannot bring along a pair of its own.
 */
function readExtension(line: string, from: number, fields: CefFields): void {
  let key: string | null = null;
  let valueAt = from;
  let pairs = 0;
  for (let equals = line.indexOf('=', from); equals >= 0 && pairs < maxPairs; equals = line.indexOf('=', equals + 1)) {
    const start = keyStart(line, equals, valueAt);
    if (start < 0 || key !== null && start === valueAt) continue;
    if (key !== null) keep(fields, key, line.slice(valueAt, start));
    key = line.slice(start, equals);
    valueAt = equals + 1;
    pairs += 1;
  }
  if (key !== null) keep(fields, key, line.slice(valueAt));
}

/** Where the key before an `=` begins: at `from` or behind a space; -1 when what stands there is no key. */
function keyStart(line: string, equals: number, from: number): number {
  let start = equals;
  while (start > from && equals - start <= maxKey && isKeyCharacter(line.charCodeAt(start - 1))) start -= 1;
  const isKey = start < equals && (start === from || line.charCodeAt(start - 1) === space);
  return isKey ? start : -1;
}

function isKeyCharacter(code: number): boolean {
  const letter = code | 32;
  return letter >= 97 && letter <= 122 || code >= 48 && code <= 57 || code === 95 || code === 46;
}

function keep(fields: CefFields, key: string, raw: string): void {
  if (key in fields) return;
  const trimmed = raw.trim();
  const isQuoted = trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"');
  const value = isQuoted ? trimmed.slice(1, -1) : trimmed;
  fields[key] = value === '' ? null : value.includes('\\') ? value.replaceAll(/\\([\\=|])/g, '$1') : value;
}
