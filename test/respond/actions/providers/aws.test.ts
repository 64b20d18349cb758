import { describe, expect, test } from 'vitest';
import type { Intent, Target } from '../../../../src/model/intent.ts';
import type { Action } from '../../../../src/respond/port.ts';
import { startAws, type FakeAws } from '../../../support/providers/aws.ts';
import { fileWith, intentOf, signal, targetOf } from '../support.ts';
import { open, revoke, secret, expectStory } from './support.ts';

const account = '123456789012';
const services: Readonly<Record<string, string>> = { api_gateway_key: 'apigateway', secret_rotation: 'secretsmanager' };

async function start(call: string, part: object = {}): Promise<{ readonly fake: FakeAws; readonly action: Action }> {
  const service = services[call] ?? 'iam';
  const region = service === 'iam' ? 'us-east-1' : 'eu-central-1';
  const fake = await startAws({ keyId: 'AKIARESPONDER0000001', secret, token: 'session-canary', region, service });
  const action = open({
    type: 'aws', call, account_id: account, access_key_id: 'AKIARESPONDER0000001', secret_key_file: fileWith(`${secret}\n`), session_token_file: fileWith('session-canary'),
    region: 'eu-central-1', endpoint: fake.url, ...part,
  });
  return { fake, action };
}

const key: Partial<Target> = { tokenKind: 'access_key', handle: 'AKIA111122223333EXPT', issuer: 'aws', identityId: `aws:${account}:AIDAEXPORT`, userId: 'AIDAEXPORT' };
const session: Partial<Target> = {
  tokenKind: 'temporary_key', handle: 'ASIA111122223333SESS', issuer: 'aws', identityId: `aws:${account}:AROA1234567890123456`, identityName: 'exporter',
  userId: 'AROA1234567890123456:i-0abc',
};

const statementsOf = (fake: FakeAws): unknown[] => (JSON.parse([...fake.policies.values()].at(-1)!) as { Statement: unknown[] }).Statement;

describe('an access key', () => {
  test('is made inactive under its owner\'s name, its sibling goes on, and it comes back', async () => {
    const { fake, action } = await start('access_key');
    await expectStory(action, revoke(key), fake);
    expect(fake.keys.get('AKIA111122223333SIBL')!.status).toBe('Active');
  });

  test('one that is gone is as good as stopped, and cannot be taken back', async () => {
    const { fake, action } = await start('access_key');
    fake.keys.delete('AKIA111122223333EXPT');
    expect([await action.perform(revoke(key), signal), await action.probe!(revoke(key), signal)]).toEqual([{ kind: 'already' }, 'dead']);
    expect(await action.undo!(revoke(key), signal)).toEqual({ kind: 'failed', reason: 'gone' });
  });

  test('an interface that is too busy is asked again later', async () => {
    const { fake, action } = await start('access_key');
    fake.throttled = 1;
    expect(await action.perform(revoke(key), signal)).toEqual({ kind: 'retry', reason: 'throttled' });
    expect(await action.perform(revoke(key), signal)).toEqual({ kind: 'done' });
  });

  test.each<[string, Partial<Target>, string]>([
    ['a temporary key', session, 'token_kind_not_supported'], ['another account', { identityId: 'aws:999999999999:AIDAEXPORT' }, 'other_account'],
    ['another issuer', { issuer: 'elsewhere' }, 'other_account'], ['nobody known', { identityId: null }, 'other_account'],
    ['what is no key id', { handle: 'AKIA*' }, 'token_kind_not_supported'],
  ])('not done to %s', async (_, part, why) => {
    const { fake, action } = await start('access_key');
    expect(action.fits(targetOf({ ...key, ...part }), 'revoke')).toBe(why);
    expect(await action.perform(revoke({ ...key, ...part }), signal)).toEqual({ kind: 'failed', reason: why });
    expect(fake.seen).toEqual([]);
  });
});

