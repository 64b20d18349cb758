import { describe, expect, onTestFinished, test } from 'vitest';
import { newIntent, type Intent } from '../../src/model/intent.ts';
import { digestOf, standing } from '../../src/respond/approvals.ts';
import { judge, type GateWorld } from '../../src/respond/gates.ts';
import { NeverRevoke } from '../../src/respond/never-revoke.ts';
import { opened } from '../store/support.ts';
import { beginMs, ManualTiming, minuteMs, Provider, proposalOf, Rig, targetOf } from './support.ts';

// What holds of all of them together could hide that one of them is never the one that counts.

const action = new Provider().action('provider', new ManualTiming());
const open: GateWorld = {
  nowMs: beginMs, isKilled: false, policyHash: 'policy', maxEvidenceAgeMs: 15 * minuteMs, action, isProtected: () => false, isKnown: () => true, whyByHand: () => null,
  wouldBreak: () => false, isBlocked: () => false, isBusy: () => false, isOverCap: () => false, isBreakerOpen: () => false,
};
const ready = (change: Partial<Intent> = {}): Intent => ({ ...newIntent(proposalOf('a')), state: 'ready', ...change });
const approvedBy = (...people: string[]): Intent => ready({ approvals: people.map((by) => ({ by, atMs: beginMs, of: digestOf(ready()) })) });

describe('with this gate alone shut', () => {
  test.each<[string, Partial<GateWorld>]>([
    ['the kill switch', { isKilled: true }], ['the list', { isProtected: () => true }], ['an unknown token', { isKnown: () => false }], ['others', { wouldBreak: () => true }],
    ['no action', { action: undefined }], ['an action that does not do so', { action: { ...action, kinds: ['notify'] } }],
    ['an action that does not fit', { action: { ...action, fits: () => 'no_handle' } }], ['an earlier step', { isBlocked: () => true }], ['another intent', { isBusy: () => true }],
  ])('%s: it does not go, whoever agreed', (_, shut) => {
    const intents = [ready(), approvedBy('ann'), approvedBy('ann', 'bob')];
    expect(intents.map((intent) => judge(intent, open).kind)).toEqual(['go', 'go', 'go']);
    expect(intents.map((intent) => judge(intent, { ...open, ...shut }).kind)).not.toContain('go');
  });

  test.each<[string, Partial<GateWorld>, readonly boolean[]]>([
    ['another policy', { policyHash: 'other' }, [false, true, true]], ['a freeze', { whyByHand: () => 'frozen' }, [false, true, true]],
    ['old proof', { nowMs: beginMs + 15 * minuteMs + 1 }, [false, false, false]], ['proof of the future', { nowMs: beginMs - 5 * minuteMs - 1 }, [false, false, false]],
    ['a cap', { isOverCap: () => true }, [false, false, true]], ['the breaker', { isBreakerOpen: () => true }, [false, false, true]],
  ])('%s: it goes by the word of nobody, one, two', (_, shut, goes) => {
    expect([ready(), approvedBy('ann'), approvedBy('ann', 'bob')].map((intent) => judge(intent, { ...open, ...shut }).kind === 'go')).toEqual(goes);
  });
});

test('a word of who proposed or changed it does not stand, nor a second one of the same person', () => {
  expect(standing({ ...approvedBy('ann', 'ann', 'bob'), changedBy: ['bob'] }, beginMs).map(({ by }) => by)).toEqual(['ann']);
});

test('what is never acted upon is recognised however it is written', () => {
  const list = new NeverRevoke([{ client: ' Admin ' }, { issuer: 'https://SSO.example/', handle: 'akia1' }]);
  const protects = (change: Parameters<typeof targetOf>[1]) => list.protects(targetOf('t', change));
  expect([protects({ client: 'admin' }), protects({ client: 'ADMIN/' }), protects({ client: null, identityName: 'aDmIn' })]).toEqual([true, true, true]);
  expect([protects({ issuer: 'https://sso.example', handle: 'AKIA1' }), protects({ issuer: 'https://sso.example/', handle: 'AKIA2' }), protects({ client: 'admins' })]).toEqual([true, false, false]);
});

test('that it is dead proves nothing where it was so before', async () => {
  const rig = new Rig(opened(null));
  onTestFinished(() => rig.stop());
  rig.provider.dead.add('a');
  rig.start();
  rig.propose(proposalOf('a'));
  await rig.timing.pass(20 * minuteMs);
  expect([rig.stands('a-0'), rig.pages()]).toEqual(['unknown: never_seen_alive', ['unverified']]);
});
