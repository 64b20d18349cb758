import { describe, expect, it } from 'vitest';
import { addDistinct, clearDistinct, distinctCount, type DistinctSketch } from '../../src/stats/distinct.ts';
import { combineHashes, hashText } from '../../src/stats/hash.ts';
import { addContribution, contributionOf } from '../../src/stats/heavy-hitters.ts';
import { numbersOf } from '../../src/stats/numbers.ts';
import { countSeen, daySeen, fingerprint16, noteSeen } from '../../src/stats/recent-set.ts';

function sketch(registers: number): DistinctSketch {
  return { registers: numbersOf(new Uint8Array(registers)), registersUsed: 0, registersWeight: 0 };
}

describe('distinct', () => {
  it.each([1, 5, 20, 100, 1_000, 100_000])('counts %i things within its error, however often they come', (things) => {
    let relative = 0;
    const runs = 20;
    for (let run = 0; run < runs; run += 1) {
      const registers = sketch(32);
      for (let repeat = 0; repeat < 2; repeat += 1) for (let thing = 0; thing < things; thing += 1) addDistinct(registers, hashText(`${run}/${thing}`));
      relative += distinctCount(registers) / things / runs;
    }
    expect(relative).toBeGreaterThan(0.85);
    expect(relative).toBeLessThan(1.2);
  });

  it('is nothing at first', () => {
    const empty = sketch(16);
    expect(distinctCount(empty)).toBe(0);
    addDistinct(empty, hashText('one'));
    expect(distinctCount(empty)).toBeCloseTo(1, 1);
    clearDistinct(empty);
    expect(distinctCount(empty)).toBe(0);
  });
});

describe('heavy hitters', () => {
  it('hold whoever brought most, with a weight never overstated', () => {
    const keys = numbersOf(new Uint32Array(3));
    const weights = numbersOf(new Float64Array(3));
    let heavy = 0;
    let total = 0;
    for (let step = 0; step < 3_000; step += 1) {
      const [key, weight] = step % 2 === 0 ? [77, 30] as const : [1_000 + step, 10] as const;
      if (key === 77) heavy += weight;
      total += weight;
      addContribution(keys, weights, key, weight);
    }
    const kept = contributionOf(keys, weights, 77);
    expect(kept).toBeLessThanOrEqual(heavy);
    expect(kept).toBeGreaterThanOrEqual(heavy - total / 4);
    expect(contributionOf(keys, weights, 5)).toBe(0);
  });
});

describe('recent set', () => {
  it('remembers, renews, and lets the oldest go', () => {
    const prints = numbersOf(new Uint16Array(4));
    const days = numbersOf(new Uint16Array(4));
    for (let place = 1; place <= 4; place += 1) noteSeen(prints, days, place, place);
    noteSeen(prints, days, 1, 9);
    noteSeen(prints, days, 50, 10);
    expect(daySeen(prints, days, 1)).toBe(9);
    expect(daySeen(prints, days, 2)).toBe(0);
    expect(daySeen(prints, days, 50)).toBe(10);
    expect(daySeen(prints, days, 0)).toBe(0);
    expect(countSeen(days)).toBe(4);
  });
});

describe('hash', () => {
  it('gives the same for the same text, whatever came between', () => {
    const texts = Array.from({ length: 20_000 }, (_, index) => `/v1/items/${index}/${'x'.repeat(index % 300)}`);
    const first = texts.map(hashText);
    expect(texts.map(hashText)).toEqual(first);
    expect(hashText('')).toBe(hashText(''.concat('')));
    expect(new Set(first).size).toBeGreaterThan(19_990);
  });

  it('spreads similar texts over all 16 bits of a fingerprint', () => {
    const prints = new Set(Array.from({ length: 2_000 }, (_, index) => fingerprint16(hashText(`10.0.${index}.0/24`))));
    expect(prints.size).toBeGreaterThan(1_940);
    expect(combineHashes(1, 2)).not.toBe(combineHashes(2, 1));
  });
});
