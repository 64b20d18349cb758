import { expect, onTestFinished, test } from 'vitest';
import { ResponseRig } from './response-rig.ts';
import { settings, weather } from './storm.ts';

// `npm run bars -- --only storm` flags 20,000 tokens, with three kills.

test('a rule that flags every token, a kill, a clock set back and a restart: it stops at the cap, and the one theft is stopped', async () => {
  const rig = await ResponseRig.open(settings);
  onTestFinished(() => rig.close());
  const tokens = 1_000;
  const after = await weather(rig, { seed: 3, tokens, kills: 1, clockStepsMs: [-3_600_000, 0] });
  expect(after.flagged).toBeGreaterThanOrEqual(tokens);
  // Eight of ten a minute: the rest is kept for what is critical.
  const others = after.ended.filter((handle) => handle !== after.stolen).length;
  // What was signed by a clock that is off is refused there, and counts as a call all the same.
  expect([others + after.refused > 0, others + after.refused <= 10]).toEqual([true, true]);
  expect(after.ended).toContain(after.stolen);
  expect(after).toMatchObject({ touchedProtected: false, repeated: [], pages: 1, isBreakerOpen: true, isChainWhole: true, stolenStands: 'verified enforce' });
  expect(after.deliveries - after.ended.length).toBeLessThanOrEqual(1);
}, 120_000);
