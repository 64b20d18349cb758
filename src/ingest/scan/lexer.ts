import { endOfPlain } from './words.ts';

/** What stands at a node of the current record. `escapedText` holds backslashes, `made` is a text that was asked for before. */
export const Kind = { absent: 0, text: 1, escapedText: 2, number: 3, true: 4, false: 5, null: 6, made: 7, object: 8, array: 9 } as const;

export const blank = 0x20, quote = 0x22, letterF = 0x66;
const backslash = 0x5c, minus = 0x2d, point = 0x2e, plus = 0x2b, zero = 0x30, letterU = 0x75;
const space = tableOf(' \t\n\r');
const digit = tableOf('0123456789');
const hexDigit = tableOf('0123456789abcdefABCDEF');
const escapable = tableOf('"\\/bfnrtu');

/** What a value without quotes or brackets is, by its first byte. */
export const bareKind = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (digit[byte] === 1 || byte === minus) return Kind.number;
  return ({ t: Kind.true, f: Kind.false, n: Kind.null } as Record<string, number>)[String.fromCharCode(byte)] ?? Kind.absent;
});
const words: readonly string[] = Object.assign([], { [Kind.true]: 'true', [Kind.false]: 'false', [Kind.null]: 'null' });

/** Position of the next byte that is no white space. Ask only where a byte of at most `blank` stands: a call costs more than the look. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (space[bytes[at]!] === 1) at += 1;
  return at;
}

/** Position of the closing quote; its complement when there were escapes, or when another byte than a quote stands there. */
export function skipString(bytes: Uint8Array, view: DataView, from: number): number {
  const at = endOfPlain(view, from);
  return bytes[at] === quote ? at : ~skipEscapes(bytes, view, at);
}

/** Position of the first byte from a backslash on that no escape explains: the closing quote, if all is well. */
function skipEscapes(bytes: Uint8Array, view: DataView, from: number): number {
  let at = from;
  while (bytes[at] === backslash) {
    at += 1;
    if (escapable[bytes[at]!] !== 1) return at;
    const isUnicode = bytes[at] === letterU;
    at += 1;
    for (let digits = 0; isUnicode && digits < 4; digits += 1, at += 1) {
      // A quote here would pass for the closing one.
      if (hexDigit[bytes[at]!] !== 1) return bytes[at] === quote ? at - 1 : at;
    }
    at = endOfPlain(view, at);
  }
  return at;
}

/** Position after the number, or the complement of the place where it goes wrong. */
export function skipNumber(bytes: Uint8Array, from: number): number {
  let at = from;
  if (bytes[at] === minus) at += 1;
  if (bytes[at] === zero) at += 1;
  else if (digit[bytes[at]!] === 1) at = skipDigits(bytes, at);
  else return ~at;
  if (bytes[at] === point) {
    at += 1;
    if (digit[bytes[at]!] !== 1) return ~at;
    at = skipDigits(bytes, at);
  }
  if ((bytes[at]! | 0x20) === 0x65) {
    at += 1;
    if (bytes[at] === plus || bytes[at] === minus) at += 1;
    if (digit[bytes[at]!] !== 1) return ~at;
    at = skipDigits(bytes, at);
  }
  return at;
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (digit[bytes[at]!] === 1) at += 1;
  return at;
}

/** Position after `true`, `false` or `null`, or the complement of the first byte that fits none of them. */
export function skipWord(bytes: Uint8Array, from: number): number {
  const word = words[bareKind[bytes[from]!]!] ?? '';
  for (let i = 0; i < word.length; i += 1) {
    if (bytes[from + i] !== word.charCodeAt(i)) return ~(from + i);
  }
  return word === '' ? ~from : from + word.length;
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
