import { onTestFinished, expect, test } from 'vitest';
import { makeFolder, opened } from '../store/support.ts';
import { beginMs, minuteMs, Provider, proposalOf, Rig, type RigOptions } from './support.ts';

function begin(options: RigOptions = {}): Rig {
  const rig = new Rig(opened(null), options);
  onTestFinished(() => rig.stop());
  rig.start();
  return rig;
}

test('enforced: sent once, accepted, and verified by a probe that had said alive', async () => {
  const rig = begin();
  rig.propose(proposalOf('a'));
  await rig.timing.pass(2_000);
  expect(rig.stands('a-0')).toBe('verified: probed');
  expect(rig.provider.calls.map(({ id }) => id)).toEqual(['a-0']);
  expect(rig.notes('a-0')).toEqual(['intent.ready', 'intent.sending', 'intent.accepted', 'intent.verified']);
});

test('observed: only shown, with one note however often it is proposed', async () => {
  const rig = begin();
  for (let time = 0; time < 3; time++) {
    rig.propose(proposalOf('a', { mode: 'observe', provenMs: beginMs + time }));
    await rig.timing.pass(minuteMs);
  }
  expect(rig.stands('a-0')).toBe('proposed: observe_only');
  expect(rig.notes('a-0')).toEqual(['intent.proposed']);
  expect(rig.provider.calls).toEqual([]);
});

test('what must not be done whoever agrees is only shown', async () => {
  const rig = begin({ never: [{ client: 'RATES' }] });
  rig.propose(
    proposalOf('a'), proposalOf('b', { refused: 'would_break_others', target: { ...proposalOf('b').target, client: null } }),
    proposalOf('c', { action: 'nobody', target: { ...proposalOf('c').target, client: null } }),
  );
  await rig.timing.pass(minuteMs);
  expect(['a-0', 'b-0', 'c-0'].map((id) => rig.stands(id))).toEqual(['proposed: never_revoke', 'proposed: would_break_others', 'proposed: unknown_action']);
  expect(rig.desk.approve('a-0', 'ann')).toEqual({ ok: false, reason: 'not_waiting' });
});

test('steps of a plan go in order, each after the one before has ended', async () => {
  const rig = begin();
  rig.provider.script = [{ kind: 'retry', reason: 'busy', afterMs: 3_000 }, { kind: 'failed', reason: 'not_allowed' }];
  rig.propose(proposalOf('a', { step: 1, kind: 'notify' }), proposalOf('a', { step: 0, kind: 'deny' }));
  await rig.timing.pass(1_100);
  expect([rig.stands('a-0'), rig.stands('a-1')]).toEqual(['sending: busy', 'ready: policy']);
  await rig.timing.pass(5_000);
  expect([rig.stands('a-0'), rig.stands('a-1')]).toEqual(['failed: not_allowed', 'verified: taken']);
  expect(rig.pages()).toEqual(['action_failed']);
});

test('at most one intent for a token and action is under way', async () => {
  const rig = begin();
  rig.provider.lies = true;
  rig.propose(proposalOf('a'));
  await rig.timing.pass(1_000);
  rig.propose(proposalOf('a', { id: 'other', planId: 'other', incidentId: 'other' }));
  await rig.timing.pass(minuteMs);
  expect([rig.stands('a-0'), rig.stands('other')]).toEqual(['accepted: done', 'ready: policy']);
  await rig.timing.pass(15 * minuteMs);
  rig.propose(proposalOf('a', { id: 'other', planId: 'other', incidentId: 'other', provenMs: rig.timing.now() }));
  await rig.timing.pass(minuteMs);
  expect([rig.stands('a-0'), rig.stands('other')]).toEqual(['unknown: still_alive', 'accepted: done']);
});

test('evidence that became too old makes it stale; a fresh hit arms it again under the same id', async () => {
  const rig = begin();
  rig.propose(proposalOf('a', { provenMs: beginMs - 16 * minuteMs }));
  await rig.timing.pass(minuteMs);
  expect(rig.stands('a-0')).toBe('stale: evidence_too_old');
  rig.propose(proposalOf('a', { provenMs: beginMs + 30_000 }));
  await rig.timing.pass(5_000);
  expect(rig.stands('a-0')).toBe('verified: probed');
  expect(rig.notes('a-0')).toEqual(['intent.stale', 'intent.ready', 'intent.sending', 'intent.accepted', 'intent.verified']);
});

