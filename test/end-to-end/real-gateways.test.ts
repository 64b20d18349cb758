import { copyFileSync, mkdirSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEnvoy, type Envoy } from '../support/servers/envoy.ts';
import { startHaproxy, type Haproxy } from '../support/servers/haproxy.ts';
import { startKeycloak, type Keycloak } from '../support/servers/keycloak.ts';
import { documents, eventsOf, run, temporaryFolder, tokenward, type Run } from './support.ts';

// A real Keycloak issues, a real Envoy and a real HAProxy check, serve and refuse. Of all this only the logs that they write are read.

const realm = '/realms/shop';
const owner = '127.10.0.11';
const thief = '127.66.6.6';
let keycloak: Keycloak;
let envoy: Envoy;
let haproxy: Haproxy;
let service: Server;
let seen: Run;
let told: readonly InventoryLine[];
const tokens: Record<'export' | 'billing', { readonly text: string; readonly id: string }> = { export: { text: '', id: '' }, billing: { text: '', id: '' } };

interface InventoryLine {
  readonly token: { readonly handle: string | null; readonly fingerprint: string; readonly revoked_at: string | null };
}

// What is fetched and built for the first time may take minutes.
beforeAll(async () => {
  keycloak = await startKeycloak();
  await keycloak.administer('POST', '', { realm: 'shop', enabled: true, eventsEnabled: true, eventsListeners: ['jboss-logging'], accessTokenLifespan: 600 });
  for (const clientId of Object.keys(tokens)) {
    const machine = { clientId, secret: clientId, publicClient: false, serviceAccountsEnabled: true, standardFlowEnabled: false };
    await keycloak.administer('POST', '/shop/clients', { ...machine, enabled: true, protocol: 'openid-connect' });
  }
  const { keys } = await (await fetch(`${keycloak.url}${realm}/protocol/openid-connect/certs`)).json() as { keys: { use: string }[] };
  service = createServer((_, response) => response.end('orders'.repeat(100)));
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const options = { issuer: keycloak.url + realm, jwks: { keys: keys.filter(({ use }) => use === 'sig') }, upstream: (service.address() as AddressInfo).port };
  [envoy, haproxy] = await Promise.all([startEnvoy(options), startHaproxy(options)]);
  await live();
  seen = await read();
}, 10 * 60_000);

afterAll(async () => {
  service?.close();
  await Promise.all([keycloak, envoy, haproxy].map((server) => server?.stop()));
});

/** Issue, use at both gateways, theft, revocation, denial, refused use. The other client goes on all the time. */
async function live(): Promise<void> {
  for (const client of ['export', 'billing'] as const) tokens[client] = await issue(client);
  for (const port of [envoy.port, haproxy.port]) {
    for (const client of ['export', 'billing'] as const) for (let n = 0; n < 3; n++) expect(await call(port, tokens[client].text, owner)).toBe(200);
    expect(await call(port, tokens.export.text, thief)).toBe(200);
  }
  expect((await keycloak.post(`${realm}/protocol/openid-connect/revoke`, { token: tokens.export.text }, 'export')).status).toBe(200);
  // Who only checks the signature goes on accepting it, until it is told.
  expect(await call(envoy.port, tokens.export.text, thief)).toBe(200);
  envoy.deny([tokens.export.id]);
  await haproxy.deny(tokens.export.id);
  // Envoy takes the list when it has noticed it.
  while (await call(envoy.port, tokens.export.text, thief) === 200) await sleep(20);
  expect(await call(haproxy.port, tokens.export.text, thief)).toBe(401);
  const userInfo = await fetch(`${keycloak.url}${realm}/protocol/openid-connect/userinfo`, { headers: { authorization: `Bearer ${tokens.export.text}` } });
  expect(userInfo.status).toBeGreaterThanOrEqual(400);
  for (const port of [envoy.port, haproxy.port]) expect(await call(port, tokens.billing.text, owner)).toBe(200);
}

async function issue(client: string): Promise<{ text: string; id: string }> {
  const { body } = await keycloak.post(`${realm}/protocol/openid-connect/token`, { grant_type: 'client_credentials', scope: 'openid' }, client);
  const text = (body as { access_token: string }).access_token;
  return { text, id: (JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString()) as { jti: string }).jti };
}

