import { expect, test } from 'vitest';
import { growthOf, Proposals } from '../../src/engine/proposals.ts';
import type { Alert } from '../../src/model/alert.ts';
import { newIntent, type Intent, type Proposal } from '../../src/model/intent.ts';
import type { IntentFilter } from '../../src/store/port.ts';
import { digestOf } from '../../src/respond/approvals.ts';

const proposal = (more: Partial<Proposal> = {}): Proposal => ({
  id: 'p1', planId: 'l1', step: 0, kind: 'deny', action: 'gateways', mode: 'approve', rule: 'stolen', policyHash: 'h1', incidentId: 'i1', alertId: 'a1', severity: 73,
  reason: 'r', dependents: [], keepNetworks: [], keepWorkloads: [], provenMs: 1_000, lowered: null, refused: null, decidedMs: 1_000,
  target: { token: 't1', handle: null, tokenKind: 'jwt', issuer: null, identityId: null, identityName: null, userId: null, client: null, sha256: null, expiresAtMs: null },
  ...more,
});
const alert = (more: Partial<Alert> = {}): Alert => ({ id: 'a1', incidentId: 'i1', tokens: ['t1'], announced: [], provenMs: 25_000, late: false, count: 1, ...more }) as Alert;

function storeOf(...known: Proposal[]) {
  const intents = known.map((one): Intent => newIntent(one));
  return {
    intent: (id: string) => intents.find((one) => one.id === id) ?? null,
    intents: ({ token }: IntentFilter = {}) => intents.filter(({ target }) => token === undefined || target.token === token),
  };
}

test('an alert is worth another decision when it tells something new, not for each further hit', () => {
  const least = growthOf(alert());
  expect(growthOf(undefined)).toBeLessThan(least);
  expect(growthOf(alert({ count: 3 }))).toBe(growthOf(alert({ count: 2 })));
  for (const more of [{ count: 4 }, { tokens: ['t1', 't2'] }, { announced: [{ timeMs: 1, severity: 99, reason: '', bytesOut: 1 }] }]) {
    expect(growthOf(alert(more))).toBeGreaterThan(least);
  }
  expect(growthOf(alert({ provenMs: null }))).toBeLessThan(least);
  expect(growthOf(alert({ late: true }))).toBeLessThan(least);
});

test('a further hit makes what was proposed before fresh, for the alert\'s own tokens only', () => {
  const other = proposal({ id: 'p2', target: { ...proposal().target, token: 't2' } });
  const known = storeOf(proposal(), other);
  expect(new Proposals().take([alert()], known).map(({ id, provenMs }) => [id, provenMs])).toEqual([['p1', 20_000]]);
  expect(new Proposals().take([alert({ provenMs: 29_999 })], storeOf(proposal({ provenMs: 20_000 })))).toEqual([]);
  expect(new Proposals().take([alert({ provenMs: null }), alert({ provenMs: 500 })], known)).toEqual([]);
});

test('what one alert lacks does not hold up what another one holds, whichever comes first; what speaks against the token does', () => {
  const strong = proposal({ mode: 'enforce' });
  const weak = proposal({ alertId: 'a2', severity: 99, provenMs: null, lowered: 'unproven' });
  const come = (...all: Proposal[]) => {
    const proposals = new Proposals();
    proposals.add(all);
    return proposals.take([], storeOf()).map(({ mode, lowered, provenMs }) => [mode, lowered, provenMs]);
  };
  expect([come(strong, weak), come(weak, strong)]).toEqual([[['enforce', null, 1_000]], [['enforce', null, 1_000]]]);
  expect(come(strong, { ...weak, lowered: 'shared_credential' })).toEqual([['approve', 'shared_credential', 1_000]]);
  expect(come(strong, { ...weak, policyHash: 'h2' })).toEqual([['approve', 'unproven', 1_000]]);
});

test('what was decided and proven within one batch comes out as over two', () => {
  const [one, first, second] = [new Proposals(), new Proposals(), new Proposals()];
  for (const proposals of [one, first]) proposals.add([proposal()]);
  const atOnce = one.take([alert()], storeOf());
  const inTurn = second.take([alert()], storeOf(...first.take([alert({ provenMs: 1_000 })], storeOf())));
  expect(inTurn.map(({ id, provenMs }) => [id, provenMs])).toEqual(atOnce.map(({ id, provenMs }) => [id, provenMs]));
  expect(atOnce[0]?.provenMs).toBe(20_000);
});

test('the newest decision counts; under one policy the rule of the more severe alert', () => {
  const taken = (known: Proposal | null, ...made: Proposal[]): Proposal => {
    const proposals = new Proposals();
    proposals.add(made);
    const all = proposals.take([], known === null ? storeOf() : storeOf(known));
    expect(all).toHaveLength(1);
    expect(proposals.take([], storeOf())).toEqual([]);
    return all[0] as Proposal;
  };
  const severe = proposal({ severity: 99, rule: 'critical', mode: 'enforce' });
  expect(taken(null, proposal(), severe)).toMatchObject({ rule: 'critical', mode: 'enforce' });
  expect(taken(null, severe, proposal({ provenMs: 9_000 }))).toMatchObject({ rule: 'critical', mode: 'enforce', severity: 99, provenMs: 9_000 });
  expect(taken(severe, proposal())).toMatchObject({ rule: 'critical' });
  expect(taken(severe, proposal({ policyHash: 'h2' }))).toMatchObject({ rule: 'stolen', mode: 'approve', policyHash: 'h2' });
  expect(taken(severe, proposal({ rule: 'critical', refused: 'would_break_others' }))).toMatchObject({ refused: 'would_break_others', severity: 99 });
});

test('what another alert says in other words, and calls that go on, change nothing under the eyes of who decides', () => {
  const dependent = { workloadId: 'w', name: 'w', networks: ['10.1.2.0/24'], resources: [], callsPerDay: 5, firstSeenMs: 1, lastSeenMs: 2, suspect: false };
  const other = { ...dependent, workloadId: 'v', name: 'v' };
  const known = proposal({ dependents: [dependent, other] });
  const stored = newIntent(known);
  const taken = (again: Proposal): Proposal => {
    const proposals = new Proposals();
    proposals.add([again]);
    return proposals.take([], storeOf(known))[0] as Proposal;
  };
  const busier = { ...other, callsPerDay: 9, lastSeenMs: 7, resources: ['r'] };
  const again = taken(proposal({ alertId: 'a2', reason: 'other words', dependents: [busier, dependent], provenMs: 3_000 }));
  expect(again).toMatchObject({ alertId: 'a1', reason: 'r', provenMs: 3_000 });
  expect(digestOf({ ...stored, dependents: [busier, dependent] })).toBe(digestOf(stored));
  expect(taken(proposal({ severity: 99, reason: 'worse', dependents: known.dependents }))).toMatchObject({ reason: 'worse' });
  const strange = { ...other, suspect: true };
  expect(taken(proposal({ reason: 'now a stranger', dependents: [dependent, strange] }))).toMatchObject({ reason: 'now a stranger' });
  expect(digestOf({ ...stored, dependents: [dependent, strange] })).not.toBe(digestOf(stored));
});
