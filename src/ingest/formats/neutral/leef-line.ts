import type { Value } from '../format.ts';
import { Pairs } from '../line.ts';
import { applyLabels, barFields, maxLine } from './header-line.ts';

const maxPairs = 256;

/**
 * `LEEF:1.0|vendor|product|version|event|key=value<tab>key=value`; version 2.0 has one more field, the delimiter, as a character or its number
 * in hexadecimal. `null` for any other line.
 */
export function leefLine(line: string): Readonly<Record<string, Value>> | null {
  if (line.length > maxLine || !line.startsWith('LEEF:')) return null;
  const isSecond = line.startsWith('LEEF:2');
  const header = barFields(line, 5, isSecond ? 6 : 5);
  if (header === null) return null;
  const [, vendor, product, , signature, delimiter] = header.fields;
  const found = new Pairs();
  for (const pair of line.slice(header.rest).split(delimiterOf(delimiter), maxPairs)) {
    const equals = pair.indexOf('=');
    if (equals > 0) found[pair.slice(0, equals).trim()] ??= pair.slice(equals + 1).trim();
  }
  if (line.includes('Label=')) applyLabels(found);
  found['vendor'] = vendor!;
  found['product'] = product!;
  found['signature'] = signature!;
  return found;
}

/** `^`, `x5E` or `0x5E`; a tab where none is given. */
function delimiterOf(given: string | undefined): string {
  const hexadecimal = /^0?x([0-9a-f]{1,4})$/i.exec(given ?? '');
  if (hexadecimal !== null) return String.fromCharCode(Number.parseInt(hexadecimal[1]!, 16));
  return given === undefined || given === '' ? '\t' : given.charAt(0);
}
