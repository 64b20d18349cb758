import { expect, test } from 'vitest';
import type { Target } from '../../../../src/model/intent.ts';
import type { Action } from '../../../../src/respond/port.ts';
import { startOkta, type FakeOkta } from '../../../support/providers/okta.ts';
import { fileWith, signal, targetOf } from '../support.ts';
import { open, revoke, secret, expectStory } from './support.ts';

const issuer = 'https://example.okta.com';
const user: Partial<Target> = { issuer, userId: '00u1', identityId: `${issuer}|00u1` };

async function start(call: string, listed = '0oa1'): Promise<{ readonly fake: FakeOkta; readonly action: Action }> {
  const fake = await startOkta(secret);
  return { fake, action: open({ type: 'okta', call, org_url: fake.url, issuer, api_token_file: fileWith(secret), identities: { [`${issuer}|00u1`]: listed } }) };
}

test('one session ends, the user\'s other goes on', async () => {
  const { fake, action } = await start('session');
  await expectStory(action, revoke({ ...user, tokenKind: 'session', handle: '102abc' }), fake);
  expect([...fake.sessions.keys()]).toEqual(['102def']);
  expect(action.fits(targetOf({ ...user, tokenKind: 'jwt' }), 'revoke')).toBe('token_kind_not_supported');
});

test('all of a user\'s sessions end with their tokens; nobody can be asked', async () => {
  const { fake, action } = await start('user_sessions');
  expect([await action.perform(revoke(user), signal), action.probe, action.undo]).toEqual([{ kind: 'done' }, null, null]);
  expect([[...fake.ended], fake.faults]).toEqual([['00u1'], []]);
});

test('an application and a secret of it are switched off and on', async () => {
  const app = await start('app');
  await expectStory(app.action, revoke(user), app.fake);
  const one = await start('secret', '0oa1/ocs1');
  await expectStory(one.action, revoke(user), one.fake);
  expect(one.fake.status.get('0oa1/ocs2')).toBe('ACTIVE');
});

test('the only secret cannot be switched off', async () => {
  const { action } = await start('secret', '0oa2/ocs9');
  expect([await action.perform(revoke(user), signal), await action.probe!(revoke(user), signal)]).toEqual([{ kind: 'failed', reason: 'http_400' }, 'alive']);
});

test('an entry that is no pair is a mistake, and nothing is called', async () => {
  const { fake, action } = await start('secret', '0oa1');
  expect(await action.perform(revoke(user), signal)).toEqual({ kind: 'failed', reason: 'action_error' });
  expect(fake.seen).toEqual([]);
});

test('an API token ends', async () => {
  const { fake, action } = await start('api_token');
  await expectStory(action, revoke({ ...user, tokenKind: 'api_key', handle: '00T1' }), fake);
  expect([...fake.apiTokens.keys()]).toEqual(['00T2']);
});
