import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Target } from '../../../src/model/intent.ts';
import { open } from '../../respond/actions/providers/support.ts';
import { fileWith } from '../../respond/actions/support.ts';
import { startService, statusOf } from '../../support/real-gateway.ts';
import { RealPlan } from '../../support/real-plan.ts';
import { startEnvoy, type Envoy } from '../../support/servers/envoy.ts';
import { startKeycloak, type Keycloak } from '../../support/servers/keycloak.ts';
import { Realm, type Issued } from './realm.ts';

// What each action really stops at a real Keycloak, and what it leaves alive. A real Envoy checks the same tokens by their signatures.

let keycloak: Keycloak;
let realm: Realm;
let envoy: Envoy;
let service: Server;

beforeAll(async () => {
  [keycloak, { server: service }] = await Promise.all([startKeycloak(), startService()]);
  realm = await Realm.make(keycloak);
  envoy = await startEnvoy({ issuer: realm.issuer, jwks: await realm.keys(), upstream: (service.address() as { port: number }).port });
}, 10 * 60_000);
afterAll(async () => {
  await Promise.all([keycloak?.stop(), envoy?.stop()]);
  service?.close();
});

/** Whether Keycloak takes the stolen token, whether a new one comes for its refresh token, and whether Keycloak takes a sibling. */
async function alive(stolen: Issued, sibling: Issued): Promise<object> {
  return { token: await realm.isTaken(stolen), refresh: await realm.canRefresh(stolen, 'export'), sibling: await realm.isTaken(sibling) };
}
const all = { token: true, refresh: true, sibling: true };
const none = { token: false, refresh: false, sibling: false };

function targetOf({ jti, subject }: Issued): Partial<Target> {
  return { handle: jti, tokenKind: 'jwt', issuer: realm.issuer, userId: subject, identityId: `${realm.issuer}|${subject}`, client: 'export' };
}

function planFor(call: string, stolen: Issued): RealPlan {
  return RealPlan.open([{
    name: 'keycloak', type: 'keycloak', call, base_url: keycloak.url, realm: 'shop', client_id: 'tokenward', client_secret_file: fileWith('tokenward'), allow_private: true,
    identities: { [`${realm.issuer}|${stolen.subject}`]: 'export' },
  }], stolen.access);
}

function revocationOf(token: string, asking = 'tokenward', owner = 'export'): RealPlan {
  const endpoint = `${realm.issuer}/protocol/openid-connect`;
  return RealPlan.open([{
    name: 'keycloak', type: 'oauth_revocation', issuer: realm.issuer, revocation_endpoint: `${endpoint}/revoke`, introspection_endpoint: `${endpoint}/token/introspect`,
    client_id: owner, client_secret_file: fileWith(owner), introspection_client_id: asking, introspection_client_secret_file: fileWith(asking), allow_private: true, exposure: '1s',
  }], token);
}

const revoke = { kind: 'revoke', action: 'keycloak' } as const;
const step = 'revoke keycloak';

/** Nothing done at the issuer is heard of by who only checks signatures. */
async function expectOfflineUse({ access }: Issued): Promise<void> {
  expect(await statusOf(envoy.port, access)).toBe(200);
}

test('RFC 7009 on an access token: it is dead, its refresh token gets another, siblings go on', async () => {
  const [stolen, sibling] = [await realm.issue('export'), await realm.issue('export')];
  expect(await alive(stolen, sibling)).toEqual(all);
  const plan = revocationOf(stolen.access);
  plan.propose(targetOf(stolen), revoke);
  await plan.comesTo(step, 'verified');
  expect(await alive(stolen, sibling)).toEqual({ ...all, token: false });
  await expectOfflineUse(stolen);
});

test('RFC 7009 on the refresh token ends both, and no sibling', async () => {
  const [stolen, sibling] = [await realm.issue('export'), await realm.issue('export')];
  const plan = revocationOf(stolen.refresh, 'export');
  plan.propose({ ...targetOf(stolen), tokenKind: 'refresh' }, revoke);
  await plan.comesTo(step, 'verified');
  expect(await alive(stolen, sibling)).toEqual({ ...none, sibling: true });
  await expectOfflineUse(stolen);
});

test('a 200 is no proof: who is outside the audience hears "inactive" of a token that works, so nothing counts as proven', async () => {
  const stolen = await realm.issue('export');
  const plan = revocationOf(stolen.access, 'stranger');
  plan.propose(targetOf(stolen), revoke);
  await plan.comesTo(step, 'unknown');
  expect(plan.stands(step)).toBe('unknown: never_seen_alive');
});

test('another client cannot revoke it, and is told so', async () => {
  const stolen = await realm.issue('export');
  const plan = revocationOf(stolen.access, 'tokenward', 'rates');
  plan.propose(targetOf(stolen), revoke);
  await plan.comesTo(step, 'failed');
  expect(await realm.isTaken(stolen)).toBe(true);
});

