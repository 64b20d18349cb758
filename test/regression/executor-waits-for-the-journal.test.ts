import { expect, onTestFinished, test } from 'vitest';
import { proposalOf, Rig } from '../respond/support.ts';
import { opened } from '../store/support.ts';

// After a crash the registry is as old as its checkpoint until the journal's inputs have come again. The executor looked before that, found
// that the token of what was ready was not known, and put it aside for good.

test('what was ready when the service was killed is done once everything before has come again', async () => {
  let isWhole = false;
  const rig = new Rig(opened(null), { isWhole: () => isWhole, isKnown: () => isWhole });
  onTestFinished(() => rig.stop());
  rig.propose(proposalOf('a'));
  rig.start();
  await rig.timing.pass(5_000);
  expect([rig.stands('a-0'), rig.provider.calls.length]).toEqual(['proposed', 0]);
  isWhole = true;
  await rig.timing.pass(5_000);
  expect([rig.stands('a-0'), rig.provider.calls.length]).toEqual(['verified: probed', 1]);
});
