import { expect, test } from 'vitest';
import { parameterValues } from '../../src/config/parameters.ts';

const detector = {
  id: 'dormant', parameters: {
    after: { default: 'auto', kind: 'duration-or-auto', describe: '' },
    grace: { default: '14d', kind: 'duration', describe: '' },
    minimumBytes: { default: '10MB', kind: 'bytes', describe: '' },
    factor: { default: 4, kind: 'number', describe: '' },
  },
} as const;

test('defaults reach the detector in milliseconds and bytes, auto as null', () => {
  expect(parameterValues(detector, { detectors: {} })).toEqual({ after: null, grace: 1_209_600_000, minimumBytes: 10_000_000, factor: 4 });
});

test('configured values take their place; 0 is a duration', () => {
  const detectors = { dormant: { after: 0, grace: '1h', minimum_bytes: 5, factor: 0.5 }, other: { after: '1d' } };
  expect(parameterValues(detector, { detectors })).toEqual({ after: 0, grace: 3_600_000, minimumBytes: 5, factor: 0.5 });
  expect(parameterValues(detector, { detectors: { dormant: { after: '30d' } } }).after).toBe(2_592_000_000);
});

test('a default that does not fit its kind is a broken declaration', () => {
  const broken = { id: 'x', parameters: { after: { default: 'soon', kind: 'duration', describe: '' } } } as const;
  expect(() => parameterValues(broken, { detectors: {} })).toThrow('x.after: "soon" is no duration');
});