describe('a role', () => {
  const statementOf = (fake: FakeAws): unknown => statementsOf(fake)[0];

  test.each(['role_sessions', 'session', 'outbound_federation'])('%s: a policy of its own, and only that is taken back', async (call) => {
    const { fake, action } = await start(call);
    fake.policies.set('exporter/AWSRevokeOlderSessions', '{"Version":"2012-10-17"}');
    await expectStory(action, revoke(session), fake);
    expect([...fake.policies.keys()]).toEqual(['exporter/AWSRevokeOlderSessions']);
  });

  test('the cut stays where the first attempt made it', async () => {
    const { fake, action } = await start('role_sessions');
    const intent = intentOf({ kind: 'revoke', target: session, sentMs: Date.UTC(2026, 10, 22, 2, 15, 0, 900) });
    await action.perform(intent, signal);
    await action.perform(intent, signal);
    expect(statementOf(fake)).toMatchObject({ Action: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-11-22T02:15:00Z' } } });
  });

  test('one session by its full name; pinned, it goes on from its own networks', async () => {
    const { fake, action } = await start('session');
    await action.perform(revoke(session), signal);
    expect(statementOf(fake)).toMatchObject({ Condition: { StringEquals: { 'aws:userId': 'AROA1234567890123456:i-0abc' } } });
    const pin: Intent = { ...intentOf({ kind: 'pin', target: session }), keepNetworks: ['198.18.4.0/24'] };
    expect(await action.probe!(pin, signal), 'what stands there is no pin').toBe('unknown');
    expect(await action.perform(pin, signal)).toEqual({ kind: 'done' });
    expect(statementOf(fake)).toMatchObject({ Condition: { NotIpAddress: { 'aws:SourceIp': ['198.18.4.0/24'] }, Bool: { 'aws:ViaAWSService': 'false' } } });
    expect(await action.probe!(pin, signal)).toBe('dead');
    expect(await action.perform(intentOf({ kind: 'pin', target: session }), signal), 'nothing to keep').toEqual({ kind: 'failed', reason: 'action_error' });
  });

  test('all of its sessions are pinned to the networks of its users', async () => {
    const { fake, action } = await start('role_sessions');
    const pin: Intent = { ...intentOf({ kind: 'pin', target: session }), keepNetworks: ['198.18.4.0/24'] };
    await expectStory(action, pin, fake);
    await action.perform(pin, signal);
    expect(statementOf(fake)).toMatchObject({ Action: '*', Condition: { NotIpAddress: { 'aws:SourceIp': ['198.18.4.0/24'] }, Bool: { 'aws:ViaAWSService': 'false' } } });
    expect(await action.probe!(revoke(session), signal), 'a pin is no cut').toBe('unknown');
    expect(action.fits(targetOf(session), 'pin', ['10.20.0.0/16'])).toBe('vpc_not_named');
  });

  test('somebody else\'s words under our name prove nothing', async () => {
    const { fake, action } = await start('role_sessions');
    for (const statement of [{ Effect: 'Allow' }, { Effect: 'Deny', Resource: '*', Action: '*', Condition: {} }]) {
      fake.policies.set(`exporter/Tokenward-${intentOf().id}`, JSON.stringify({ Statement: statement }));
      expect(await action.probe!(revoke(session), signal)).toBe('unknown');
    }
  });

  test.each<[string, Partial<Target>, string]>([
    ['a user', { identityId: `aws:${account}:AIDAEXPORT` }, 'role_not_editable'], ['a role of Identity Center', { identityName: 'AWSReservedSSO_Admin_1' }, 'role_not_editable'],
    ['a role that a service owns', { identityName: 'AWSServiceRoleForECS' }, 'role_not_editable'], ['a role without a name', { identityName: null }, 'role_not_editable'],
    ['a person behind a role', { identityId: `aws:${account}:AROA1234567890123456:joe` }, 'role_not_editable'],
    ['a pattern', { userId: 'AROA1234567890123456:*' }, 'no_public_id'], ['a variable', { userId: 'AROA1234567890123456:${aws:userId}' }, 'no_public_id'],
    ['a long-term key', { tokenKind: 'access_key' }, 'token_kind_not_supported'],
  ])('not done to %s', async (_, part, why) => {
    const { action } = await start('session');
    expect(action.fits(targetOf({ ...session, ...part }), 'revoke')).toBe(why);
  });

  test('a role that does not exist is a failure', async () => {
    const { action } = await start('session');
    expect(await action.perform(revoke({ ...session, identityName: 'unknown' }), signal)).toEqual({ kind: 'failed', reason: 'http_404' });
  });
});

describe('all keys of a user', () => {
  const pin = (...keepNetworks: string[]): Intent => ({ ...intentOf({ kind: 'pin', target: { ...key, identityName: 'export' } }), keepNetworks });
  const via = { Bool: { 'aws:ViaAWSService': 'false' } };

  test('pinned, they go on from the known networks and by way of AWS\'s services; only that policy is taken back', async () => {
    const { fake, action } = await start('user_keys');
    fake.policies.set('export/own', '{"Version":"2012-10-17"}');
    await expectStory(action, pin('198.18.4.0/24', '2001:db8:4::/48'), fake);
    expect([...fake.policies.keys()]).toEqual(['export/own']);
    await action.perform(pin('198.18.4.0/24'), signal);
    expect(statementsOf(fake)).toEqual([{ Effect: 'Deny', Resource: '*', Action: '*', Condition: { NotIpAddress: { 'aws:SourceIp': ['198.18.4.0/24'] }, ...via } }]);
    expect(await action.probe!(pin('198.18.5.0/24'), signal), 'other places than are meant').toBe('unknown');
  });

  test('private addresses count within the VPCs that are named, and nowhere else', async () => {
    const { action: unnamed } = await start('user_keys');
    const target = targetOf({ ...key, identityName: 'export' });
    expect([['10.20.0.0/16'], ['198.18.4.0/24', '100.64.1.0/24'], ['fd00:1::/48'], ['198.18.4.0/24']].map((networks) => unnamed.fits(target, 'pin', networks)))
      .toEqual(['vpc_not_named', 'vpc_not_named', 'vpc_not_named', null]);
    expect(await unnamed.perform(pin('10.20.0.0/16'), signal)).toEqual({ kind: 'failed', reason: 'vpc_not_named' });
    const { fake, action } = await start('user_keys', { vpcs: ['vpc-0123456789abcdef0'] });
    await expectStory(action, pin('10.20.0.0/16', '198.18.4.0/24'), fake);
    await action.perform(pin('10.20.0.0/16', '198.18.4.0/24'), signal);
    const [byVpc, byAddress] = [{ 'aws:SourceVpc': ['vpc-0123456789abcdef0'] }, { 'aws:SourceIp': ['198.18.4.0/24'] }];
    expect(statementsOf(fake)).toMatchObject([
      { Condition: { NotIpAddress: byAddress, StringNotEquals: byVpc, ...via } },
      { Condition: { NotIpAddress: { ...byAddress, 'aws:VpcSourceIp': ['10.20.0.0/16', '198.18.4.0/24'] }, ...via } },
    ]);
    await action.perform(pin('10.20.0.0/16'), signal);
    expect(statementsOf(fake)).toMatchObject([{ Condition: { StringNotEquals: byVpc, ...via } }, { Condition: { NotIpAddress: { 'aws:VpcSourceIp': ['10.20.0.0/16'] }, ...via } }]);
    expect(JSON.stringify(statementsOf(fake)), 'no address of the internet is let through').not.toContain('aws:SourceIp');
  });

  test('a session that is pinned goes on by the same places', async () => {
    const { action } = await start('session');
    expect([action.fits(targetOf(session), 'pin', ['10.20.0.0/16']), action.fits(targetOf(session), 'revoke')]).toEqual(['vpc_not_named', null]);
  });

  test('more than AWS lets one user have fails, and nothing is written', async () => {
    const { fake, action } = await start('user_keys');
    const many = Array.from({ length: 120 }, (_, at) => `198.18.${at}.0/24`);
    expect(await action.perform(pin(...many), signal)).toEqual({ kind: 'failed', reason: 'policy_too_long' });
    expect([fake.policies.size, await action.perform(pin(), signal)]).toEqual([0, { kind: 'failed', reason: 'action_error' }]);
  });

  test.each<[string, Partial<Target>, string]>([
    ['the account\'s root', { identityId: `aws:${account}:root`, identityName: 'root' }, 'user_not_editable'], ['a role', { ...session, tokenKind: 'access_key' }, 'user_not_editable'],
    ['a user without a name', { identityName: null }, 'user_not_editable'], ['a pattern', { identityName: '*' }, 'user_not_editable'],
    ['a session', { tokenKind: 'temporary_key', handle: 'ASIA111122223333SESS' }, 'token_kind_not_supported'], ['another account', { identityId: 'aws:999999999999:AIDAEXPORT' }, 'other_account'],
  ])('not done to %s', async (_, part, why) => {
    const { action } = await start('user_keys');
    expect(action.fits(targetOf({ ...key, identityName: 'export', ...part }), 'pin')).toBe(why);
    expect(action.fits(targetOf({ ...key, identityName: 'export' }), 'revoke')).toBe('step_not_supported');
  });
});

test('a key of API Gateway is switched off and on', async () => {
  const { fake, action } = await start('api_gateway_key');
  await expectStory(action, revoke({ tokenKind: 'api_key', handle: 'abc123', issuer: 'aws' }), fake);
  expect(await action.perform(revoke({ tokenKind: 'api_key', handle: '..', issuer: 'aws' }), signal), 'a path is no id').toEqual({ kind: 'failed', reason: 'action_error' });
});

test('a rotation is begun once however often it is asked for, and only of what is listed', async () => {
  const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf';
  const { fake, action } = await start('secret_rotation', { identities: { [`aws:${account}:AIDAEXPORT`]: arn } });
  await action.perform(revoke(key), signal);
  expect(await action.perform(revoke(key), signal)).toEqual({ kind: 'done' });
  expect([[...fake.rotations].map(([name, versions]) => [name, versions.size]), fake.faults, action.probe]).toEqual([[[arn, 1]], [], null]);
  expect(action.fits(targetOf({ ...key, identityId: 'aws:123456789012:AIDAOTHER' }), 'revoke')).toBe('not_listed');
  await expect(start('secret_rotation')).rejects.toThrow('needs "identities"');
});
