import { expect, test } from 'vitest';
import { wrongOrder } from '../../src/config/plan-order.ts';
import { actionSchema } from '../../src/config/respond-schema.ts';

const as = { name: 'as', type: 'oauth_revocation', issuer: 'i', revocation_endpoint: 'r', client_id: 'c', client_secret_file: 'f' };
const keycloak = { name: 'kc', type: 'keycloak', call: 'client_disable', base_url: 'https://k.example', realm: 'r', client_id: 'c', client_secret_file: 'f' };
const actions = [as, keycloak].map((section) => actionSchema.parse(section));
const found = (...steps: readonly (readonly [string, string, 'minted'?])[]) =>
  wrongOrder(steps.map(([kind, by, of]) => ({ do: kind as 'deny', by, ...of === undefined ? {} : { of } })), ['policy', 0, 'plan'], actions).map(({ path, message }) => [path.at(-1), message]);

test('from the gentle to the hard is right, wherever people are told', () => {
  expect(found(['notify', 'h'], ['pin', 'g'], ['deny', 'g'], ['revoke', 'kc'], ['revoke', 'as'], ['revoke', 'as', 'minted'], ['tell', ''])).toEqual([]);
});

test('what harms less may not come after what harms more', () => {
  expect(found(['deny', 'g'], ['pin', 'g'])).toEqual([[1, '"pin" comes after "deny", which harms more']]);
  expect(found(['revoke', 'as'], ['notify', 'h'], ['deny', 'g'])).toEqual([[2, '"deny" comes after "revoke", which harms more']]);
});

test('what can be taken back comes before what cannot', () => {
  expect(found(['revoke', 'as'], ['revoke', 'kc'])).toEqual([[1, '"kc" can be taken back and comes after "as", which cannot']]);
});
