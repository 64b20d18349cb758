import { hash } from 'node:crypto';
import type { RawRecord } from './record.ts';

const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const inputDigits = 12, offsetDigits = 9, indexDigits = 5, laneDigits = 6;
const placeDigits = inputDigits + offsetDigits + indexDigits;

/** The id being written: its first digits stay while records of one input follow each other. */
const written = Buffer.alloc(placeDigits + 2 * laneDigits);
let input: string | null = null;
let view: DataView = new DataView(new ArrayBuffer(0));

/**
 * Id of a record whose provider gives none: 26 digits of its position, 12 of its bytes, all of base64url. Two equal
 * lines at two places are two events, and the same line read again is the same one. The position alone tells records
 * of one input apart; the checksum of the bytes only tells them from those of a rewritten input of
 * the same length and beginning. So it need not withstand anybody who looks for collisions: he would win an
 * id that he may give to his own records only.
 */
export function derivedId({ origin, originalPosition, offset, index, bytes }: RawRecord): string {
  if (originalPosition === null) {
    if (origin.identity !== input) writeHash(input = origin.identity, inputDigits);
    writeNumber(offset % 2 ** 30, inputDigits, 5);
    writeNumber(Math.floor(offset / 2 ** 30), inputDigits + 5, offsetDigits - 5);
    writeNumber(index === null ? 0 : index + 1, inputDigits + offsetDigits, indexDigits);
  } else {
    writeHash(originalPosition, placeDigits);
    input = null;
  }
  writeChecksum(bytes);
  return written.latin1Slice(0, written.length);
}

function writeHash(text: string, digits: number): void {
  written.write(hash('sha256', text, 'base64url').slice(0, digits), 'latin1');
}

function writeNumber(number: number, at: number, digits: number): void {
  for (let i = 0, rest = number; i < digits; i += 1, rest >>>= 6) written[at + i] = alphabet[rest & 63]!;
}

/** Two lanes of 32 bits; each word is mixed into one of them. */
function writeChecksum(bytes: Uint8Array): void {
  // Records are views of large buffers, so one view of the whole buffer serves many of them.
  if (view.buffer !== bytes.buffer) view = new DataView(bytes.buffer);
  let at = bytes.byteOffset;
  const end = at + bytes.length;
  let first = bytes.length, second = ~first;
  for (; at + 8 <= end; at += 8) {
    first = mixed(first ^ view.getInt32(at, true));
    second = mixed(second ^ view.getInt32(at + 4, true));
  }
  for (; at < end; at += 1) first = mixed(first ^ view.getUint8(at));
  first = mixed(first ^ second >>> 16);
  second = mixed(second ^ first >>> 15);
  writeNumber(mixed(first ^ second >>> 16), placeDigits, laneDigits);
  writeNumber(mixed(second), placeDigits + laneDigits, laneDigits);
}

/** The multiplication carries changes to higher bits, the shift back to lower ones. */
function mixed(lane: number): number {
  const product = Math.imul(lane, 0x9e3779b1);
  return product ^ product >>> 15;
}
