import { expect, it } from 'vitest';
import { learnValue, quantileOf, rarityBits, type AdaptiveHistogram } from '../../src/stats/adaptive-histogram.ts';
import { numbersOf } from '../../src/stats/numbers.ts';

function histogram(): { made: AdaptiveHistogram; counts: Uint16Array } {
  const counts = new Uint16Array(28);
  return { counts, made: { counts: numbersOf(counts), low: 0, width: 0 } };
}

it('keeps every value in a bin while its range grows both ways', () => {
  const { made, counts } = histogram();
  for (const value of [5, 5.1, -400, 1e6, 5.2, 0, -1e5]) learnValue(made, value, 0.05);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(7 * 16);
  expect(made.low).toBeLessThanOrEqual(-1e5);
  expect(made.low + 28 * made.width).toBeGreaterThan(1e6);
});

it('finds the usual common, the rare rare and the unseen rarest', () => {
  const { made } = histogram();
  for (let index = 0; index < 1000; index += 1) learnValue(made, index % 10, 0.5);
  learnValue(made, 13, 0.5);
  expect(rarityBits(made, 5)).toBeLessThan(4);
  expect(rarityBits(made, 13)).toBeGreaterThan(8);
  expect(rarityBits(made, 1e9)).toBeGreaterThan(rarityBits(made, 13));
});

it('halves when a bin is full, and then forgets what does not return', () => {
  const { made, counts } = histogram();
  learnValue(made, 9, 1);
  for (let index = 0; index < 40_000; index += 1) learnValue(made, 1, 1);
  expect(Math.max(...counts)).toBeLessThanOrEqual(65_535);
  expect(counts.filter((count) => count > 0)).toHaveLength(1);
});

it('tells quantiles to within a bin', () => {
  const { made } = histogram();
  expect(quantileOf(made, 0.5)).toBeNull();
  for (let index = 0; index <= 1000; index += 1) learnValue(made, index / 10, 0.05);
  expect(Math.abs((quantileOf(made, 0.5) ?? 0) - 50)).toBeLessThan(made.width);
  expect(Math.abs((quantileOf(made, 0.95) ?? 0) - 95)).toBeLessThan(made.width);
});
