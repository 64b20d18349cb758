import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyHasher } from '../../src/state/hash.ts';

/** Key bytes 0 to 7, as in the reference code's vectors. */
const referenceSeed = { a: 0x03020100, b: 0x07060504 };

function hashed(text: string, seed = referenceSeed): string {
  const hasher = new KeyHasher(seed);
  hasher.hash(text);
  return hex(hasher);
}

function hex({ hi, lo }: KeyHasher): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(lo, 0);
  bytes.writeUInt32LE(hi, 4);
  return bytes.toString('hex');
}

// Vectors of HalfSipHash-2-4 with 64-bit output (github.com/veorq/SipHash, vectors.h): input of n bytes 0, 1, 2, ...
test.each([
  [0, '218d1f59b9b83cc8'],
  [1, 'be552412f8387315'],
  [2, '064f39ef7c50eb57'],
  [3, 'ce0f1a45f7060679'],
  [4, 'd5e78a175be52ea1'],
  [7, 'ff202728b07bc684'],
  [8, 'edfee820bce4858c'],
  [31, '863c7f155c34117c'],
  [40, '5b38c81c67c8ae4c'],
  [63, '2ea63c71bf326087'],
] as const)('the reference vector of %i bytes', (length, expected) => {
  const bytes = Uint8Array.from({ length }, (_, i) => i);
  const hasher = new KeyHasher(referenceSeed);
  hasher.hashBytes(bytes);
  expect(hex(hasher)).toBe(expected);
  expect(hashed(String.fromCharCode(...bytes))).toBe(expected);
});

test('a text hashes like its UTF-8 bytes, whatever its length', () => {
  fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 300, size: 'max' }), fc.string({ unit: fc.constantFrom('a', 'ä', '€') })), (text) => {
    const hasher = new KeyHasher({ a: 5, b: -7 });
    hasher.hashBytes(new TextEncoder().encode(text));
    expect(hashed(text, { a: 5, b: -7 })).toBe(hex(hasher));
  }));
});

test('unpaired surrogates stay apart', () => {
  expect(new Set(['\ud800', '\ud801', '\udc00', '\ufffd', '?'].map((text) => hashed(text))).size).toBe(5);
});

test('another seed gives another hash', () => {
  expect(hashed('role/billing', { a: 1, b: 2 })).not.toBe(hashed('role/billing', { a: 1, b: 3 }));
});
