import { describe, expect, test } from 'vitest';
import type { Target } from '../../../../src/model/intent.ts';
import type { Action } from '../../../../src/respond/port.ts';
import { startGoogle, type FakeGoogle } from '../../../support/providers/google.ts';
import { startDomain, startOci, victim, type FakeOci } from '../../../support/providers/oci.ts';
import { fileWith, signal, targetOf } from '../support.ts';
import { open, revoke, rsaKeys, secret, expectStory } from './support.ts';

const keys = rsaKeys();
const email = 'export@example.iam.gserviceaccount.com';

async function google(call: string, token?: string): Promise<{ readonly fake: FakeGoogle; readonly action: Action }> {
  const own = { email: 'tokenward@ours.iam.gserviceaccount.com', keyId: 'own-key' };
  const fake = await startGoogle(keys.publicKey, own);
  const file = fileWith(JSON.stringify({ type: 'service_account', client_email: own.email, private_key: keys.pem, private_key_id: own.keyId }));
  const action = open({
    type: 'google', call, project: 'example', key_file: file, iam_url: `${fake.url}/v1`, apigee_url: `${fake.url}/apigee`, token_url: `${fake.url}/token`,
    identities: { [`gcp|${email}`]: 'dev@example.com/export' },
  }, token === undefined ? {} : { token });
  return { fake, action };
}

describe('Google Cloud', () => {
  const key: Partial<Target> = { issuer: 'gcp', tokenKind: 'service_account_key', handle: '0123456789abcdef0123', identityId: `gcp|${email}` };

  test.each(['key', 'service_account', 'apigee_app'])('%s: stopped and back, by a token for our signed assertion', async (call) => {
    const { fake, action } = await google(call);
    await expectStory(action, revoke(key), fake);
    expect([fake.endpoint.issuedCount, await Promise.all(fake.checks)]).toEqual([1, [undefined]]);
    expect([...fake.disabled.values(), ...fake.apps.values()]).toEqual([false, false, false, 'approved', 'approved']);
  });

  test('Apigee: one key of an app is stopped and comes back, the app and its other key go on; not what was got with a key', async () => {
    const { fake, action } = await google('apigee_key', 'key/one');
    const target: Partial<Target> = { issuer: 'apigee:example', tokenKind: 'api_key', handle: null, identityId: `gcp|${email}` };
    await expectStory(action, revoke(target), fake);
    expect(fake.seen.filter((one) => one.startsWith('POST /apigee')).every((one) => one.includes('/keys/key%2Fone?action='))).toBe(true);
    expect([[...fake.keys.values()], [...fake.apps.values()]]).toEqual([['approved', 'approved'], ['approved', 'approved']]);
    expect(action.fits(targetOf({ ...target, tokenKind: 'opaque' }), 'revoke')).toBe('token_kind_not_supported');
  });

  test.each<[string, Partial<Target>, string]>([
    ['a key of another project', { identityId: 'gcp|export@other.iam.gserviceaccount.com' }, 'other_account'], ['a person', { identityId: 'gcp|joe@example.com' }, 'other_account'],
    ['what is no key id', { handle: 'a/b' }, 'no_public_id'], ['an access token', { tokenKind: 'opaque' }, 'token_kind_not_supported'],
  ])('not done to %s', async (_, part, why) => {
    expect((await google('key')).action.fits(targetOf({ ...key, ...part }), 'revoke')).toBe(why);
  });
});

const fingerprint = '20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34';
const ours = { region: 'eu-frankfurt-1', tenancy_id: 'ocid1.tenancy.oc1..t', user_id: 'ocid1.user.oc1..ours', key_fingerprint: fingerprint };

async function oci(call: string): Promise<{ readonly fake: FakeOci; readonly action: Action }> {
  const fake = await startOci(`${ours.tenancy_id}/${ours.user_id}/${fingerprint}`, keys.publicKey);
  return { fake, action: open({ type: 'oci', call, ...ours, key_file: keys.file, endpoint: fake.url }) };
}

describe('Oracle Cloud', () => {
  const apiKey: Partial<Target> = { issuer: 'oci', tokenKind: 'api_key', handle: `${victim}/${fingerprint}`, identityId: `oci|${victim}` };
  const credential: Partial<Target> = { ...apiKey, tokenKind: 'opaque', handle: 'ocid1.credential.oc1..stolen' };

  test.each([
    ['api_key', 'apiKeys', apiKey], ['auth_token', 'authTokens', credential], ['customer_secret_key', 'customerSecretKeys', credential],
    ['oauth_client', 'oauth2ClientCredentials', credential],
  ] as const)('%s: deleted, its siblings stay', async (call, collection, target) => {
    const { fake, action } = await oci(call);
    await expectStory(action, revoke(target), fake);
    expect([...fake.credentials].map(([name, ids]) => [name, ids.size])).toEqual(['apiKeys', 'authTokens', 'customerSecretKeys', 'oauth2ClientCredentials']
      .map((name) => [name, name === collection ? 1 : 2]));
    expect(await action.perform(revoke(target), signal)).toEqual({ kind: 'already' });
  });

  test('all API keys of a user stop and come back', async () => {
    const { fake, action } = await oci('user_api_keys');
    await expectStory(action, revoke(apiKey), fake);
  });

  test('what we may not touch looks like what is not there, and is not taken for done', async () => {
    for (const [call, target] of [['api_key', apiKey], ['user_api_keys', apiKey]] as const) {
      const { fake, action } = await oci(call);
      fake.isForeign = true;
      expect([await action.perform(revoke(target), signal), await action.probe!(revoke(target), signal)]).toEqual([{ kind: 'failed', reason: 'http_404' }, 'unknown']);
    }
  });

  test.each<[string, string, Partial<Target>, string]>([
    ['another issuer', 'api_key', { issuer: 'aws' }, 'other_issuer'], ['a key without its user', 'api_key', { handle: fingerprint }, 'no_public_id'],
    ['a credential of nobody known', 'auth_token', { ...credential, identityId: null }, 'no_public_id'], ['a key that is no auth token', 'auth_token', apiKey, 'no_public_id'],
  ])('not done to %s', async (_, call, part, why) => {
    expect((await oci(call)).action.fits(targetOf({ ...apiKey, ...part }), 'revoke')).toBe(why);
  });

  test.each([['auth_token', 'AuthTokens/t1'], ['oauth_client', 'OAuth2ClientCredentials/c1']] as const)('%s of an identity domain is switched off and on', async (call, path) => {
    const fake = await startDomain(secret);
    const section = { type: 'oci_domain', call, domain_url: fake.url, client_id: 'domain-app', client_secret_file: fileWith(secret), identities: { [`oci|${victim}`]: path.split('/')[1]! } };
    const action = open(section);
    const statuses = [await action.perform(revoke(apiKey), signal), fake.status.get(path), await action.undo!(revoke(apiKey), signal), fake.status.get(path)];
    expect([...statuses, action.probe, fake.faults]).toEqual([{ kind: 'done' }, 'INACTIVE', { kind: 'done' }, 'ACTIVE', null, []]);
  });
});
