import { describe, expect, test } from 'vitest';
import { lowestCutOff, scaleOf } from './cut-offs.ts';

const days = 100_000;
/** Alerts of a detector whose false alerts grow rarer by half with each `scale` bits. */
const tried = (atTen: number, scale: number) => [10, 12, 14].map((bits) => ({ bits, alerts: Math.round(atTen * 2 ** (-(bits - 10) / scale)) }));

describe('cut-offs', () => {
  test('the fall-off is found again', () => {
    expect(scaleOf(tried(4_000, 1))).toBeCloseTo(1, 1);
    expect(scaleOf(tried(4_000, 2.5))).toBeCloseTo(2.5, 1);
  });

  test('the share is kept with its interval, and hardly undercut', () => {
    const found = lowestCutOff(tried(4_000, 1), days, 0.1);
    expect(found!.atMost).toBeLessThanOrEqual(0.1);
    // 4,000 are 400 per 10,000 days: twelve halvings to a tenth, and some for the interval.
    expect(found!.bits).toBeGreaterThan(22);
    expect(found!.bits).toBeLessThan(23);
    expect(found!.expected).toBeLessThan(found!.atMost);
  });

  test('fewer alerts to judge by ask for more bits', () => {
    const few = lowestCutOff(tried(40, 2), days, 0.1);
    const many = lowestCutOff(tried(40, 2).map(({ bits, alerts }) => ({ bits, alerts: alerts * 100 })), days * 100, 0.1);
    expect(few!.bits).toBeGreaterThan(many!.bits);
  });

  test('a detector that is quiet as low as was tried is left there; of one that hardly alerts nothing is said', () => {
    expect(lowestCutOff([{ bits: 6, alerts: 12 }, { bits: 8, alerts: 2 }], 1e9, 0.1)).toMatchObject({ bits: 6 });
    expect(lowestCutOff([{ bits: 6, alerts: 9 }, { bits: 8, alerts: 2 }], days, 0.1)).toBeNull();
  });

  test('a cut-off without end is none', () => {
    expect(lowestCutOff([{ bits: 6, alerts: 50 }, { bits: 8, alerts: 50 }, { bits: 10, alerts: 50 }], days, 0.1)).toBeNull();
  });
});
