import { expect, test } from 'vitest';
import type { Target } from '../../../../src/model/intent.ts';
import type { Action } from '../../../../src/respond/port.ts';
import { startKeycloak, type FakeKeycloak } from '../../../support/providers/keycloak.ts';
import { fileWith, intentOf, signal, targetOf } from '../support.ts';
import { open, revoke, secret, expectStory } from './support.ts';

let nowMs = Date.UTC(2026, 10, 22, 2, 0);

async function start(call: string, sid = 's-1'): Promise<{ fake: FakeKeycloak; action: Action; token: string; target: Partial<Target> }> {
  const fake = await startKeycloak(secret, () => nowMs);
  const token = fake.login(sid);
  const issuer = `${fake.url}/realms/prod`;
  const action = open({
    type: 'keycloak', call, base_url: `${fake.url}/`, realm: 'prod', client_id: 'tokenward', client_secret_file: fileWith(secret), identities: { [`${issuer}|u-1`]: 'billing-export' },
  }, { token, now: () => nowMs });
  return { fake, action, token, target: { issuer, userId: 'u-1', identityId: `${issuer}|u-1` } };
}

test('the session of the token itself ends; another of the same user goes on', async () => {
  const { fake, action, token, target } = await start('session');
  const sibling = fake.login('s-2');
  await expectStory(action, revoke(target), fake);
  expect([fake.isDead(token), fake.isDead(sibling)]).toEqual([true, false]);
  expect(action.fits(targetOf({ ...target, tokenKind: 'api_key' }), 'revoke')).toBe('token_kind_not_supported');
  expect(action.fits(targetOf({ ...target, issuer: 'https://other.example' }), 'revoke')).toBe('other_issuer');
});

test('a user\'s sessions end; who logs in afterwards is no sign that it failed', async () => {
  const { fake, action, token, target } = await start('user_logout');
  const intent = { ...revoke(target), sentMs: nowMs };
  await expectStory(action, intent, fake);
  expect(fake.isDead(token)).toBe(true);
  nowMs += 60_000;
  fake.login('s-3');
  expect(await action.probe!(intent, signal)).toBe('dead');
  expect(action.fits(targetOf({ ...target, userId: 'u-2' }), 'revoke'), 'an id that is not the identity\'s').toBe('no_public_id');
});

test('what the client got before now is dead, what it gets afterwards is not, and the rest of it stays as it was', async () => {
  const { fake, action, token, target } = await start('client_not_before');
  nowMs += 5_000;
  await expectStory(action, intentOf({ kind: 'revoke', target, decidedMs: nowMs, sentMs: nowMs }), fake);
  nowMs += 1_000;
  expect([fake.isDead(token), fake.isDead(fake.login('s-2'))]).toEqual([true, false]);
  fake.client['notBefore'] = 4_000_000_000;
  await action.perform(intentOf({ kind: 'revoke', target }), signal);
  expect(fake.client['notBefore'], 'a later cut stands').toBe(4_000_000_000);
});

test('a client is disabled and enabled; the token that was stolen lives again', async () => {
  const { fake, action, token, target } = await start('client_disable');
  await action.perform(revoke(target), signal);
  expect(fake.isDead(token)).toBe(true);
  await action.undo!(revoke(target), signal);
  expect(fake.isDead(token)).toBe(false);
  await expectStory(action, revoke(target), fake);
  expect(action.fits(targetOf({ ...target, identityId: `${target.issuer}|u-2` }), 'revoke')).toBe('not_listed');
});

test('our own token is fetched once, and anew where it is refused', async () => {
  const { fake, action, target } = await start('client_disable');
  await action.perform(revoke(target), signal);
  expect(fake.endpoint.issuedCount).toBe(1);
  fake.endpoint.forget();
  expect(await action.perform(revoke(target), signal)).toEqual({ kind: 'done' });
  expect([fake.endpoint.issuedCount, fake.faults]).toEqual([2, []]);
  nowMs += 600_000;
  await action.probe!(revoke(target), signal);
  expect(fake.endpoint.issuedCount, 'it had ended').toBe(3);
});

test('a secret that the server does not take is a failure and not tried again', async () => {
  const { fake, target } = await start('client_disable');
  const action = open({
    type: 'keycloak', call: 'client_disable', base_url: fake.url, realm: 'prod', client_id: 'tokenward', client_secret_file: fileWith('wrong'),
    identities: { [target.identityId!]: 'billing-export' },
  });
  expect(await action.perform(revoke(target), signal)).toEqual({ kind: 'failed', reason: 'credential_refused' });
  expect(await action.probe!(revoke(target), signal)).toBe('unknown');
});
