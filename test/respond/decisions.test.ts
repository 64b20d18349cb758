import { expect, test } from 'vitest';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { Dependent, StepKind } from '../../src/model/intent.ts';
import { actionSchema } from '../../src/config/respond-schema.ts';
import { Decisions } from '../../src/respond/decisions.ts';
import type { Knowledge } from '../../src/respond/port.ts';
import { alertOf, knowing, situationOf, thief, userOf } from './decide-support.ts';
import { opened } from '../store/support.ts';
import { proposalOf, Rig } from './support.ts';

const disable = actionSchema.parse({ name: 'off', type: 'keycloak', call: 'client_disable', base_url: 'https://k.example', realm: 'r', client_id: 'c', client_secret_file: 'f' });
const facts = { evidenceOf: () => null, sufficesAlone: (id: string) => id === 'honeytoken' };

function decisionsOf(users: readonly Dependent[], more: Partial<Knowledge> = {}): Decisions {
  return new Decisions({
    policy: [], exceptions: [], rules: [], kafka: null, sinks: [], respond: {
      actions: [disable], neverRevoke: [], maxDependents: 1, caps: { perMinute: 1, perHour: 1, perDay: 1, shareOfTokens: 0 }, killSwitchFile: null, maxEvidenceAgeMs: 1,
      sealTokens: null, auditCheckpoints: null, freeze: [], tell: null,
    },
  }, knowing(users, [], more), facts);
}

const [one, other] = [userOf('rates', '10.1.0.0/24'), userOf('batch', '10.2.0.0/24')];
const step = (kind: StepKind, action = 'gateways') => proposalOf('a', { kind, action });

test.each<[string, boolean, boolean]>([
  ['nobody but the thief uses it', decisionsOf([thief]).wouldBreak(step('deny'), alertOf()), false],
  ['as many as are allowed use it', decisionsOf([one, thief]).wouldBreak(step('revoke'), alertOf()), false],
  ['somebody more came to use it since it was decided', decisionsOf([one, other, thief]).wouldBreak(step('deny'), alertOf()), true],
  ['it is pinned, and all others have places of their own', decisionsOf([one, other, thief]).wouldBreak(step('pin'), alertOf()), false],
  ['it is pinned, and nobody else uses it any more', decisionsOf([thief]).wouldBreak(step('pin'), alertOf()), true],
  ['the call ends a client that more use', decisionsOf([one], { identityUsers: () => [one, other] }).wouldBreak(step('revoke', 'off'), alertOf()), true],
  ['nobody knows who uses the client', decisionsOf([one], { identityUsers: () => null }).wouldBreak(step('revoke', 'off'), alertOf()), true],
  ['the alert is not there any more', decisionsOf([thief]).wouldBreak(step('deny'), null), true],
])('by what is known now, where %s', (_, found, expected) => {
  expect(found).toBe(expected);
});

test('what would break others by now is not begun, though it was approved', async () => {
  const breaking = [] as string[];
  const rig = new Rig(opened(null), { breaking });
  rig.propose(proposalOf('a', { mode: 'approve' }));
  rig.start();
  await rig.timing.pass(1_500);
  breaking.push('a-0');
  rig.desk.approve('a-0', 'ann');
  await rig.timing.pass(3_000);
  expect([rig.stands('a-0'), rig.provider.calls]).toEqual(['proposed: would_break_others', []]);
  await rig.stop();
});

test('what the service acts with is its own: never acted upon, whatever the log calls it', () => {
  const decisions = decisionsOf([]);
  const event = (part: Partial<TokenEvent>): TokenEvent => ({ ...emptyEvent('test', 0), ...part });
  expect([{ userId: 'c' }, { userName: 'C' }, { identityId: 'c' }, { userId: 'd' }].map((part) => decisions.isOwn(event(part)))).toEqual([true, true, true, false]);
  expect(decisions.policy.neverRevoke.protects(step('deny').target)).toBe(false);
  expect(decisions.policy.neverRevoke.protects({ ...step('deny').target, client: 'c' })).toBe(true);
});

test('a detector that suffices alone says so of the whole incident', () => {
  const { alert, incident } = situationOf();
  const decisions = decisionsOf([]);
  expect([['egress-spike'], ['egress-spike', 'honeytoken']].map((detectors) => decisions.situation(alert, incident, detectors).isCertain)).toEqual([false, true]);
});
