import { expect, onTestFinished, test } from 'vitest';
import type { Dependent } from '../../../src/model/intent.ts';
import { watchAction } from '../../../src/respond/actions/watch.ts';
import { decide } from '../../../src/respond/decide.ts';
import { knowing, policyOf, ruleOf, situationOf, thief, userOf } from '../decide-support.ts';
import { opened } from '../../store/support.ts';
import { beginMs, ManualTiming, minuteMs, proposalOf, Rig } from '../support.ts';

/** A plan that only watches, for two hours. */
async function watched(users: readonly Dependent[]): Promise<Rig> {
  const timing = new ManualTiming();
  const rig = new Rig(opened(null), { actions: [watchAction(() => users, () => timing.now())] }, timing);
  rig.propose(proposalOf('a', { kind: 'watch', action: 'watch' }));
  rig.start();
  onTestFinished(() => rig.stop());
  await rig.timing.pass(120 * minuteMs);
  return rig;
}

const seen = (minutes: number, suspect: boolean): Dependent => userOf('curl', '198.51.100.0/24', { suspect, lastSeenMs: beginMs + minutes * minuteMs });

test('a token that what deviates does not show any more is proven quiet', async () => {
  const rig = await watched([seen(10, true), seen(90, false)]);
  expect([rig.stands('a-0'), rig.pages()]).toEqual(['verified: probed', []]);
});

test('where it goes on after the time that gateways keep answers, somebody is called', async () => {
  const rig = await watched([seen(20, true)]);
  expect([rig.stands('a-0'), rig.pages()]).toEqual(['unknown: still_alive', ['unverified']]);
});

test('a step "watch" needs no action, and is not refused for anybody\'s sake', () => {
  const proposals = decide(situationOf(), knowing([userOf('a', '10.1.0.0/24'), userOf('b', '10.2.0.0/24'), thief]), policyOf([ruleOf({ plan: [{ do: 'watch', by: '' }] })]));
  expect(proposals.map(({ kind, action, refused }) => [kind, action, refused])).toEqual([['watch', 'watch', null]]);
});
