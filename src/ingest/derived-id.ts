import { hash } from 'node:crypto';
import type { RawRecord } from './record.ts';

const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const inputDigits = 12, offsetDigits = 9, indexDigits = 5, laneDigits = 6;
const placeDigits = inputDigits + offsetDigits + indexDigits;

/** The id being written: its first digits stay while records of one input follow each other. */
const written = Buffer.alloc(placeDigits + 2 * laneDigits);
let input: string | null = null;
const lanesBytes = 16;
let words = new Int32Array(1 << 14);
let bytes = new Uint8Array(words.buffer);

/**
 * Id of a record whose provider gives none: 26 digits of its position, 12 of its bytes, all of base64url. Two equal
 * lines at two places are two events, and the same line read again is the same one. The position alone tells records
 * of one input apart; the checksum of the bytes only tells them from those of a rewritten input of
 * the same length and beginning. So it need not withstand anybody who looks for collisions: he would win an
 * id that he may give to his own records only.
 */
export function derivedId({ origin, originalPosition, offset, index, bytes: record }: RawRecord): string {
  if (originalPosition === null) {
    if (origin.identity !== input) writeHash(input = origin.identity, inputDigits);
    writeNumber(offset % 2 ** 30, inputDigits, 5);
    writeNumber(Math.floor(offset / 2 ** 30), inputDigits + 5, offsetDigits - 5);
    writeNumber(index === null ? 0 : index + 1, inputDigits + offsetDigits, indexDigits);
  } else {
    writeHash(originalPosition, placeDigits);
    input = null;
  }
  writeChecksum(record);
  return written.latin1Slice(0, written.length);
}

function writeHash(text: string, digits: number): void {
  written.write(hash('sha256', text, 'base64url').slice(0, digits), 'latin1');
}

function writeNumber(number: number, at: number, digits: number): void {
  for (let i = 0, rest = number; i < digits; i += 1, rest >>>= 6) written[at + i] = alphabet[rest & 63]!;
}

/** Four lanes of 32 bits, joined to two: each word is mixed into one of them. */
function writeChecksum(record: Uint8Array): void {
  const { length } = record;
  if (length + lanesBytes > bytes.length) makeRoom(2 * length + lanesBytes);
  bytes.set(record);
  for (let at = length; at % lanesBytes !== 0; at += 1) bytes[at] = 0;
  const end = Math.ceil(length / lanesBytes) * 4;
  let first = length, second = ~length, third = 1, fourth = 2;
  for (let at = 0; at < end; at += 4) {
    first = mixed(first ^ words[at]!);
    second = mixed(second ^ words[at + 1]!);
    third = mixed(third ^ words[at + 2]!);
    fourth = mixed(fourth ^ words[at + 3]!);
  }
  first = mixed(mixed(first ^ third) ^ second);
  second = mixed(mixed(second ^ fourth) ^ first);
  writeNumber(mixed(first ^ second), placeDigits, laneDigits);
  writeNumber(mixed(second), placeDigits + laneDigits, laneDigits);
}

/** Words are quickest to read where they are aligned, so records are copied. */
function makeRoom(size: number): void {
  words = new Int32Array(Math.ceil(size / 4));
  bytes = new Uint8Array(words.buffer);
}

/** The multiplication carries changes to higher bits, the shift back to lower ones. */
function mixed(lane: number): number {
  const product = Math.imul(lane, 0x9e3779b1);
  return product ^ product >>> 15;
}
