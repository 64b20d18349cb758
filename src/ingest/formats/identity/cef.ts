import type { Value } from '../format.ts';

const maxLine = 16_384;
const maxPairs = 64;
const maxHeader = 256;
const space = 32, equals = 61, backslash = 92;

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
  let wordAt = from;
  let pairs = 0;
  for (let at = from; at < line.length && pairs < maxPairs; at++) {
    const code = line.charCodeAt(at);
    if (code === backslash) at += 1;
    else if (code === space) wordAt = at + 1;
    else if (code === equals && isKey(line, wordAt, at) && (key === null || wordAt > valueAt)) {
      if (key !== null) keep(fields, key, line.slice(valueAt, wordAt));
      key = line.slice(wordAt, at);
      valueAt = wordAt = at + 1;
      pairs += 1;
    }
  }
  if (key !== null) keep(fields, key, line.slice(valueAt));
}

function isKey(line: string, from: number, to: number): boolean {
  if (to === from || to - from > 64) return false;
  for (let i = from; i < to; i++) {
    const code = line.charCodeAt(i);
    const letter = code | 32;
    if (!(letter >= 97 && letter <= 122 || code >= 48 && code <= 57 || code === 95 || code === 46)) return false;
  }
  return true;
}

function keep(fields: CefFields, key: string, raw: string): void {
  if (key in fields) return;
  const trimmed = raw.trim();
  const isQuoted = trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"');
  const value = isQuoted ? trimmed.slice(1, -1) : trimmed;
  fields[key] = value === '' ? null : value.includes('\\') ? value.replaceAll(/\\([\\=|])/g, '$1') : value;
}
