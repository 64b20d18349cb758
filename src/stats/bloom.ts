import type { Numbers } from './numbers.ts';

/**
 * A set of hashes in a few bits that only grows: Bloom (1970) with two probes. A member is always found; a stranger passes for one with about
 * (2 * members / bits)^2, so 512 bits hold a hundred members at one in eight. `words` are unsigned 32-bit numbers, their count a power of two.
 */
export function hasBits(words: Numbers, hash: number): boolean {
  return bitOf(words, hash) && bitOf(words, second(hash));
}

/** Adds a hash. Answers whether it was there before. */
export function addBits(words: Numbers, hash: number): boolean {
  const first = setBit(words, hash);
  return setBit(words, second(hash)) && first;
}

/** Takes over the members of another set of the same size. */
export function mergeBits(words: Numbers, others: Numbers): void {
  for (let word = 0; word < words.length; word += 1) words.set(word, (words.get(word) | others.get(word)) >>> 0);
}

export function clearBits(words: Numbers): void {
  for (let word = 0; word < words.length; word += 1) words.set(word, 0);
}

/** Sets the one bit of a hash: the set as a counter of different things. Answers whether it was set before. */
export function setBit(words: Numbers, hash: number): boolean {
  const word = wordOf(words, hash);
  const held = words.get(word);
  const bit = 1 << (hash & 31);
  if ((held & bit) !== 0) return true;
  words.set(word, (held | bit) >>> 0);
  return false;
}

export function bitOf(words: Numbers, hash: number): boolean {
  return (words.get(wordOf(words, hash)) & 1 << (hash & 31)) !== 0;
}

/** How many different hashes set one bit each: linear counting (Whang et al., 1990), good up to about three for each bit. */
export function countBits(words: Numbers): number {
  let set = 0;
  for (let word = 0; word < words.length; word += 1) set += onesIn(words.get(word));
  const bits = 32 * words.length;
  return bits * Math.log(bits / Math.max(1, bits - set));
}

function wordOf(words: Numbers, hash: number): number {
  return hash >>> 5 & words.length - 1;
}

function second(hash: number): number {
  return (hash >>> 16 | hash << 16) >>> 0;
}

/** How many of the 32 bits of a word are set. */
export function onesIn(word: number): number {
  let pairs = word - (word >>> 1 & 0x5555_5555);
  pairs = (pairs & 0x3333_3333) + (pairs >>> 2 & 0x3333_3333);
  return Math.imul(pairs + (pairs >>> 4) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
