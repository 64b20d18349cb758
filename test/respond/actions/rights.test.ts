import { expect, test } from 'vitest';
import type { Granted } from '../../../src/respond/port.ts';
import { everySample } from '../../support/providers/every.ts';
import { startKubernetes } from '../../support/providers/kubernetes.ts';
import { startKeycloak } from '../../support/providers/keycloak.ts';
import { ids, startGraph, type FakeGraph } from '../../support/providers/microsoft.ts';
import { startVault } from '../../support/providers/vault.ts';
import { open, rsaKeys, secret } from './providers/support.ts';
import { fileWith, serve, signal } from './support.ts';

const canary = 'canary-77aa41';
const keys = rsaKeys();
const files = {
  secret: fileWith(canary), key: keys.file, signing: fileWith(`whsec_${Buffer.from(canary.repeat(3)).toString('base64')}`),
  account: fileWith(JSON.stringify({ client_email: 'ours@example.com', private_key: keys.pem, private_key_id: 'k' })),
  certificate: fileWith(`-----BEGIN CERTIFICATE-----\n${canary}\n-----END CERTIFICATE-----\n`),
};

/** What our credential may do by this action, as far as its provider can be asked. */
async function rightsOf(section: object): Promise<Readonly<Record<string, Granted>>> {
  const found = await open(section).rights!.ask(signal);
  return Object.fromEntries(found.map(({ right, granted }) => [right, granted]));
}

/** Calls that change nothing: what may be sent besides GET. */
const harmless = [
  /^POST \/v1\/sys\/capabilities-self /, /^POST \/apis\/authorization\.k8s\.io\/v1\/selfsubjectaccessreviews /, /^POST \/[^ ]*token /,
  /^POST \/ Action=(?:Get|List)\w+&/, /^POST \/ \{"SecretId":"[^"]+","VersionId":"[^"]+"\}$/, /^POST \/[^ ]*introspect[^ ]* /,
];

test.each([200, 401, 403, 404, 500])('asking never acts, whatever is asked for and answered (%d), and nothing of a secret comes of it', async (status) => {
  const sent: string[] = [];
  const url = await serve((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => { body += part.toString(); });
    request.on('end', () => {
      sent.push(`${request.method} ${request.url!.split('?')[0]} ${body}`);
      const isToken = request.url!.includes('token');
      response.writeHead(isToken ? 200 : status, { 'content-type': 'application/json' }).end(JSON.stringify({ access_token: canary, error: canary, data: canary }));
    });
  });
  let asked = 0;
  for (const { section } of everySample(url, files)) {
    const action = open(section, { token: 'a.b.c' });
    if (action.rights === undefined) continue;
    const found = await action.rights.ask(signal);
    asked += found.length;
    expect(JSON.stringify([found, action.rights.unasked])).not.toContain(canary);
    if (status === 500) expect(found.every(({ granted }) => granted !== 'missing')).toBe(true);
  }
  expect(asked).toBeGreaterThan(25);
  expect(sent.filter((one) => !one.startsWith('GET ') && !harmless.some((pattern) => pattern.test(one)))).toEqual([]);
});

test('who does not answer is unreachable, not without rights', async () => {
  for (const { section } of everySample('https://127.0.0.1:1', files)) {
    const found = await open(section, { token: 'a.b.c' }).rights?.ask(signal) ?? [];
    expect(found.filter(({ granted }) => granted !== 'unreachable')).toEqual([]);
  }
});

