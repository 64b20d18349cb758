import { expect, it } from 'vitest';
import { numbersOf } from '../../src/stats/numbers.ts';
import { advanceDay, knownPeak, peakValue, raiseHigh, surpriseBits, type PeakBook } from '../../src/stats/peak-book.ts';
import { peaksLength } from '../../src/stats/peak-runs.ts';

const settings = { thresholdBits: 14, minimumDays: 3 };
const narrowest = [0.2];

function book(): PeakBook {
  return {
    peaks: numbersOf(new Uint16Array(peaksLength(1))), limits: numbersOf(new Float32Array(1)), highs: numbersOf(new Float32Array(1)),
    activeDays: numbersOf(new Uint16Array(3)), day: 0, blockDay: 0, firstDay: 0,
  };
}

/** Day by day the given highs; `null` is an idle day. */
function fed(highs: readonly (number | null)[]): PeakBook {
  const made = book();
  for (const [index, high] of highs.entries()) {
    if (high === null) continue;
    advanceDay(made, 20_000 + index, settings, narrowest);
    raiseHigh(made.highs, 0, high);
  }
  advanceDay(made, 20_000 + highs.length, settings, narrowest);
  return made;
}

const steady = (days: number, level = 1e6): number[] => Array.from({ length: days }, (_, index) => level * (1 + 0.2 * Math.sin(index)));

it('says nothing before its minimum of days, and asks for less excess the longer the history', () => {
  expect(fed(steady(2)).limits.get(0)).toBe(0);
  const after = [5, 30, 100, 400].map((days) => fed(steady(days)).limits.get(0));
  for (let index = 1; index < after.length; index += 1) expect(after[index]).toBeLessThan(after[index - 1] ?? 0);
  expect(after.at(-1)).toBeGreaterThan(1.3 * 1.2e6);
});

it('puts the limit where the surprise reaches the threshold', () => {
  const made = fed(steady(200));
  const peak = knownPeak(made, 0, narrowest);
  if (peak === null) throw new Error('nothing known');
  expect(surpriseBits(peak, made.limits.get(0))).toBeCloseTo(settings.thresholdBits, 3);
  expect(peakValue(peak) / 1.2e6).toBeCloseTo(1, 1);
});

it('is more tolerant where the past was ragged', () => {
  const ragged = Array.from({ length: 200 }, (_, index) => 1e6 * (index % 50 === 7 ? 5 + index / 10 : 1));
  const highest = Math.max(...ragged);
  expect(fed(ragged).limits.get(0) / highest).toBeGreaterThan(fed(steady(200)).limits.get(0) / 1.2e6);
});

it('measures a ramp against the level of a month before', () => {
  const ramp = [...steady(100), ...Array.from({ length: 28 }, (_, index) => 1e6 * 1.05 ** index)];
  expect(fed(ramp).limits.get(0)).toBeLessThan(3 * 1.2e6);
});

it('learns from one outlier no more than half as much again in a generation', () => {
  const outlier = [...steady(100), 1e12, ...steady(70)];
  const peak = knownPeak(fed(outlier), 0, narrowest);
  expect(peak === null ? 0 : peakValue(peak)).toBeLessThan(1.2e6 * 1.6);
});

it('knows a monthly peak once it came back', () => {
  const year = Array.from({ length: 364 }, (_, index) => (index % 30 === 12 ? 8e6 : 1e6));
  const made = fed(year);
  expect(made.limits.get(0)).toBeGreaterThan(8e6);
  expect(made.limits.get(0)).toBeLessThan(40e6);
});

it('stands a long silence', () => {
  const made = fed([...steady(60), ...Array.from({ length: 900 }, () => null)]);
  expect(made.limits.get(0)).toBeGreaterThan(1.2e6);
  expect(knownPeak(made, 0, narrowest)?.activeDays).toBe(60);
});
