import { expect, test } from 'vitest';
import { makeFolder } from '../../store/support.ts';
import { outlive } from './moods.ts';

// `npm run bars -- --only moods` makes ten thousand calls.

test('a receiver that hangs, answers late, fails or breaks off when it is done: one effect each, always under the same id', async () => {
  const intents = 60;
  const { deliveries, states, needless, ...empty } = await outlive(makeFolder(), intents, 5);
  expect(empty).toEqual({ missing: [], repeated: [], foreign: [] });
  expect((states['verified'] ?? 0) + (states['unknown'] ?? 0)).toBe(intents);
  expect(deliveries).toBeGreaterThan(intents);
  // Asked before it is sent again: what is found to be done is not.
  expect(needless).toBe(0);
}, 120_000);