test('Vault tells for each path what our token may do', async () => {
  const vault = await startVault('s.ours');
  const section = { type: 'vault', address: vault.url, token_file: fileWith('s.ours') };
  const [revoke, lookup] = ['auth/token/revoke-accessor', 'auth/token/lookup-accessor'];
  vault.capabilities.set(revoke!, ['update']).set(lookup!, ['read']);
  expect(await rightsOf({ ...section, call: 'token' })).toEqual({ [`update on ${revoke}`]: 'granted', [`update on ${lookup}`]: 'missing' });
  vault.capabilities.set('sys/leases/revoke-prefix/aws/creds/export', ['update']);
  const leases = { ...section, call: 'leases', identities: { export: 'aws/creds/export', report: 'aws/creds/report' } };
  const right = (name: string): string => `sudo and update on sys/leases/revoke-prefix/aws/creds/${name}`;
  expect(await rightsOf(leases)).toEqual({ [right('export')]: 'missing', [right('report')]: 'missing' });
  vault.capabilities.set('sys/leases/revoke-prefix/aws/creds/export', ['update', 'sudo']);
  expect(await rightsOf(leases)).toEqual({ [right('export')]: 'granted', [right('report')]: 'missing' });
  expect(await rightsOf({ ...section, call: 'token', token_file: fileWith('s.ended') })).toEqual({ [`update on ${revoke}`]: 'refused', [`update on ${lookup}`]: 'refused' });
  expect([vault.faults, vault.leases.size]).toEqual([[], 2]);
});

test('a cluster tells for each verb, of the very object that is listed', async () => {
  const cluster = await startKubernetes('ours');
  const section = { type: 'kubernetes', api_server: cluster.url, token_file: fileWith('ours') };
  cluster.denied.add('delete secrets jobs/export-token').add('create tokenreviews /');
  expect(await rightsOf({ ...section, call: 'secret', identities: { export: 'jobs/export-token' } }))
    .toEqual({ 'delete on secrets jobs/export-token': 'missing', 'get on secrets jobs/export-token': 'granted' });
  expect(await rightsOf({ ...section, call: 'pod' })).toEqual({ 'delete on pods': 'granted', 'create on tokenreviews': 'missing' });
  expect(await rightsOf({ ...section, call: 'pod', token_file: fileWith('another') })).toEqual({ 'delete on pods': 'refused', 'create on tokenreviews': 'refused' });
  expect([cluster.faults, cluster.objects.size]).toEqual([[], 6]);
});

test('Entra: the permissions stand in the token that we are given; one that is not readable says nothing', async () => {
  let origin = '';
  const graph: FakeGraph = await startGraph(secret, () => origin, Date.now);
  origin = graph.url;
  const section = { type: 'entra', call: 'service_principal', tenant_id: ids.tenant, graph_url: `${graph.url}/v1.0`, login_url: graph.url, client_id: 'app-id', client_secret_file: fileWith(secret) };
  const right = 'Application.ReadWrite.OwnedBy or Application.ReadWrite.All';
  expect(await rightsOf(section)).toEqual({ [right]: 'doubtful' });
  graph.endpoint().claims = { roles: ['User.Read.All'] };
  expect(await rightsOf(section)).toEqual({ [right]: 'missing' });
  graph.endpoint().claims = { roles: ['User.Read.All', 'Application.ReadWrite.OwnedBy'] };
  expect(await rightsOf(section)).toEqual({ [right]: 'granted' });
  expect(await rightsOf({ ...section, client_secret_file: fileWith('another') })).toEqual({ [right]: 'refused' });
  expect(graph.seen.every((one) => one.endsWith('/oauth2/v2.0/token'))).toBe(true);
});

test('Keycloak: roles of the realm\'s own client, or of the realm\'s client in the realm where ours stands', async () => {
  const keycloak = await startKeycloak(secret, Date.now);
  const section = { type: 'keycloak', call: 'user_logout', base_url: keycloak.url, realm: 'prod', client_id: 'tokenward', client_secret_file: fileWith(secret) };
  keycloak.endpoint.claims = { resource_access: { 'realm-management': { roles: ['manage-users'] }, 'other-realm': { roles: ['manage-clients'] } } };
  expect(await rightsOf(section)).toEqual({ 'realm-management: manage-users': 'granted' });
  const listed = { identities: { x: 'billing-export' } };
  expect(await rightsOf({ ...section, ...listed, call: 'client_disable' })).toEqual({ 'realm-management: manage-clients': 'missing' });
  expect(await rightsOf({ ...section, ...listed, call: 'client_disable', realm: 'other', login_realm: 'prod' })).toEqual({ 'other-realm: manage-clients': 'granted' });
});
