import type { Value } from '../format.ts';
import { Pairs } from '../line.ts';
import { applyLabels, barFields, maxLine, unescaped } from './header-line.ts';

const maxPairs = 256;
/** Letters, digits and the marks that keys hold, by their code. */
const inKey = new Uint8Array(128);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.[]-')) inKey[byte] = 1;

/** `CEF:0|vendor|product|version|class|name|severity|key=value key=value`; `null` for any other line. One pass over the line. */
export function cefLine(line: string): Readonly<Record<string, Value>> | null {
  if (line.length > maxLine || !line.startsWith('CEF:')) return null;
  const header = barFields(line, 4, 7);
  if (header === null) return null;
  const [, vendor, product, , signature, name] = header.fields;
  const found = extension(line, header.rest);
  if (line.includes('Label=')) applyLabels(found);
  found['vendor'] = vendor!;
  found['product'] = product!;
  found['signature'] = signature!;
  found['name'] = name!;
  return found;
}

/** Values reach to the blank before the next key; blanks and escaped equals signs may stand in them. */
function extension(line: string, from: number): Record<string, Value> {
  const found = new Pairs();
  let key: string | null = null;
  let valueStart = from;
  for (let at = from, pairs = 0; at < line.length && pairs < maxPairs; at++) {
    const code = line.charCodeAt(at);
    if (code === 92) at++;
    else if (code === 61) {
      const keyStart = startOfKey(line, at, valueStart);
      if (keyStart === at || key !== null && keyStart === valueStart) continue;
      if (key !== null) found[key] ??= unescaped(line.slice(valueStart, keyStart - 1).trim());
      key = line.slice(keyStart, at);
      valueStart = at + 1;
      pairs++;
    }
  }
  if (key !== null) found[key] ??= unescaped(line.slice(valueStart).trim());
  return found;
}

const maxKey = 128;

/** Where the key that ends before `equals` begins: behind a blank, at the latest at `floor`; `equals` when there is none. */
function startOfKey(line: string, equals: number, floor: number): number {
  let at = equals;
  while (at > floor && equals - at < maxKey && inKey[line.charCodeAt(at - 1)] === 1) at--;
  return at === floor || line.charCodeAt(at - 1) === 32 ? at : equals;
}
