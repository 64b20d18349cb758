import { mean, sampleVariance } from 'simple-statistics';
import { expect, it } from 'vitest';
import { farAbove, learnLog } from '../../src/stats/log-moments.ts';
import { noveltyBits } from '../../src/stats/novelty.ts';

it('has the mean and variance of the logarithms as long as it remembers all', () => {
  const values = [10, 12, 9, 30, 11, 14, 8];
  const moments = { mean: 0, variance: 0, count: 0 };
  for (const value of values) learnLog(moments, value, 50);
  const logs = values.map((value) => Math.log(value));
  expect(moments.mean).toBeCloseTo(mean(logs), 10);
  expect(moments.variance).toBeCloseTo(sampleVariance(logs) * (logs.length - 1) / logs.length, 10);
});

it('follows a new level once its memory is full', () => {
  const moments = { mean: 0, variance: 0, count: 0 };
  for (let index = 0; index < 100; index += 1) learnLog(moments, 10, 20);
  for (let index = 0; index < 100; index += 1) learnLog(moments, 1000, 20);
  expect(Math.exp(moments.mean)).toBeGreaterThan(900);
  expect(farAbove(moments, 4, 0.25)).toBeGreaterThan(2_000);
});

it('finds news less surprising the more often it came', () => {
  expect(noveltyBits(0, 300)).toBeGreaterThan(noveltyBits(0, 30));
  expect(noveltyBits(10, 100)).toBeLessThan(4);
  expect(noveltyBits(0, 0)).toBeCloseTo(Math.log2(100), 10);
});
