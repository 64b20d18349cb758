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

  test('the share is kept, and hardly undercut', () => {
    const found = lowestCutOff(tried(4_000, 1), days, 0.1);
    expect(found!.expected).toBeLessThanOrEqual(0.1);
    // 4,000 are 400 per 10,000 days: twelve halvings to a tenth.
    expect(found!.bits).toBeCloseTo(10 + Math.log2(4_000), 0);
    expect(found!.atMost).toBeGreaterThan(found!.expected);
  });

  test('the more alerts there are to judge by, the closer is what may come at most', () => {
    const few = lowestCutOff(tried(40, 2), days, 0.1);
    const many = lowestCutOff(tried(40, 2).map(({ bits, alerts }) => ({ bits, alerts: alerts * 100 })), days * 100, 0.1);
    expect(few!.bits).toBeCloseTo(many!.bits, 0);
    expect(few!.atMost).toBeGreaterThan(many!.atMost);
  });

  test('a detector that is quiet as low as was tried is left there; of one that hardly alerts nothing is said', () => {
    expect(lowestCutOff([{ bits: 6, alerts: 12 }, { bits: 8, alerts: 2 }], 1e9, 0.1)).toMatchObject({ bits: 6 });
    expect(lowestCutOff([{ bits: 6, alerts: 9 }, { bits: 8, alerts: 2 }], days, 0.1)).toBeNull();
  });

  test('below a floor of surprise a lower cut-off tells nothing', () => {
    const fall = tried(400, 1);
    const withFloor = [{ bits: 6, alerts: 400 }, { bits: 8, alerts: 400 }, ...fall];
    expect(lowestCutOff(withFloor, days, 0.1)).toEqual(lowestCutOff(fall, days, 0.1));
  });

  test('what no cut-off tried makes rarer has none', () => {
    expect(lowestCutOff([{ bits: 6, alerts: 50 }, { bits: 8, alerts: 49 }, { bits: 10, alerts: 48 }], days, 0.1)).toBeNull();
  });
});
