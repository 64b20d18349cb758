import { expect, test } from 'vitest';
import { makeFolder } from '../store/support.ts';
import { killRevoking, killUndoing, points, undoPoints } from './crash-series.ts';

// Two kills at each point; `npm run bars -- --only executor` does twenty.

const kills = 2;
const clean = { missing: [], repeated: [], foreign: [], resent: [], isChainWhole: true };

test.each(points)('killed at: %s', async (point) => {
  const outcome = await killRevoking(makeFolder(), point, kills);
  expect(outcome).toMatchObject({ ...clean, intents: 3, dead: 3 });
  expect(outcome.deliveries - outcome.intents).toBeLessThanOrEqual(kills);
}, 60_000);

test.each(undoPoints)('undoing, killed at: %s', async (point) => {
  const outcome = await killUndoing(makeFolder(), point, 1);
  expect(outcome).toMatchObject({ ...clean, intents: 2, dead: 0 });
  expect(outcome.deliveries - outcome.intents).toBeLessThanOrEqual(1);
}, 60_000);
