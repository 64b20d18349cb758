import { expect, test } from 'vitest';
import { calibration, cutOffs } from '../../detectors/calibration.ts';
import type { CutOff } from '../../detectors/cut-off.ts';
import { detectors } from '../../detectors/index.ts';

const rows: [string, CutOff][] = Object.entries(cutOffs);

test('the table has exactly the detectors that judge by bits, and they ship with its cut-offs', () => {
  const shipped = detectors.flatMap(({ id, parameters: { thresholdBits } }) => (thresholdBits === undefined ? [] : [[id, thresholdBits.default]]));
  expect(Object.fromEntries(shipped)).toEqual(Object.fromEntries(rows.map(([id, { bits }]) => [id, bits])));
});

test('it says what it rests on', () => {
  const { benchVersion, date, seeds, identities, identityDays, falseAlertsPer10000IdentityDays } = calibration;
  expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(new Set(seeds).size).toBe(seeds.length);
  expect(benchVersion).toBeGreaterThan(0);
  expect(identityDays).toBeGreaterThanOrEqual(identities * seeds.length);
  expect(falseAlertsPer10000IdentityDays).toBeGreaterThan(0);
});

test('what was measured keeps the budget together, and what was set says how much it may cost', () => {
  const measured = rows.filter(([, { basis }]) => basis === 'measured');
  const sum = measured.reduce((total, [, { expected }]) => total + (expected ?? 0), 0);
  expect(sum).toBeLessThanOrEqual(calibration.falseAlertsPer10000IdentityDays * 1.001);
  for (const [, { basis, expected, tried, atMost }] of rows) {
    expect(tried.length).toBeGreaterThan(1);
    expect(atMost).toBeGreaterThan(0);
    expect(expected === null).toBe(basis === 'set');
  }
});
