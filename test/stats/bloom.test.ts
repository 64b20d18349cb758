import { expect, test } from 'vitest';
import { addBits, bitOf, clearBits, countBits, hasBits, mergeBits, setBit } from '../../src/stats/bloom.ts';
import { hashText, mix } from '../../src/stats/hash.ts';
import { numbersOf } from '../../src/stats/numbers.ts';

const words = (count: number) => numbersOf(new Uint32Array(count));
const member = (number: number): number => hashText(`operation-${number}`);

test('every member is found, and few strangers pass for one', () => {
  const set = words(16);
  for (let number = 0; number < 50; number += 1) addBits(set, member(number));
  for (let number = 0; number < 50; number += 1) expect(hasBits(set, member(number))).toBe(true);
  let strangers = 0;
  for (let number = 1_000; number < 3_000; number += 1) strangers += hasBits(set, member(number)) ? 1 : 0;
  expect(strangers / 2_000).toBeLessThan(0.06);
});

test('a second adding says that it was there', () => {
  const set = words(4);
  expect([addBits(set, 77), addBits(set, 77), hasBits(set, 77), hasBits(set, mix(78))]).toEqual([false, true, true, false]);
});

test('counts different things about right, until nearly all bits are set', () => {
  for (const count of [1, 10, 60, 200]) {
    const set = words(4);
    for (let number = 0; number < count; number += 1) setBit(set, member(number));
    expect(countBits(set) / count).toBeGreaterThan(0.75);
    expect(countBits(set) / count).toBeLessThan(1.25);
  }
});

test('a merged set has the members of both, a cleared one none', () => {
  const [one, other] = [words(4), words(4)];
  setBit(one, 5);
  setBit(other, 1_000_000_007);
  mergeBits(one, other);
  expect([bitOf(one, 5), bitOf(one, 1_000_000_007), bitOf(other, 5)]).toEqual([true, true, false]);
  clearBits(one);
  expect([bitOf(one, 5), countBits(one)]).toEqual([false, 0]);
});