function call(port: number, token: string, from: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'user-agent': 'orders-client/1.0' };
    request({ host: '127.0.0.1', port, path: '/v1/orders', localAddress: from, headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!)).on('error', reject);
    }).on('error', reject).end();
  });
}

async function read(): Promise<Run> {
  const folder = temporaryFolder();
  for (const [name, log] of [['idp', keycloak.log], ['envoy', envoy.log], ['haproxy', haproxy.log]] as const) {
    await sleep(200);
    mkdirSync(join(folder, name));
    copyFileSync(log, join(folder, name, 'log.ndjson'));
  }
  const source = (name: string, format: string): object => ({
    name, paths: [`*/${name}/*`], formats: [format], validation_cache: '0',
    issuers: ['shop', 'master'].map((one) => `${keycloak.url}/realms/${one}`),
  });
  const yaml = JSON.stringify({ sources: [source('idp', 'keycloak.events'), source('envoy', 'envoy.access'), source('haproxy', 'haproxy.http')] });
  const dataDir = temporaryFolder();
  const result = await run([folder], { yaml, dataDir });
  const lines = documents(tokenward(['inventory', '--json', '--data-dir', dataDir]).stdout) as { tokenward: InventoryLine }[];
  told = lines.map((one) => one.tokenward);
  return result;
}

/** What each log tells of a token, as `outcome lifecycle`. */
function storyOf(id: string, source: string): string[] {
  const known = told.find(({ token }) => token.handle === id)!.token.fingerprint;
  return eventsOf(seen).filter(({ tokenward }) => tokenward.input?.source === source && [tokenward.token?.fingerprint, tokenward.issued?.fingerprint].includes(known))
    .map(({ event, tokenward }) => `${event.outcome} ${tokenward.lifecycle}`);
}

const used = 'success used';

describe('issue, use, refused use and revocation are one token\'s, as far as each log tells', () => {
  test('Keycloak: issue and revocation', () => expect(storyOf(tokens.export.id, 'idp')).toEqual(['success issued', 'success revoked']));
  test('Envoy: uses, also after the revocation, and the refused one', () => {
    expect(storyOf(tokens.export.id, 'envoy')).toEqual([used, used, used, used, used, ...Array.from(storyOf(tokens.export.id, 'envoy').slice(5), () => 'failure refused')]);
    expect(storyOf(tokens.export.id, 'envoy').length).toBeGreaterThan(5);
  });
  test('HAProxy: uses and the refused one', () => expect(storyOf(tokens.export.id, 'haproxy')).toEqual([used, used, used, used, 'failure refused']));
  test('the other client\'s token has a story of its own', () => {
    expect(['idp', 'envoy', 'haproxy'].map((source) => storyOf(tokens.billing.id, source))).toEqual([['success issued'], Array(4).fill(used), Array(4).fill(used)]);
  });
  test('Keycloak\'s refusal of a revoked token names nobody, and is nobody\'s', () => {
    const [refused] = eventsOf(seen).filter(({ event }) => event.action === 'USER_INFO_REQUEST_ERROR');
    expect([refused?.tokenward.authenticated, refused?.tokenward.token?.fingerprint, refused?.tokenward.identity]).toEqual([false, undefined, undefined]);
  });
});

test('the inventory tells the story', () => {
  const lineOf = (id: string): InventoryLine => told.find(({ token }) => token.handle === id)!;
  expect(lineOf(tokens.export.id)).toMatchObject({
    token: { kind: 'jwt', issuer: keycloak.url + realm, issue_seen: true }, identity: { kind: 'client', name: 'export' },
    networks: ['127.10.0.0/24', '127.66.6.0/24'], resources: ['127.0.0.1/v1/orders', 'orders/v1/orders'],
  });
  expect(lineOf(tokens.export.id).token.revoked_at).not.toBeNull();
  expect(lineOf(tokens.billing.id)).toMatchObject({ token: { issue_seen: true, revoked_at: null }, identity: { name: 'billing' }, networks: ['127.10.0.0/24'] });
});

test('that a gateway accepted the revoked token is told', () => {
  expect(seen.alerts.map(({ rule, tokenward }) => [rule.id, tokenward.token?.handle])).toContainEqual(['revoked-token-use', tokens.export.id]);
});

test('nothing is refused, and no token is anywhere', () => {
  expect(seen.quarantineText).toBe('');
  for (const { text } of Object.values(tokens)) expect(seen.eventsText + seen.alertsText + JSON.stringify(told)).not.toContain(text);
});
