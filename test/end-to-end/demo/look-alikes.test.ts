import { expect, test } from 'vitest';
import { missing, playOnce } from './support.ts';

test.each([16, 17, 18, 19, 20])('seed %i: a month end, a new gateway and a vendor that moves raise nothing', async (seed) => {
  const { ok, told } = await playOnce(seed, true);
  expect(missing(told)).toEqual([]);
  expect(told).toContain('no alert');
  expect(ok).toBe(true);
}, 180_000);
