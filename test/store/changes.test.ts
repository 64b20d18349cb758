import { expect, test } from 'vitest';
import type { Proposal } from '../../src/model/intent.ts';
import { alertOf, batchOf, incidentOf, opened } from './support.ts';

function proposalOf(id: string, part: Partial<Proposal> = {}): Proposal {
  return {
    id, planId: 'p', step: 0, kind: 'deny', action: 'gateways', mode: 'approve', rule: 'stolen', policyHash: 'h', incidentId: 'i1', alertId: 'a1', severity: 73,
    reason: 'It was stolen.', dependents: [], keepNetworks: [], keepWorkloads: [], provenMs: 1000, lowered: null, refused: null, decidedMs: 1000,
    target: {
      token: 't', handle: 'h', tokenKind: 'jwt', issuer: null, identityId: 'x', identityName: null, userId: null, client: null, sha256: null, expiresAtMs: null,
    },
    ...part,
  };
}

test('what changed comes in pages that leave no change out and divide none', () => {
  const { effects } = opened(null);
  effects.commit(batchOf({ alerts: ['a', 'b', 'c'].map((id) => alertOf(id, 1)), incidents: [incidentOf('i', 1)] }));
  effects.commit(batchOf({ journal: [{ kind: 'tick', timeMs: 1 }] }));
  effects.commit(batchOf({ alerts: [alertOf('d', 1), alertOf('a', 2)], proposals: [proposalOf('n')] }));
  effects.commit(batchOf({ alerts: [alertOf('e', 1)] }));
  const last = effects.lastChange();
  const ids = (since: number, limit: number, upTo = last) => {
    const { upTo: end, alerts, incidents, intents } = effects.changes(since, upTo, limit);
    return [end, ...[...alerts, ...incidents, ...intents].map(({ id }) => id)];
  };
  expect(ids(0, 2)).toEqual([1, 'b', 'c', 'i']);
  expect(ids(1, 1)).toEqual([3, 'a', 'd', 'n']);
  expect(ids(3, 100)).toEqual([4, 'e']);
  expect(ids(0, 100)).toEqual([4, 'b', 'c', 'a', 'd', 'e', 'i', 'n']);
  expect(ids(0, 100, 3)).toEqual([3, 'b', 'c', 'a', 'd', 'i', 'n']);
  expect(ids(4, 10)).toEqual([4]);
  expect(ids(1, 10, 2)).toEqual([2]);
});
