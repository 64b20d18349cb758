import { expect, test } from 'vitest';
import { isFinal, reachOf } from '../../src/config/reach.ts';
import { actionSchema, type ActionSection } from '../../src/config/respond-schema.ts';
import { open, rsaKeys } from '../respond/actions/providers/support.ts';
import { fileWith } from '../respond/actions/support.ts';
import { everySample } from '../support/providers/every.ts';

const keys = rsaKeys();
const secret = fileWith('secret');
const account = fileWith(JSON.stringify({ client_email: 'ours@example.com', private_key: keys.pem, private_key_id: 'k' }));
const files = { secret, key: keys.file, signing: fileWith(`whsec_${Buffer.from('secret'.repeat(6)).toString('base64')}`), account, certificate: fileWith('-----BEGIN CERTIFICATE-----') };
const samples = everySample('https://provider.example', files);

test('what is said to be final has no undo', () => {
  const final = samples.filter(({ section }) => isFinal(actionSchema.parse(section)));
  expect(final.length).toBeGreaterThan(10);
  expect(final.filter(({ section }) => open(section, { token: 'e30.e30.x' }).undo !== null)).toEqual([]);
});

const denials = { name: 'edge', type: 'deny_list', signing_key_file: 'k' };

test.each([
  [{ ...denials }, 'token'], [{ ...denials, by: ['jti', 'client'] }, 'identity'], [{ ...denials, by: ['subject'] }, 'identity'],
])('a list that names %o reaches the %s', (section, reach) => {
  expect(reachOf(actionSchema.parse(section))).toBe(reach);
});

test('calls that end a client, a role or an account reach everything of the identity; those of one token do not', () => {
  const reach = new Map(samples.map(({ section }) => [`${section.type}.${section.call ?? ''}`, reachOf(actionSchema.parse(section) as ActionSection)]));
  const wide = ['keycloak.client_disable', 'keycloak.client_not_before', 'aws.role_sessions', 'entra.service_principal', 'okta.app', 'kubernetes.service_account', 'google.service_account'];
  const narrow = ['keycloak.session', 'aws.access_key', 'vault.token', 'github.', 'oauth_revocation.'];
  expect([reach.get('spire.agent'), reach.get('spire.entry')]).toEqual(['machine', 'identity']);
  expect([wide, narrow].map((names) => [...new Set(names.filter((name) => reach.has(name)).map((name) => reach.get(name)))])).toEqual([['identity'], ['token']]);
});
