import { expect, test } from 'vitest';
import type { Target } from '../../../../src/model/intent.ts';
import type { Action } from '../../../../src/respond/port.ts';
import { ids, startApim, startGraph, type FakeGraph } from '../../../support/providers/microsoft.ts';
import { fileWith, intentOf, signal, targetOf } from '../support.ts';
import { open, revoke, secret, expectStory } from './support.ts';

const issuer = `https://sts.windows.net/${ids.tenant}/`;
const subject = (id: string): Partial<Target> => ({ issuer, userId: id, identityId: `${issuer}|${id}` });
const nowMs = Date.UTC(2026, 10, 22, 2, 15);

async function graph(call: string, listed: string = ids.application): Promise<{ readonly fake: FakeGraph; readonly action: Action }> {
  let url = '';
  const fake = await startGraph(secret, () => url, () => nowMs);
  url = fake.url;
  const action = open({
    type: 'entra', call, tenant_id: ids.tenant, graph_url: `${url}/v1.0`, login_url: url, client_id: 'app-id', client_secret_file: fileWith(secret),
    identities: { [`${issuer}|${ids.principal}`]: listed },
  });
  return { fake, action };
}

test('a service principal is stopped and comes back', async () => {
  const { fake, action } = await graph('service_principal');
  await expectStory(action, revoke(subject(ids.principal)), fake);
  expect(await action.perform(revoke(subject(ids.user)), signal), 'a person is no principal').toEqual({ kind: 'failed', reason: 'http_404' });
  expect(action.fits(targetOf({ ...subject(ids.principal), userId: 'joe@example.com' }), 'revoke')).toBe('no_public_id');
  expect(action.fits(targetOf({ ...subject(ids.principal), issuer: 'https://sts.windows.net/other/' }), 'revoke')).toBe('other_issuer');
});

test('an application is stopped and comes back, and only one that is listed', async () => {
  const { fake, action } = await graph('application');
  await expectStory(action, revoke(subject(ids.principal)), fake);
  expect(action.fits(targetOf(subject(ids.user)), 'revoke')).toBe('not_listed');
});

test('one secret of an application goes, its others stay', async () => {
  const { fake, action } = await graph('password');
  const target: Partial<Target> = { ...subject(ids.principal), tokenKind: 'api_key', handle: ids.secret.toUpperCase() };
  await expectStory(action, revoke(target), fake);
  expect(await action.perform(revoke(target), signal)).toEqual({ kind: 'already' });
  expect([fake.state.passwords, fake.faults, action.undo]).toEqual([[ids.otherSecret], [], null]);
});

test('one certificate of an application goes, the others are sent back whole', async () => {
  const { fake, action } = await graph('key');
  const target: Partial<Target> = { ...subject(ids.principal), tokenKind: 'certificate', handle: ids.key };
  await expectStory(action, revoke(target), fake);
  expect(fake.state.keys.map(({ keyId, key }) => [keyId, key])).toEqual([[ids.otherKey, 'MIIC']]);
});

test('one trust of an application goes, its others and its secrets stay', async () => {
  const { fake, action } = await graph('federated', `${ids.application}/${ids.trust}`);
  await expectStory(action, revoke({ ...subject(ids.principal), tokenKind: 'jwt' }), fake);
  expect([fake.state.trusts, fake.state.passwords.length, fake.state.keys.length, action.undo]).toEqual([[ids.otherTrust], 2, 2, null]);
  expect(action.fits(targetOf(subject(ids.user)), 'revoke')).toBe('not_listed');
});

test('certificates that cannot be read whole are left alone', async () => {
  const { fake, action } = await graph('key');
  fake.state.keys[1] = { ...fake.state.keys[1]!, key: null };
  expect(await action.perform(revoke({ ...subject(ids.principal), tokenKind: 'certificate', handle: ids.key }), signal)).toEqual({ kind: 'failed', reason: 'keys_not_readable' });
  expect(fake.state.keys).toHaveLength(2);
});

test('a user\'s sign-in sessions end', async () => {
  const { fake, action } = await graph('sign_in_sessions');
  await expectStory(action, intentOf({ kind: 'revoke', target: subject(ids.user), decidedMs: nowMs - 1000 }), fake);
});

test('a subscription of API Management is suspended and active again', async () => {
  let url = '';
  const fake = await startApim(secret, () => url);
  url = fake.url;
  const action = open({
    type: 'apim', tenant_id: ids.tenant, subscription_id: 'sub-1', resource_group: 'Group', service: 'edge', management_url: url, login_url: url, client_id: 'app-id',
    client_secret_file: fileWith(secret),
  });
  const target: Partial<Target> = {
    tokenKind: 'api_key', handle: 'partner-1', issuer: 'azure.apim:/subscriptions/sub-1/resourcegroups/group/providers/microsoft.apimanagement/service/edge',
  };
  await expectStory(action, revoke(target), fake);
  expect(fake.states.get('partner-2')).toBe('active');
  expect(action.fits(targetOf({ ...target, issuer: 'azure.apim:/subscriptions/other' }), 'revoke')).toBe('other_issuer');
});
