import { expect, test } from 'vitest';
import { ruleFor, whyNot } from '../../src/respond/policy.ts';
import { alertOf, policyOf, ruleOf } from './decide-support.ts';

const alert = alertOf({ severity: 73, detector: 'unfamiliar-ip' }, { identityKind: 'service', identityName: 'calculator', identityId: 'sub-1' });

test.each([
  [{}, null], [{ severity: 73 }, null], [{ severity: 99 }, 'severity'], [{ detectors: ['unfamiliar-ip'] }, null], [{ detectors: ['egress-spike'] }, 'detectors'],
  [{ tokenKinds: ['jwt'] }, null], [{ tokenKinds: ['api_key', 'opaque'] }, 'token_kinds'], [{ identityKinds: ['service'] }, null], [{ identityKinds: ['human'] }, 'identity_kinds'],
  [{ identities: ['calculator'] }, null], [{ identities: ['sub-1'] }, null], [{ identities: ['sub-'] }, 'identities'], [{ severity: 47, tokenKinds: ['vault'] }, 'token_kinds'],
] as const)('a rule that asks for %o', (match, expected) => {
  expect(whyNot(ruleOf({ match }), alert, 'jwt')).toBe(expected);
});

test('the first rule that matches says what is done', () => {
  const rules = [ruleOf({ name: 'critical', match: { severity: 99 } }), ruleOf({ name: 'high', match: { severity: 73 } }), ruleOf({ name: 'all' })];
  expect(ruleFor(policyOf(rules), alert, 'jwt')?.name).toBe('high');
  expect(ruleFor(policyOf(rules.slice(0, 1)), alert, 'jwt')).toBeNull();
});

test('an identity that the log did not tell is of unknown kind', () => {
  expect(whyNot(ruleOf({ match: { identityKinds: ['unknown'] } }), alertOf({}, { identityKind: null }), 'jwt')).toBeNull();
});

test('the hash tells policies apart', () => {
  const hashes = [policyOf(), policyOf([ruleOf({ mode: 'approve' })]), policyOf([ruleOf()], { maxDependents: 2 }), policyOf([ruleOf()], { neverRevoke: [{ identity: 'x' }] })];
  expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(4);
  expect(policyOf().hash).toBe(policyOf().hash);
});
