import { skipBlanks } from '../envelopes/recognize.ts';

const literals = ['true', 'false', 'null'].map((text) => Buffer.from(text));

/**
 * Can the line that starts with `{` or `[` be JSON, by its first few tokens? Text logs begin with
 * brackets too: `[2016-04-15T20:17:00.310Z] "GET /"`, `[notice] started`.
 */
export function beginsJson(bytes: Buffer, start: number, end: number): boolean {
  let i = skipBlanks(bytes, start + 1, end);
  if (bytes[start] === 123) return i >= end || bytes[i] === 34 || bytes[i] === 125;
  while (i < end && bytes[i] === 91) i = skipBlanks(bytes, i + 1, end);
  if (i >= end || bytes[i] === 123 || bytes[i] === 93) return true;
  const tokenEnd = bytes[i] === 34 ? bytes.indexOf(34, i + 1) + 1 : endOfScalar(bytes, i, end);
  if (tokenEnd <= i || tokenEnd > end) return false;
  const next = skipBlanks(bytes, tokenEnd, end);
  return next >= end || bytes[next] === 44 || bytes[next] === 93;
}

/** One past a number or literal at `start`, or -1. Not exact on numbers: whether it is one is seen later. */
function endOfScalar(bytes: Buffer, start: number, end: number): number {
  for (const literal of literals) {
    if (end - start >= literal.length && literal.compare(bytes, start, start + literal.length) === 0) return start + literal.length;
  }
  let i = start;
  while (i < end && ((bytes[i]! >= 48 && bytes[i]! <= 57) || bytes[i] === 45 || bytes[i] === 43 || bytes[i] === 46 || bytes[i] === 69 || bytes[i] === 101)) i++;
  return i > start ? i : -1;
}

/** The first position from `start` on that is no blank within a line. */
export function skipSpaces(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && isSpace(bytes[i]!)) i++;
  return i;
}

/** One past the last byte before `end` that is no blank. */
export function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && isSpace(bytes[i - 1]!)) i--;
  return i;
}

function isSpace(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 13;
}
