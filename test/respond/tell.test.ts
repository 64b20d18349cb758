import { expect, test } from 'vitest';
import type { InventoryEntry } from '../../src/model/inventory.ts';
import { decide } from '../../src/respond/decide.ts';
import { tellerOf } from '../../src/respond/tell.ts';
import { knowing, policyOf, ruleOf, situationOf } from './decide-support.ts';

const tell = { owners: { ann: 'ann-pager' }, teams: { payments: 'payments-chat' }, environments: { production: 'duty' }, otherwise: 'soc' };
const entryOf = (more: Partial<InventoryEntry>): InventoryEntry => ({ match: { handle: 'h' }, workload: null, kind: null, owner: null, ...more });

test.each([
  ['the owner', { owner: 'ann', team: 'payments', environment: 'production' }, 'ann-pager'],
  ['the team, where the owner cannot be told', { owner: 'bob', team: 'payments', environment: 'production' }, 'payments-chat'],
  ['whom the environment names', { owner: 'bob', environment: 'production' }, 'duty'],
  ['the security desk, where nobody else is named', { owner: 'bob', team: 'shipping', environment: 'test' }, 'soc'],
  ['the security desk also for names that objects have', { owner: 'constructor', team: '__proto__' }, 'soc'],
])('%s is told', (_, entry, action) => {
  expect(tellerOf(entryOf(entry), tell)).toBe(action);
});

test('a step "tell" is a notification by whom the inventory names, under one id whoever that is', () => {
  const policy = policyOf([ruleOf({ plan: [{ do: 'tell', by: '' }] })], { tell });
  const told = (entry: InventoryEntry | null) => decide(situationOf(), knowing([], undefined, { entry: () => entry }), policy);
  const [toAnn, toRest] = [told(entryOf({ owner: 'ann' })), told(null)];
  expect([toAnn, toRest].map(([one]) => [one?.kind, one?.action, one?.refused])).toEqual([['notify', 'ann-pager', null], ['notify', 'soc', null]]);
  expect(toAnn[0]?.id).toBe(toRest[0]?.id);
});
