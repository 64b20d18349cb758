import { expect, test } from 'vitest';
import { siege } from './siege.ts';

test('fragments without end are told so, requests without end are cut, and the server lives', async () => {
  const { codes, left, isAlive } = await siege({ senders: 10, fragments: 2_000, slow: 200, atOnce: 200 });
  expect({ codes, left, isAlive }).toEqual({ codes: { 1008: 10 }, left: 0, isAlive: true });
}, 30_000);
