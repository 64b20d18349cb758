import { expect, test } from 'vitest';
import type { Configuration } from '../../src/config/configuration.ts';
import { actionSchema } from '../../src/config/respond-schema.ts';
import { NeverRevoke } from '../../src/respond/never-revoke.ts';
import { ownCredentials, ownNames } from '../../src/respond/own-credentials.ts';
import { targetOf } from './support.ts';

const sections = [
  { name: 'as', type: 'oauth_revocation', issuer: 'i', revocation_endpoint: 'r', client_id: 'export', client_secret_file: 'f', introspection_client_id: 'asker' },
  { name: 'kc', type: 'keycloak', call: 'client_disable', base_url: 'https://k.example', realm: 'r', client_id: 'watcher', client_secret_file: 'f' },
  { name: 'keys', type: 'aws', call: 'access_key', account_id: '123456789012', access_key_id: 'AKIAOURS', secret_key_file: 'f' },
];
const configuration = {
  kafka: { brokers: ['b'], client_id: 'c', group_id: 'g', sasl: { mechanism: 'plain', username: 'reader' } },
  sinks: [{ name: 'es', type: 'elasticsearch', nodes: [], username: 'writer', events: false, namespace: 'default' }],
  respond: { actions: sections.map((section) => actionSchema.parse(section)) },
} as unknown as Configuration;

test('what the service reads, writes and acts with is never acted upon; the client whose tokens it revokes is', () => {
  const own = new NeverRevoke(ownCredentials(configuration));
  const isProtected = (change: Parameters<typeof targetOf>[1]): boolean => own.protects(targetOf('a', { identityId: 'sub', identityName: null, client: null, ...change }));
  expect(['asker', 'watcher', 'reader', 'writer'].map((client) => isProtected({ client }))).toEqual([true, true, true, true]);
  expect([isProtected({ handle: 'AKIAOURS' }), isProtected({ client: 'export' }), isProtected({})]).toEqual([true, false, false]);
});

test('their names are those of their authorities, so that nobody of the same name elsewhere is taken for us', () => {
  const key = { access_key_id: 'AKIASTORE', secret_key_file: 'f' };
  const azure = { tenant_id: 'T1', client_id: 'app', client_secret_file: 'f' };
  const rotation = actionSchema.parse({
    name: 'rotate', type: 'rotation', credential: { type: 'entra_password', ...azure }, stores: [{ type: 'aws_secrets_manager', ...key, secrets: {} }],
  });
  const sinks = [...configuration.sinks, { name: 'siem', type: 'sentinel', tenant_id: 'T1', client_id: 'sender' }] as unknown as Configuration['sinks'];
  const names = ownNames({ sinks, respond: { ...configuration.respond, actions: [...configuration.respond.actions, rotation] } });
  expect(names.map(({ name, issuer, of, acts }) => [name, issuer, of, acts])).toEqual([
    ['asker', 'i', 'as', true], ['watcher', 'https://k.example/realms/r', 'kc', true], ['AKIAOURS', 'aws', 'keys', true],
    ['app', 'https://sts.windows.net/t1/', 'rotate', true], ['AKIASTORE', 'aws', 'rotate', true], ['sender', 'https://sts.windows.net/t1/', 'siem', false],
  ]);
});

test('tokens of Vault and of a cluster are ours by the account that the configuration names; without it they have no name', () => {
  const account = 'system:serviceaccount:tokenward:responder';
  const pods = { name: 'pods', type: 'kubernetes', call: 'pod', api_server: 'https://k.example', token_file: 'f' };
  const stores = [
    { type: 'kubernetes_secret', api_server: 'https://k.example', token_file: 'f', secrets: {}, secret_field: 's', account },
    { type: 'vault_kv', address: 'https://v.example', token_file: 'f', secrets: {}, id_field: 'i', secret_field: 's', issuer: 'v1', account: 'writer' },
  ];
  const rotation = { name: 'rotate', type: 'rotation', credential: { type: 'okta_secret', org_url: 'https://o.example', api_token_file: 'f' }, stores };
  const vault = { name: 'leases', type: 'vault', call: 'leases', address: 'https://v.example', token_file: 'f', account: 'responder' };
  const actions = [pods, { ...pods, account, issuer: 'https://k.example' }, vault, rotation].map((section) => actionSchema.parse(section));
  const settings = { sinks: [], respond: { ...configuration.respond, actions } };
  expect(ownNames(settings).map(({ name, issuer, of }) => [name, issuer, of])).toEqual([
    [account, 'https://k.example', 'pods'], ['responder', 'vault', 'leases'], [account, 'kubernetes', 'rotate'], ['writer', 'v1', 'rotate'],
  ]);
  const own = new NeverRevoke(ownCredentials({ ...settings, kafka: null }));
  const target = (subject: string) => targetOf('a', { identityId: `https://k.example|${subject}`, identityName: null, client: null });
  expect([own.protects(target(account)), own.protects(target('system:serviceaccount:jobs:export'))]).toEqual([true, false]);
});

test('a SPIFFE ID that we act with at SPIRE is ours, whoever issued what shows it', () => {
  const account = 'spiffe://prod.example/ns/soc/sa/tokenward';
  const spire = actionSchema.parse({ name: 'spire', type: 'spire', call: 'entry', trust_domain: 'prod.example', address: '/run/api.sock', account });
  const settings = { sinks: [], respond: { ...configuration.respond, actions: [spire] } };
  expect(ownNames(settings)).toEqual([{ name: account, issuer: null, of: 'spire', acts: true }]);
  const own = new NeverRevoke(ownCredentials({ ...settings, kafka: null }));
  const target = (id: string) => targetOf('a', { identityId: `https://spire.prod.example|${id}`, userId: id, identityName: null, client: null });
  expect([own.protects(target(account)), own.protects(target('spiffe://prod.example/ns/jobs/sa/export'))]).toEqual([true, false]);
});

test('a user of ORDS is ours where its log names it, also of a rotation', () => {
  const place = { api_url: 'https://o.example/ords/hr/_/db-api/stable', password_file: 'f' };
  const sections = [
    { name: 'client', type: 'ords', call: 'client', ...place, user_name: 'DELETER', identities: { 'ords|c': 'c' } },
    { name: 'rotate', type: 'rotation', credential: { type: 'ords_secret', ...place, user_name: 'ROTATOR', issuer: 'https://o.example' },
      stores: [{ type: 'vault_kv', address: 'https://v.example', token_file: 'f', secrets: {}, id_field: 'i', secret_field: 's' }] },
  ];
  const names = ownNames({ sinks: [], respond: { ...configuration.respond, actions: sections.map((section) => actionSchema.parse(section)) } });
  expect(names.map(({ name, issuer, of }) => [name, issuer, of])).toEqual([['DELETER', 'ords', 'client'], ['ROTATOR', 'https://o.example', 'rotate']]);
});