test('the session: access and refresh token end, no sibling', async () => {
  const [stolen, sibling] = [await realm.issue('export'), await realm.issue('export')];
  const plan = planFor('session', stolen);
  plan.propose(targetOf(stolen), revoke);
  await plan.comesTo(step, 'verified');
  expect(await alive(stolen, sibling)).toEqual({ ...none, sibling: true });
  await expectOfflineUse(stolen);
});

test('logout of the service account: siblings as well; new tokens come', async () => {
  const [stolen, sibling] = [await realm.issue('export'), await realm.issue('export')];
  const plan = planFor('user_logout', stolen);
  plan.propose(targetOf(stolen), revoke);
  await plan.comesTo(step, 'verified');
  expect(await alive(stolen, sibling)).toEqual(none);
  expect(await realm.isTaken(await realm.issue('export'))).toBe(true);
  await expectOfflineUse(stolen);
});

test('not-before of the client: all that it got before; new tokens come a second later', async () => {
  const [stolen, sibling, other] = [await realm.issue('export'), await realm.issue('export'), await realm.issue('rates')];
  await sleep(1100);
  const plan = planFor('client_not_before', stolen);
  plan.propose(targetOf(stolen), revoke);
  await plan.comesTo(step, 'verified');
  expect(await alive(stolen, sibling)).toEqual(none);
  await sleep(1100);
  expect([await realm.isTaken(await realm.issue('export')), await realm.isTaken(other)]).toEqual([true, true]);
  await expectOfflineUse(stolen);
});

test('a new secret kills no token', async () => {
  const stolen = await realm.issue('export');
  const id = await realm.idOf('export');
  await keycloak.administer('POST', `/shop/clients/${id}/client-secret`);
  expect([await realm.tryIssue('export'), await realm.isTaken(stolen)]).toEqual([null, true]);
  await keycloak.administer('PUT', `/shop/clients/${id}`, { ...await keycloak.administer('GET', `/shop/clients/${id}`) as object, secret: 'export' });
});

test('where no policy keeps an old secret beside a new one, a rotation makes none', async () => {
  const plan = RealPlan.open([{
    name: 'rotation', type: 'rotation', allow_private: true,
    credential: { type: 'keycloak_secret', base_url: keycloak.url, realm: 'shop', client_id: 'tokenward', client_secret_file: fileWith('tokenward'), identities: { export: 'export' } },
    stores: [{ type: 'vault_kv', address: 'http://127.0.0.1:9', token_file: fileWith('none'), secrets: { export: 'app/export' }, id_field: 'id', secret_field: 'key' }],
  }]);
  plan.propose({ issuer: realm.issuer, identityId: 'export' }, { kind: 'rotate', action: 'rotation' });
  await plan.comesTo('rotate rotation', 'failed');
  expect([plan.stands('rotate rotation'), await realm.isTaken(await realm.issue('export'))]).toEqual(['failed: old_dies_at_once', true]);
});

test('a disabled client that is enabled again revives the stolen token, unless its session was ended before', async () => {
  const [stolen, ended] = [await realm.issue('export'), await realm.issue('export')];
  const session = planFor('session', ended);
  session.propose(targetOf(ended), revoke);
  await session.comesTo(step, 'verified');
  const plan = planFor('client_disable', stolen);
  plan.propose(targetOf(stolen), revoke);
  await plan.comesTo(step, 'verified');
  expect([await realm.isTaken(stolen), await realm.tryIssue('export')]).toEqual([false, null]);
  await expectOfflineUse(stolen);
  await plan.takeBack(step);
  expect([await realm.isTaken(stolen), await realm.isTaken(ended)], 'the stolen one lives again').toEqual([true, false]);
});

test('killed and started again, what was dead is dead and what lived lives', async () => {
  const [byToken, bySession, living] = [await realm.issue('export'), await realm.issue('export'), await realm.issue('export')];
  for (const plan of [[revocationOf(byToken.access), byToken], [planFor('session', bySession), bySession]] as const) {
    plan[0].propose(targetOf(plan[1]), revoke);
    await plan[0].comesTo(step, 'verified');
  }
  // Its database in a file is half a second behind.
  await sleep(2_000);
  await keycloak.kill();
  await keycloak.restart();
  expect(await Promise.all([byToken, bySession, living].map((one) => realm.isTaken(one)))).toEqual([false, false, true]);
}, 180_000);

test('what our client may do is told without acting', async () => {
  const asked = async (call: string, client: string, secret = client): Promise<readonly unknown[]> => {
    const section = { type: 'keycloak', call, base_url: keycloak.url, realm: 'shop', client_id: client, client_secret_file: fileWith(secret), identities: { x: 'export' } };
    return (await open(section).rights!.ask(AbortSignal.timeout(20_000))).map(({ granted }) => granted);
  };
  expect(await asked('user_logout', 'tokenward')).toEqual(['granted']);
  expect(await asked('client_disable', 'tokenward')).toEqual(['granted']);
  expect(await asked('client_disable', 'stranger')).toEqual(['missing']);
  expect(await asked('client_disable', 'stranger', 'wrong')).toEqual(['refused']);
});
