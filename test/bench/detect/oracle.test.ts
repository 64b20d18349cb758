import { describe, expect, test } from 'vitest';
import { Random } from '../../support/estate/random.ts';
import { dayMs, type Workload } from './calls.ts';
import { Learner } from './learner.ts';
import { cutOffOf, Oracle } from './oracle.ts';
import { makeWorkloads } from './workloads.ts';

const workload = makeWorkloads(40, 7).find(({ profile }) => profile === 'nightly') as Workload;
const day = 300;

function quiet(random: Random): { endMs: number; bytes: number }[] {
  const calls: { endMs: number; bytes: number }[] = [];
  workload.rhythm.day({ ...workload, random }, day, (endMs, bytes) => calls.push({ endMs, bytes }));
  return calls;
}

describe('who knows a workload', () => {
  const oracle = new Oracle(workload, day, 1, 60);

  test('hardly ever takes an ordinary day for a theft, and sees what is far beyond one', () => {
    const random = new Random(99);
    const days = Array.from({ length: 300 }, () => quiet(random));
    expect(days.filter((calls) => oracle.sees(calls)).length).toBeLessThanOrEqual(1);
    const [own = []] = days;
    const total = own.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(oracle.sees([...own, { endMs: day * dayMs, bytes: 10 * total }])).toBe(true);
    expect(oracle.score([...own, { endMs: day * dayMs, bytes: 10 * total }])).toBeGreaterThan(oracle.score(own));
  });

  test('the learner has a cut-off that ordinary days pass once in 10,000', () => {
    const cutOff = cutOffOf([{ highest: oracle.highestScores }]);
    // Of 80,000; what is counted in calls comes in steps, so some are equal.
    expect(oracle.highestScores.filter((score) => score > cutOff).length).toBeLessThanOrEqual(8);
    expect(oracle.highestScores.filter((score) => score >= cutOff).length).toBeGreaterThan(8);
  });
});

describe('who must learn it', () => {
  const days = (count: number) => Array.from({ length: count }, (_, at) => [1e6 * (1 + at % 5 / 10), 20, 1e5, 0, 1e5, 5]);
  const large = [1e7, 20, 1e5, 0, 1e5, 5];

  test('is surer after more days', () => {
    expect(new Learner(days(60)).score(large)).toBeGreaterThan(new Learner(days(5)).score(large));
  });

  test('less than usual is nothing', () => {
    expect(new Learner(days(60)).score([1e3, 1, 1e3, -3, 1e3, 1])).toBe(0);
  });
});
