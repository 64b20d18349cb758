import { describe, expect, test } from 'vitest';
import type { Target } from '../../../../src/model/intent.ts';
import { kongIds, startGithub, startKong, startPing, startReceiver, type FakeReceiver } from '../../../support/providers/others.ts';
import { fileWith, intentOf, signal, targetOf } from '../support.ts';
import { open, revoke, rsaKeys, secret, expectStory } from './support.ts';

describe('GitHub', () => {
  const target: Partial<Target> = { issuer: 'github', tokenKind: 'opaque' };
  const token = `ghp_${'a'.repeat(36)}`;

  test('a token is handed in without saying who asks; nobody can be asked what became of it', async () => {
    const fake = await startGithub();
    const action = open({ type: 'github', api_url: fake.url }, { token });
    expect([await action.perform(revoke(target), signal), action.probe, action.undo]).toEqual([{ kind: 'done' }, null, null]);
    expect([[...fake.revoked], fake.faults]).toEqual([[token], []]);
  });

  test('what GitHub does not revoke is not shown to it', async () => {
    const fake = await startGithub();
    expect(await open({ type: 'github', api_url: fake.url }, { token: `ghs_${'a'.repeat(36)}` }).perform(revoke(target), signal)).toEqual({ kind: 'failed', reason: 'action_error' });
    expect([fake.seen, open({ type: 'github' }).fits(targetOf(target), 'revoke')]).toEqual([[], 'tokens_not_sealed']);
  });
});

describe('Kong', () => {
  const target: Partial<Target> = { issuer: 'kong', tokenKind: 'api_key', handle: kongIds.key, identityId: `kong:${kongIds.consumer}` };
  const section = (url: string, call: string) => ({ type: 'kong', call, admin_url: url, admin_token_file: fileWith(secret) });

  test('a key is deleted, its sibling stays', async () => {
    const fake = await startKong(secret);
    await expectStory(open(section(fake.url, 'key_auth')), revoke(target), fake);
    expect([...fake.keys]).toEqual([kongIds.sibling]);
  });

  test('a consumer is refused, and let in again', async () => {
    const fake = await startKong(secret);
    const action = open(section(fake.url, 'consumer'));
    await expectStory(action, revoke(target), fake);
    expect([fake.plugins.size, action.fits(targetOf({ ...target, identityId: 'kong:all' }), 'revoke')]).toEqual([0, 'no_public_id']);
  });
});

describe('Ping', () => {
  const issuer = 'https://sso.example';

  test('a session of PingOne ends', async () => {
    const fake = await startPing(secret);
    const action = open({ type: 'ping_one', environment_id: 'env-1', api_url: `${fake.url}/v1`, auth_url: fake.url, client_id: 'worker', client_secret_file: fileWith(secret) });
    const target: Partial<Target> = { issuer: `${fake.url}/env-1/as`, tokenKind: 'session', handle: 's-1' };
    expect([await action.perform(revoke(target), signal), await action.perform(revoke(target), signal)]).toEqual([{ kind: 'done' }, { kind: 'already' }]);
    expect([[...fake.sessions], fake.faults, action.fits(targetOf({ ...target, tokenKind: 'jwt' }), 'revoke')]).toEqual([['s-2'], [], 'token_kind_not_supported']);
  });

  test('a grant of PingFederate ends, of a client or of a user', async () => {
    for (const [part, left] of [[{ client: 'export', handle: 'g1' }, 'users/joe/g2'], [{ client: null, userId: 'joe', handle: 'g2' }, 'clients/export/g1']] as const) {
      const fake = await startPing(secret);
      const action = open({ type: 'ping_federate', call: 'grant', base_url: fake.url, issuer, user_name: 'admin', password_file: fileWith(secret) });
      await expectStory(action, revoke({ issuer, tokenKind: 'session', ...part }), fake);
      expect([[...fake.grants], action.fits(targetOf({ issuer, tokenKind: 'session', handle: 'tid:1' }), 'revoke')]).toEqual([[left], 'no_public_id']);
    }
  });

  test('the session that a token of PingFederate names is put on the list of revoked ones', async () => {
    const fake = await startPing(secret);
    const token = `e30.${Buffer.from(JSON.stringify({ 'pi.sri': 'sri-1' })).toString('base64url')}.c2ln`;
    const action = open({ type: 'ping_federate', call: 'session', base_url: fake.url, issuer, user_name: 'admin', password_file: fileWith(secret) }, { token });
    expect([await action.perform(revoke({ issuer }), signal), [...fake.sris], fake.faults]).toEqual([{ kind: 'done' }, ['sri-1'], []]);
  });
});

describe('shared signals', () => {
  const keys = rsaKeys();
  const rules = { key: keys.publicKey, keyId: 'k-1', issuer: 'https://tokenward.example', audience: 'https://sp.example/caep', authorization: `Bearer ${secret}` };
  const target: Partial<Target> = { issuer: 'https://idp.example', handle: 'jti-1', userId: 'sub-1', identityId: 'https://idp.example|sub-1' };
  const section = (fake: FakeReceiver, call: string, part: object = {}) => ({
    type: 'shared_signals', call, endpoint: `${fake.url}/events`, issuer: rules.issuer, audience: rules.audience, signing_key_file: keys.file, key_id: 'k-1',
    authorization_file: fileWith(rules.authorization), ...part,
  });

  test('a signed event, the same one over all attempts, names one token', async () => {
    const fake = await startReceiver(rules);
    const action = open(section(fake, 'session_revoked'));
    const intent = intentOf({ kind: 'revoke', target });
    expect([await action.perform(intent, signal), await action.perform(intent, signal)]).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    await Promise.all(fake.checks);
    expect([...fake.sets.keys(), ...fake.faults]).toEqual([intent.id]);
    expect(fake.sets.get(intent.id)).toMatchObject({
      txn: 'incident', sub_id: { format: 'jwt_id', iss: 'https://idp.example', jti: 'jti-1' },
      events: { 'https://schemas.openid.net/secevent/caep/event-type/session-revoked': { initiating_entity: 'policy', event_timestamp: intent.decidedMs / 1000 } },
    });
    expect([action.probe, action.undo, action.kinds]).toEqual([null, null, ['revoke', 'notify']]);
  });

  test('a changed credential, by its subject', async () => {
    const fake = await startReceiver(rules);
    const action = open(section(fake, 'credential_change', { subject: 'iss_sub' }));
    await action.perform(revoke({ ...target, tokenKind: 'certificate' }), signal);
    await action.perform({ ...revoke({ ...target, tokenKind: 'api_key' }), id: 'second' }, signal);
    const events = [...fake.sets.values()].map(({ events: one }) => Object.values(one as object)[0] as object);
    expect(events).toMatchObject([{ credential_type: 'x509', change_type: 'revoke' }, { credential_type: 'api-key', change_type: 'revoke' }]);
    expect([action.fits(targetOf({ ...target, identityId: null }), 'revoke'), fake.faults]).toEqual(['no_public_id', []]);
  });

  test('what the receiver says of a refused event is one of the documented words', async () => {
    const fake = await startReceiver(rules);
    const action = open(section(fake, 'session_revoked'));
    fake.err = 'invalid_key';
    expect(await action.perform(revoke(target), signal)).toEqual({ kind: 'failed', reason: 'invalid_key' });
    fake.err = 'a-secret-canary';
    expect(await action.perform(revoke(target), signal)).toEqual({ kind: 'failed', reason: 'http_400' });
    expect(action.fits(targetOf({ ...target, tokenKind: 'opaque' }), 'revoke')).toBe('no_public_id');
  });
});