test('evidence of the future is none, and what nobody vouched for goes to people', async () => {
  const rig = begin();
  rig.propose(proposalOf('a', { provenMs: beginMs + 3_600_000 }), proposalOf('b', { provenMs: null }), proposalOf('c', { policyHash: 'former' }));
  await rig.timing.pass(5_000);
  expect(['a-0', 'b-0', 'c-0'].map((id) => rig.stands(id))).toEqual(['stale: evidence_too_old', 'waiting_approval: unproven', 'waiting_approval: policy_changed']);
  expect(rig.desk.approve('a-0', 'ann')).toEqual({ ok: true });
  await rig.timing.pass(5_000);
  expect(rig.stands('a-0')).toBe('verified: probed');
});

test('a call that fails is tried again with growing pauses, never sooner than was asked for, and given up after a day', async () => {
  const rig = begin();
  rig.provider.script = [{ kind: 'retry', reason: 'busy' }, { kind: 'retry', reason: 'busy' }, { kind: 'retry', reason: 'too_many', afterMs: 90_000 }, { kind: 'already' }];
  rig.propose(proposalOf('a'));
  await rig.timing.pass(3 * minuteMs);
  const times = rig.provider.calls.map(({ atMs }) => atMs - beginMs);
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(500);
  expect(times[3]! - times[2]!).toBeGreaterThanOrEqual(90_000);
  expect(rig.intent('a-0').attempts).toBe(4);
  rig.provider.isDown = true;
  rig.propose(proposalOf('b', { provenMs: rig.timing.now() }));
  await rig.timing.pass(5_000);
  expect(rig.intent('b-0').why).toBe('no_answer');
  rig.timing.nowMs += 24 * 3_600_000;
  await rig.timing.pass(2_000);
  expect(rig.stands('b-0')).toBe('failed: gave_up');
});

test('a provider that hangs is left after ten seconds', async () => {
  const hanging = new Provider().action('provider', { now: () => 0, random: () => 0, after: () => () => undefined }, { perform: () => new Promise(() => undefined), probe: null });
  const rig = begin({ actions: [hanging] });
  rig.propose(proposalOf('a'));
  await rig.timing.pass(12_000);
  expect(rig.stands('a-0')).toBe('sending: no_answer');
});

test('a success that nobody can prove is unknown after the exposure window, and raises', async () => {
  const timing = new Rig(opened(null)).timing;
  const rig = begin({ actions: [new Provider().action('provider', timing, { probe: null })] });
  rig.propose(proposalOf('a'));
  await rig.timing.pass(14 * minuteMs);
  expect(rig.stands('a-0')).toBe('accepted: done');
  await rig.timing.pass(2 * minuteMs);
  expect(rig.stands('a-0')).toBe('unknown: nobody_can_tell');
  expect(rig.pages()).toEqual(['unverified']);
});

test('found in sending by the next life: asked about first, and sent again under the same id where it did not take effect', async () => {
  const folder = makeFolder();
  const first = new Rig(opened(folder));
  const sending = (token: string) => ({ ...first.intent(`${token}-0`), version: 9, state: 'sending' as const, attempts: 1, sentMs: beginMs, probedAliveMs: beginMs });
  first.propose(proposalOf('a'), proposalOf('b'));
  first.store.effects.transact(() => ({ intents: [sending('a'), sending('b')] }));
  first.provider.dead.add('a');
  await first.store.close();
  const rig = new Rig(opened(folder), {}, first.timing, first.provider);
  onTestFinished(() => rig.stop());
  rig.start();
  await rig.timing.pass(5_000);
  expect([rig.stands('a-0'), rig.stands('b-0')]).toEqual(['verified: probed', 'verified: probed']);
  expect(rig.provider.calls.map(({ id }) => id)).toEqual(['b-0']);
});
