import { expect, onTestFinished, test } from 'vitest';
import { digestOf } from '../../src/respond/approvals.ts';
import { Chance } from '../support/logs/random.ts';
import { opened } from '../store/support.ts';
import { minuteMs, proposalOf, Rig } from './support.ts';

const inAll = 5_000;
const accounts = ['ann', 'bob', 'cyd'];

/** Begins with an intent that waits for two people, one of whom has agreed. */
interface Wrong { readonly what: string; readonly wait: number; say(rig: Rig, id: string, first: string): boolean }

const change = (id: string, keepNetworks: string[], rig: Rig) => proposalOf(id.slice(0, -2), { mode: 'approve', keepNetworks, provenMs: rig.timing.now() });

const wrongs: readonly Wrong[] = [
  { what: 'the same person twice', wait: 0, say: (rig, id, first) => rig.desk.approve(id, first).ok },
  { what: 'the same person under no name', wait: 0, say: (rig, id) => rig.desk.approve(id, ' ').ok },
  { what: 'who proposed it', wait: 0, say: (rig, id) => rig.desk.approve(id, 'author').ok },
  { what: 'for what was seen before it changed', wait: 0, say: (rig, id, first) => {
    const seen = digestOf(rig.intent(id));
    rig.propose(change(id, ['203.0.113.0/24'], rig));
    return rig.desk.approve(id, accounts.find((name) => name !== first)!, seen).ok;
  } },
  { what: 'of which the first has expired', wait: 15 * minuteMs + 1, say: (rig, id, first) => {
    rig.desk.approve(id, accounts.find((name) => name !== first)!);
    return rig.intent(id).state === 'ready';
  } },
  { what: 'of which the first was for something else', wait: 0, say: (rig, id, first) => {
    rig.propose(change(id, ['198.51.100.0/24'], rig));
    rig.desk.approve(id, accounts.find((name) => name !== first)!);
    return rig.intent(id).state === 'ready';
  } },
  { what: 'after it was rejected', wait: 0, say: (rig, id, first) => {
    rig.desk.reject(id, 'dan');
    return rig.desk.approve(id, accounts.find((name) => name !== first)!).ok;
  } },
];

test(`none of ${inAll} wrong approvals lets anything go; each word that was refused is noted`, async () => {
  const rig = new Rig(opened(null), { caps: { perMinute: 1e6, perHour: 1e6, perDay: 1e6 } });
  onTestFinished(() => rig.stop());
  const chance = new Chance(3);
  const ids = Array.from({ length: inAll }, (_, place) => `token-${place}-0`);
  rig.store.effects.transact(() => ({ proposals: ids.map((id) => proposalOf(id.slice(0, -2), { mode: 'approve' })) }));
  const waiting = (id: string) => ({ ...rig.intent(id), version: 9, state: 'waiting_approval' as const, why: 'over_cap', approvalsNeeded: 2, changedBy: ['author'] });
  rig.store.effects.transact(() => ({ intents: ids.map(waiting) }));
  const through: string[] = [];
  for (const [place, id] of ids.entries()) {
    const { what, wait, say } = wrongs[place % wrongs.length]!;
    const first = chance.oneOf(accounts);
    expect(rig.desk.approve(id, first)).toEqual({ ok: true });
    rig.timing.nowMs += wait;
    if (say(rig, id, first)) through.push(what);
  }
  expect(through).toEqual([]);
  expect(rig.store.effects.responses.intents({ states: ['ready'] })).toEqual([]);
  rig.start();
  await rig.timing.pass(5_000);
  expect(rig.provider.calls).toEqual([]);
  const refused = [...rig.store.effects.responses.audit()].filter(({ kind }) => kind === 'intent.refused_to').length;
  const noted = ids.filter((_, place) => ['the same person twice', 'who proposed it', 'for what was seen before it changed', 'after it was rejected'].includes(wrongs[place % wrongs.length]!.what));
  expect(refused).toBe(noted.length);
}, 60_000);

test('two people, in time and for the same, let each of them go', async () => {
  const rig = new Rig(opened(null), { caps: { perMinute: 0 } });
  onTestFinished(() => rig.stop());
  rig.start();
  rig.propose(proposalOf('a'));
  await rig.timing.pass(3_000);
  expect(rig.stands('a-0')).toBe('waiting_approval: over_cap');
  for (const account of ['ann', 'bob']) expect(rig.desk.approve('a-0', account)).toEqual({ ok: true });
  await rig.timing.pass(3_000);
  expect(rig.stands('a-0')).toBe('verified: probed');
});
