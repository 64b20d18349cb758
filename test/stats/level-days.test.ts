import { expect, test } from 'vitest';
import { daysAtLevel, levelBits, levelOf, mergeLevels, noteLevel, type LevelDays } from '../../src/stats/level-days.ts';
import { numbersOf } from '../../src/stats/numbers.ts';

const edges = [10, 25, 60];
const levels = (): LevelDays => ({ levelDays: numbersOf(new Uint16Array(3)), lastLevelDays: numbersOf(new Uint16Array(3)) });

test('the level is the number of edges reached', () => {
  expect([0, 9, 10, 24, 25, 60, 9_999].map((count) => levelOf(count, edges))).toEqual([0, 0, 1, 1, 2, 3, 3]);
});

test('a day counts once for a level and all below, and not for itself', () => {
  const record = levels();
  noteLevel(record, 2, 5);
  noteLevel(record, 2, 5);
  expect([daysAtLevel(record, 1, 5), daysAtLevel(record, 2, 5), daysAtLevel(record, 2, 6), daysAtLevel(record, 3, 6)]).toEqual([0, 0, 1, 0]);
  noteLevel(record, 1, 4);
  expect(daysAtLevel(record, 1, 6)).toBe(1);
});

test('what comes each week is soon no surprise', () => {
  const record = levels();
  const bits: number[] = [];
  for (let week = 1; week <= 6; week += 1) {
    bits.push(levelBits(record, 2, 7 * week, 7 * week));
    noteLevel(record, 2, 7 * week);
  }
  expect(bits[0]).toBeGreaterThan(7);
  expect(bits[5]).toBeLessThan(3.5);
  expect([...bits].sort((a, b) => b - a)).toEqual(bits);
});

test('of two histories the larger counts hold', () => {
  const [one, other] = [levels(), levels()];
  noteLevel(one, 1, 3);
  noteLevel(other, 2, 4);
  mergeLevels(one, other);
  expect([daysAtLevel(one, 1, 9), daysAtLevel(one, 2, 9), daysAtLevel(one, 2, 4)]).toEqual([1, 1, 0]);
});
