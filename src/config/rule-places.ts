import type { ConfigurationDocument, KeyPath, Place } from './document.ts';

/**
 * Where a character of a text value stands in the file that it was read from, however YAML wrote it (plain, quoted, or a block over several
 * lines): the two differ in blanks, quotes and backslashes only, so other characters are counted. `offset` `null`: the value's own place.
 */
export function placeInText(file: string, written: string, document: ConfigurationDocument, path: KeyPath, offset: number | null): Place {
  const place = document.place(path);
  const value = path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], document.value);
  if (offset === null || typeof value !== 'string') return place;
  const start = offsetOf(written, place);
  return placeAt(file, written, aligned(written, start, value, offset));
}

function aligned(written: string, start: number, value: string, offset: number): number {
  const first = written[start];
  const isBlock = first === '|' || first === '>';
  const isQuoted = first === '"' || first === '\'';
  let at = isBlock ? written.indexOf('\n', start) + 1 : isQuoted ? start + 1 : start;
  for (let index = 0; index <= offset; index++) {
    if (index < offset && isBlank(value[index])) continue;
    while (isBlank(written[at]) && at < written.length) at++;
    if (isQuoted && written[at] === (first === '"' ? '\\' : '\'') && value[index] !== undefined && at + 1 < written.length) at++;
    if (index < offset) at++;
  }
  return Math.min(at, written.length);
}

function isBlank(character: string | undefined): boolean {
  return character === undefined || character === ' ' || character === '\n' || character === '\r' || character === '\t';
}

function offsetOf(written: string, { line, column }: Place): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) start = written.indexOf('\n', start) + 1;
  return start + column - 1;
}

function placeAt(file: string, written: string, offset: number): Place {
  const before = written.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  return { where: `${file}:${line}:${column}`, line, column };
}
