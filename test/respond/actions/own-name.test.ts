import { expect, test } from 'vitest';
import { startKubernetes } from '../../support/providers/kubernetes.ts';
import { startOkta } from '../../support/providers/okta.ts';
import { startVault } from '../../support/providers/vault.ts';
import type { KnownAs } from '../../../src/respond/port.ts';
import { open, rsaKeys } from './providers/support.ts';
import { fileWith, serve, signal } from './support.ts';

const ask = (section: object): Promise<KnownAs> => open(section).ownNames!(signal);
const known = (...names: [name: string, issuer: string][]): KnownAs => ({ names: names.map(([name, issuer]) => ({ name, issuer })), why: null });
const unknown = (why: KnownAs['why']): KnownAs => ({ names: [], why });

test('Okta: the only API token of its user; of several nobody can tell which is ours, and a person at other work is not accused', async () => {
  const okta = await startOkta('own-token');
  const section = { type: 'okta', call: 'session', org_url: okta.url, issuer: 'https://login.example', api_token_file: fileWith('own-token') };
  expect(await ask(section)).toEqual(known(['00T1', 'https://login.example']));
  okta.apiTokens.set('00T3', '00uadmin');
  expect(await ask(section)).toEqual(unknown('several'));
  okta.apiTokens.clear();
  expect(await ask(section)).toEqual(unknown('not_told'));
  expect(await ask({ ...section, api_token_file: fileWith('another') })).toEqual(unknown('refused'));
  expect(open({ ...section, account: '00T1' }).ownNames, 'the configuration says it').toBeUndefined();
  expect(okta.faults).toEqual([]);
});

test('Vault: the accessor; the entity only of who logged in, not of whose token it was made with', async () => {
  const vault = await startVault('s.ours');
  const section = { type: 'vault', call: 'token', address: vault.url, issuer: 'v1', token_file: fileWith('s.ours') };
  vault.own = { accessor: 'OwnAcc0123456789', entity_id: 'e1b2c3d4', path: 'auth/token/create' };
  expect(await ask(section)).toEqual(known(['OwnAcc0123456789', 'v1']));
  vault.own.path = 'auth/approle/login';
  expect(await ask(section)).toEqual(known(['OwnAcc0123456789', 'v1'], ['e1b2c3d4', 'v1']));
  expect(await ask({ ...section, token_file: fileWith('s.other') })).toEqual(unknown('not_told'));
  expect(vault.faults).toEqual([]);
});

const subject = 'system:serviceaccount:tokenward:responder';
const jwt = `e30.${Buffer.from(JSON.stringify({ sub: subject, iss: 'https://kubernetes.default.svc' })).toString('base64url')}.c2ln`;

test('Kubernetes: a service account\'s token says it itself, of any other the cluster does', async () => {
  const cluster = await startKubernetes('ours');
  const section = { type: 'kubernetes', call: 'pod', api_server: cluster.url, issuer: 'k1', token_file: fileWith('ours') };
  expect(await open(section, { token: 'a.b.c' }).ownNames!(signal)).toEqual(known(['oidc:responder', 'k1']));
  expect(await ask({ ...section, token_file: fileWith(jwt) })).toEqual(known([subject, 'k1']));
  expect([cluster.seen, cluster.faults]).toEqual([['POST /apis/authentication.k8s.io/v1/selfsubjectreviews'], []]);
});

test('Google: the key\'s file', async () => {
  const file = fileWith(JSON.stringify({ client_email: 'ours@p.iam.gserviceaccount.com', private_key: rsaKeys().pem, private_key_id: 'a1b2c3' }));
  expect(await ask({ type: 'google', call: 'key', key_file: file, project: 'p' })).toEqual(known(['a1b2c3', 'gcp'], ['ours@p.iam.gserviceaccount.com', 'gcp']));
});

test('a rotation: of all that it shows, as far as it can be known', async () => {
  const [okta, vault] = [await startOkta('own-token'), await startVault('s.ours')];
  const section = (tokenFile: string) => ({
    type: 'rotation', credential: { type: 'okta_secret', org_url: okta.url, issuer: 'o1', api_token_file: fileWith('own-token') },
    stores: [
      { type: 'vault_kv', address: vault.url, token_file: fileWith(tokenFile), id_field: 'id', secret_field: 'key', secrets: {} },
      { type: 'kubernetes_secret', api_server: 'https://127.0.0.1:1', token_file: fileWith(jwt), secret_field: 'key', secrets: {} },
      { type: 'vault_kv', address: vault.url, token_file: fileWith('s.named'), id_field: 'id', secret_field: 'key', secrets: {}, account: 'writer' },
    ],
  });
  expect(await ask(section('s.ours'))).toEqual(known(['00T1', 'o1'], ['OwnAcc0123456789', 'vault'], [subject, 'kubernetes']));
  expect(await ask(section('s.other'))).toEqual({ ...known(['00T1', 'o1'], [subject, 'kubernetes']), why: 'not_told' });
});

test.each([
  [500, 'unreachable'], [429, 'unreachable'], [401, 'refused'], [403, 'not_told'], [404, 'not_told'],
] as const)('what answers %d: %s, and nothing that it says is taken for a name', async (status, why) => {
  const url = await serve((_, response) => response.writeHead(status).end(JSON.stringify({ id: 'a secret, "perhaps"' })));
  const sections = [
    { type: 'okta', call: 'session', org_url: url, api_token_file: fileWith('t') }, { type: 'vault', call: 'token', address: url, token_file: fileWith('t') },
    { type: 'kubernetes', call: 'service_account', api_server: url, token_file: fileWith('t') },
  ];
  expect(await Promise.all(sections.map(ask))).toEqual(sections.map(() => unknown(why)));
  expect(await ask({ ...sections[1], address: 'https://127.0.0.1:1' })).toEqual(unknown('unreachable'));
});
