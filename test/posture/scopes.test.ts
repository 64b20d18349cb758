import { expect, test } from 'vitest';
import { useTraits, type CredentialUse } from '../../src/model/credential.ts';
import { areNamedAlike, rightsIn, unusedScopes } from '../../src/posture/scopes.ts';

const use = (resources: readonly string[], traits: number = useTraits.read): CredentialUse => ({
  workloadId: null, user: 'requests', network: '10.1.0.0/24', resources, resourceDays: [], calls: 9, firstMs: 1, lastMs: 2, weeks: [1, 0], traits,
});

test('a scope is used by a use of its sort, of a thing of its name', () => {
  const scopes = ['orders:read', 'orders:write', 'Billing.ReadWrite.All', 'read'];
  expect(unusedScopes(scopes, [use(['shop.example/orders/{id}'])])).toEqual(['orders:write', 'Billing.ReadWrite.All']);
  expect(unusedScopes(scopes, [use(['shop.example/orders/{id}'], useTraits.read | useTraits.write), use(['shop.example/billing'])])).toEqual([]);
});

test('what lets nobody do anything is never unused', () => {
  expect(rightsIn(['openid', 'Profile', 'offline_access', 'orders:read'])).toEqual(['orders:read']);
  expect(unusedScopes(['openid', 'email', 'orders:read'], [use(['shop.example/orders'])])).toEqual([]);
});

test('where no scope has a name in common with anything used, names prove nothing', () => {
  const scopes = ['crm.lead', 'crm.deal', 'crm.note'];
  expect(areNamedAlike(scopes, [use(['api.example/v2/objects'])])).toBe(false);
  expect(areNamedAlike(scopes, [use(['api.example/v2/objects', 'api.example/v2/leads'])])).toBe(true);
});
