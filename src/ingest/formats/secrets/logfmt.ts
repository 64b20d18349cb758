import type { Value } from '../format.ts';
import { Pairs } from '../line.ts';

const maxPairs = 128;
const maxLine = 65_536;

/**
 * A line of `key=value` and `key="quoted value"` pairs, as logrus writes them; `null` when it is none.
 * One pass; a backslash in quotes takes the next character as it is.
 */
export function logfmt(line: string): Readonly<Record<string, Value>> | null {
  if (line.length > maxLine) return null;
  const found = new Pairs();
  let at = 0;
  for (let pairs = 0; at < line.length; pairs++) {
    const equals = line.indexOf('=', at);
    if (pairs === maxPairs || equals <= at || line.slice(at, equals).includes(' ')) return null;
    const key = line.slice(at, equals);
    const end = line.charCodeAt(equals + 1) === 34 ? closingQuote(line, equals + 2) : unquotedEnd(line, equals + 1);
    if (end < 0) return null;
    found[key] = line.charCodeAt(equals + 1) === 34 ? line.slice(equals + 2, end).replaceAll(/\\(.)/g, '$1') : line.slice(equals + 1, end);
    at = line.charCodeAt(equals + 1) === 34 ? end + 1 : end;
    while (line.charCodeAt(at) === 32) at++;
  }
  return at === 0 ? null : found;
}

function closingQuote(line: string, from: number): number {
  for (let i = from; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 34) return i;
  }
  return -1;
}

function unquotedEnd(line: string, from: number): number {
  const space = line.indexOf(' ', from);
  return space < 0 ? line.length : space;
}
