import { describe, expect, onTestFinished, test } from 'vitest';
import { makeFreeze } from '../../src/config/freeze.ts';
import type { Proposal } from '../../src/model/intent.ts';
import { whyByHand } from '../../src/respond/by-hand.ts';
import { opened } from '../store/support.ts';
import { ruleOf } from './decide-support.ts';
import { beginMs, minuteMs, proposalOf, Rig, type RigOptions } from './support.ts';

const caps = { perMinute: 10, perHour: 50, perDay: 20, shareOfTokens: 0 };
const rule = ruleOf({ name: 'stolen' });

/** Everything that acts, asking what the service asks. */
function rigOf({ freeze = [], rules = [rule] }: { readonly freeze?: Parameters<typeof makeFreeze>[0][]; readonly rules?: RigOptions['rules'] } = {}): Rig {
  const rig: Rig = new Rig(opened(null), {
    rules, byHand: (intent, nowMs, enforcement) => whyByHand(intent, nowMs, { enforcement, freeze: freeze.map(makeFreeze), caps, rules: () => rules, responses: rig.store.effects.responses }),
  });
  rig.enforcement.begin(beginMs);
  rig.start();
  onTestFinished(() => rig.stop());
  return rig;
}

const of = (token: string, change: Partial<Proposal> = {}): Proposal => proposalOf(token, { lineage: 'root', ...change });

describe('in a freeze', () => {
  const freeze = [{ name: 'release', from: new Date(beginMs).toISOString(), to: new Date(beginMs + 60 * minuteMs).toISOString() }];

  test('what would go by itself waits for a person, who is still heard; somebody is told all the same', async () => {
    const rig = rigOf({ freeze });
    rig.propose(of('a'), of('b', { kind: 'notify' }));
    await rig.timing.pass(3_000);
    expect([rig.stands('a-0'), rig.stands('b-0')]).toEqual(['waiting_approval: frozen', 'verified: taken']);
    rig.desk.approve('a-0', 'ann');
    await rig.timing.pass(3_000);
    expect(rig.stands('a-0')).toBe('verified: probed');
  });

  test('and goes by itself with the first fresh hit after it', async () => {
    const rig = rigOf({ freeze });
    rig.propose(of('a'));
    await rig.timing.pass(61 * minuteMs);
    expect(rig.stands('a-0')).toBe('waiting_approval: frozen');
    rig.propose(of('a', { provenMs: rig.timing.now() }));
    await rig.timing.pass(3_000);
    expect(rig.stands('a-0')).toBe('verified: probed');
  });
});

test('forged thefts of one identity use up half of what the caps allow and open no breaker; the genuine theft after them is stopped', async () => {
  const rig = rigOf();
  const forged = (from: number, count: number) => Array.from({ length: count }, (_, place) => {
    const proposal = proposalOf(`forged-${from + place}`, { severity: 99, lineage: `root-${from + place}`, provenMs: rig.timing.now() });
    return { ...proposal, target: { ...proposal.target, identityId: 'worthless' } };
  });
  const standsOf = (prefix: string) => rig.store.effects.responses.intents().filter(({ id, sentMs }) => id.startsWith(prefix) && sentMs !== null).length;
  for (let round = 0; round < 4; round++) {
    rig.propose(...forged(round * 10, 10));
    await rig.timing.pass(90_000);
  }
  expect(standsOf('forged-')).toBe(10);
  expect(rig.pages()).toEqual([]);
  rig.propose(proposalOf('stolen', { severity: 99, lineage: 'own', provenMs: rig.timing.now() }));
  await rig.timing.pass(5_000);
  expect(rig.stands('stolen-0')).toBe('verified: probed');
  expect(rig.stands('forged-39-0')).toBe('waiting_approval: identity_over_share');
});

test('of one lineage one plan goes by itself in an hour, with all its steps', async () => {
  const rig = rigOf();
  rig.propose(of('a'), of('a', { step: 1, kind: 'deny' }));
  await rig.timing.pass(5_000);
  expect(['a-0', 'a-1'].map((id) => [rig.intent(id).sentMs !== null, rig.intent(id).approvals])).toEqual([[true, []], [true, []]]);
  rig.propose(of('b'), of('c', { kind: 'notify' }), proposalOf('d', { lineage: 'another' }));
  await rig.timing.pass(3_000);
  expect([rig.stands('b-0'), rig.stands('c-0'), rig.stands('d-0')]).toEqual(['waiting_approval: lineage_again', 'verified: taken', 'verified: probed']);
  await rig.timing.pass(61 * minuteMs);
  rig.propose(of('b', { provenMs: rig.timing.now() }));
  await rig.timing.pass(3_000);
  expect(rig.stands('b-0')).toBe('verified: probed');
});

test('what a person let go does not count for the hour', async () => {
  const rig = rigOf();
  rig.propose(of('a', { mode: 'approve' }));
  await rig.timing.pass(1_500);
  rig.desk.approve('a-0', 'ann');
  await rig.timing.pass(3_000);
  rig.propose(of('b'));
  await rig.timing.pass(3_000);
  expect([rig.stands('a-0'), rig.stands('b-0')]).toEqual(['verified: probed', 'verified: probed']);
});

test('a rule\'s own caps hold besides the general ones, and only for it', async () => {
  const rules = [ruleOf({ name: 'stolen', caps: { perHour: 2 } }), ruleOf({ name: 'other' })];
  const rig = rigOf({ rules });
  for (const token of ['a', 'b', 'c']) rig.propose(proposalOf(token));
  await rig.timing.pass(3_000);
  rig.propose(proposalOf('d', { rule: 'other' }));
  await rig.timing.pass(3_000);
  const states = ['a-0', 'b-0', 'c-0'].map((id) => rig.stands(id));
  expect(states.toSorted((x, y) => (x < y ? -1 : 1))).toEqual(['verified: probed', 'verified: probed', 'waiting_approval: rule_over_cap']);
  expect(rig.stands('d-0')).toBe('verified: probed');
});

test('a rule that nobody has, or that two people have not agreed to, lets nothing go', async () => {
  const rig = rigOf();
  rig.propose(proposalOf('a', { rule: 'gone' }));
  await rig.timing.pass(3_000);
  expect(rig.stands('a-0')).toBe('waiting_approval: enforcement_unconfirmed');
});
