import { expect, test } from 'vitest';
import { crowd } from './crowd.ts';

test('who does not read takes nothing from who does: every change, once and in order; who comes back with a cursor misses nothing', async () => {
  const { gaps, seen, told, gapsAfter } = await crowd({ good: 20, silent: 20, alertsASecond: 1_000, seconds: 2 });
  expect({ gaps, seen, told, gapsAfter }).toEqual({ gaps: 0, seen: 2_000, told: 2_000, gapsAfter: 0 });
}, 30_000);
