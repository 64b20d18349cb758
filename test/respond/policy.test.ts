import { expect, test } from 'vitest';
import type { InventoryEntry } from '../../src/model/inventory.ts';
import { ruleFor, whyNot, type Case } from '../../src/respond/policy.ts';
import { alertOf, policyOf, ruleOf } from './decide-support.ts';

const about: Case = {
  riskScore: 80, tokenKind: 'jwt', entry: null, broken: 2,
  alert: alertOf({ severity: 73, detector: 'unfamiliar-ip' }, { identityKind: 'service', identityName: 'calculator', identityId: 'sub-1' }),
};

test.each([
  [{}, null], [{ severity: 73 }, null], [{ severity: 99 }, 'severity'], [{ detectors: ['unfamiliar-ip'] }, null], [{ detectors: ['egress-spike'] }, 'detectors'],
  [{ tokenKinds: ['jwt'] }, null], [{ tokenKinds: ['api_key', 'opaque'] }, 'token_kinds'], [{ identityKinds: ['service'] }, null], [{ identityKinds: ['human'] }, 'identity_kinds'],
  [{ identities: ['calculator'] }, null], [{ identities: ['sub-1'] }, null], [{ identities: ['sub-'] }, 'identities'], [{ severity: 47, tokenKinds: ['vault'] }, 'token_kinds'],
] as const)('a rule that asks for %o', (match, expected) => {
  expect(whyNot(ruleOf({ match }), about)).toBe(expected);
});

test('the first rule that matches says what is done', () => {
  const rules = [ruleOf({ name: 'critical', match: { severity: 99 } }), ruleOf({ name: 'high', match: { severity: 73 } }), ruleOf({ name: 'all' })];
  expect(ruleFor(policyOf(rules), about)?.name).toBe('high');
  expect(ruleFor(policyOf(rules.slice(0, 1)), about)).toBeNull();
});

test('an identity that the log did not tell is of unknown kind', () => {
  expect(whyNot(ruleOf({ match: { identityKinds: ['unknown'] } }), { ...about, alert: alertOf({}, { identityKind: null }) })).toBeNull();
});

const listed: InventoryEntry = { match: { handle: 'h' }, workload: null, kind: null, owner: null, labels: ['batch'], environment: 'production', criticality: 'low' };

test.each([
  [{ incidentScore: 80 }, null], [{ incidentScore: 81 }, 'incident_score'], [{ incidentKinds: ['single'] }, null], [{ incidentKinds: ['campaign'] }, 'incident_kinds'],
  [{ labels: ['batch', 'other'] }, null], [{ labels: ['other'] }, 'labels'], [{ environments: ['production'] }, null], [{ environments: ['test'] }, 'environments'],
  [{ criticality: ['low', 'medium'] }, null], [{ criticality: ['high'] }, 'criticality'], [{ maxBroken: 2 }, null], [{ maxBroken: 1 }, 'max_broken'],
] as const)('a rule that asks the inventory, the incident or whom it would break for %o', (match, expected) => {
  expect(whyNot(ruleOf({ match }), { ...about, entry: listed })).toBe(expected);
});

test('what the inventory does not tell matches nothing that asks for it', () => {
  const asked = [{ labels: ['batch'] }, { environments: ['production'] }, { criticality: ['low'] }] as const;
  expect(asked.map((match) => whyNot(ruleOf({ match }), about))).toEqual(['labels', 'environments', 'criticality']);
});

test('the hash tells policies apart', () => {
  const hashes = [policyOf(), policyOf([ruleOf({ mode: 'approve' })]), policyOf([ruleOf()], { maxDependents: 2 }), policyOf([ruleOf()], { neverRevoke: [{ identity: 'x' }] })];
  expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(4);
  expect(policyOf().hash).toBe(policyOf().hash);
});
