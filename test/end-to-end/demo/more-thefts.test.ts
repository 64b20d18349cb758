import { expect, test } from 'vitest';
import { missing, playOnce } from './support.ts';

// The stolen token is named and no other, less than 1 % leaves, nobody else notices: see the checks of the stories themselves.
test.each([9, 10, 11, 12, 13, 14, 15])('seed %i: two thefts end as they should', async (seed) => {
  const { ok, told } = await playOnce(seed, false);
  expect(missing(told)).toEqual([]);
  expect(ok).toBe(true);
}, 180_000);
