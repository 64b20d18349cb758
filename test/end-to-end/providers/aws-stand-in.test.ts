import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Target } from '../../../src/model/intent.ts';
import type { AwsCredential } from '../../../src/respond/actions/auth/aws-signature.ts';
import { open } from '../../respond/actions/providers/support.ts';
import { fileWith } from '../../respond/actions/support.ts';
import { RealPlan, type Step } from '../../support/real-plan.ts';
import { startMoto, type Moto } from '../../support/servers/moto.ts';

// Plans at a stand-in for IAM, made strict where it is laxer than AWS. What AWS really does none of this proves.

let moto: Moto;
let exporter: AwsCredential;
const account = '123456789012';
const allowed = [{ Effect: 'Allow', Action: ['iam:ListUsers', 'sts:AssumeRole'], Resource: '*' }];

beforeAll(async () => {
  moto = await startMoto();
  exporter = await moto.user('export', allowed);
  await moto.role('deploy', allowed);
}, 10 * 60_000);
afterAll(() => moto?.stop());

const worksFrom = async (from: string | undefined, by: AwsCredential): Promise<boolean> => (await moto.call('iam', 'ListUsers', {}, by, from)).status === 200;
const works = (credential: AwsCredential): Promise<boolean> => worksFrom(undefined, credential);
const step = 'revoke aws';

function run(call: string, target: Partial<Target>, step: Step = { kind: 'revoke', action: 'aws' }): RealPlan {
  const plan = RealPlan.open([{
    name: 'aws', type: 'aws', call, account_id: account, access_key_id: moto.administrator.accessKeyId, secret_key_file: fileWith(moto.administrator.secret),
    endpoint: moto.url, allow_private: true,
  }]);
  plan.propose({ issuer: 'aws', ...target }, step);
  return plan;
}

test('an access key is made inactive: sessions made with it go on, another key of its user too; undone, it works again', async () => {
  const [stolen, sibling] = [await moto.key('export'), exporter];
  const session = await moto.assume('deploy', 'by-stolen', stolen);
  expect(await Promise.all([stolen, sibling, session].map(works))).toEqual([true, true, true]);
  const plan = run('access_key', { handle: stolen.accessKeyId, tokenKind: 'access_key', identityId: `arn:aws:iam::${account}:user/export` });
  await plan.comesTo(step, 'verified');
  expect(await Promise.all([stolen, sibling, session].map(works))).toEqual([false, true, true]);
  await plan.takeBack(step);
  expect(await works(stolen)).toBe(true);
});

test('pinned, a key works from its own network alone, and so does every other key of its user; its roles\' sessions and other users go on; undone, it works everywhere', async () => {
  const [stolen, other] = [await moto.user('report', allowed), await moto.user('other', allowed)];
  const sibling = await moto.key('report');
  const session = await moto.assume('deploy', 'of-pinned', stolen);
  const [home, elsewhere] = ['127.0.0.5', '127.0.0.77'] as const;
  const calls = [[home, stolen], [elsewhere, stolen], [home, sibling], [elsewhere, sibling], [elsewhere, session], [elsewhere, other]] as const;
  const seen = (): Promise<boolean[]> => Promise.all(calls.map(([from, by]) => worksFrom(from, by)));
  expect(await seen()).toEqual([true, true, true, true, true, true]);
  const target: Partial<Target> = { handle: stolen.accessKeyId, tokenKind: 'access_key', identityId: `arn:aws:iam::${account}:user/report` };
  const plan = run('user_keys', target, { kind: 'pin', action: 'aws', keepNetworks: ['127.0.0.0/28'] });
  await plan.comesTo('pin aws', 'verified');
  expect(await seen()).toEqual([true, false, true, false, true, true]);
  await plan.takeBack('pin aws');
  expect(await seen()).toEqual([true, true, true, true, true, true]);
  expect((await moto.call('iam', 'GetUserPolicy', { UserName: 'report', PolicyName: 'own' })).status, 'the user\'s own policy was not touched').toBe(200);
});

const ofSession = ({ accessKeyId, userId }: AwsCredential & { readonly userId: string }): Partial<Target> =>
  ({ handle: accessKeyId, tokenKind: 'temporary_key', identityId: `arn:aws:iam::${account}:role/deploy`, identityName: 'deploy', userId });

test('sessions of a role that began before are dead, later ones and long-term keys work; undone, the stolen one lives again', async () => {
  const stolen = await moto.assume('deploy', 'one', exporter);
  await sleep(1100);
  const plan = run('role_sessions', ofSession(stolen));
  await plan.comesTo(step, 'verified');
  const later = await moto.assume('deploy', 'one', exporter);
  expect(await Promise.all([stolen, later, exporter].map(works))).toEqual([false, true, true]);
  await plan.takeBack(step);
  expect(await works(stolen)).toBe(true);
});

test('pinned, all sessions of a role work from its users\' networks alone, later ones too; undone, they work everywhere', async () => {
  const stolen = await moto.assume('deploy', 'pinned', exporter);
  const plan = run('role_sessions', ofSession(stolen), { kind: 'pin', action: 'aws', keepNetworks: ['127.0.0.0/28'] });
  await plan.comesTo('pin aws', 'verified');
  const later = await moto.assume('deploy', 'later', exporter);
  const calls = [['127.0.0.5', stolen], ['127.0.0.77', stolen], ['127.0.0.77', later], ['127.0.0.77', exporter]] as const;
  const seen = (): Promise<boolean[]> => Promise.all(calls.map(([from, by]) => worksFrom(from, by)));
  expect(await seen()).toEqual([true, false, false, true]);
  await plan.takeBack('pin aws');
  expect(await seen()).toEqual([true, true, true, true]);
});

test('the session of one name is dead, also when it is made anew; other sessions of the role work', async () => {
  const [stolen, sibling] = [await moto.assume('deploy', 'stolen', exporter), await moto.assume('deploy', 'other', exporter)];
  const plan = run('session', ofSession(stolen));
  await plan.comesTo(step, 'verified');
  const again = await moto.assume('deploy', 'stolen', exporter);
  expect(await Promise.all([stolen, again, sibling].map(works))).toEqual([false, false, true]);
  await plan.takeBack(step);
  expect(await works(stolen)).toBe(true);
});

test('what our key may do is told without acting: all, some, nothing, or that it is no key', async () => {
  const asked = async (call: string, { accessKeyId, secret }: AwsCredential): Promise<object> => {
    const action = open({ type: 'aws', call, account_id: account, access_key_id: accessKeyId, secret_key_file: fileWith(secret), endpoint: moto.url });
    return Object.fromEntries((await action.rights!.ask(AbortSignal.timeout(20_000))).map(({ right, granted }) => [right, granted]));
  };
  const some = await moto.user('asks', [{ Effect: 'Allow', Action: ['iam:GetAccessKeyLastUsed'], Resource: '*' }]);
  const [used, listed] = ['iam:GetAccessKeyLastUsed', 'iam:ListAccessKeys'] as const;
  expect(await asked('access_key', moto.administrator)).toEqual({ [used]: 'granted', [listed]: 'granted' });
  expect(await asked('access_key', some)).toEqual({ [used]: 'granted', [listed]: 'doubtful' });
  expect(await asked('access_key', exporter)).toEqual({ [used]: 'missing', [listed]: 'doubtful' });
  expect(await asked('access_key', { ...some, secret: 'x'.repeat(40) })).toEqual({ [used]: 'refused', [listed]: 'refused' });
  const rotation = async ({ accessKeyId, secret }: AwsCredential): Promise<object> => {
    const own = { access_key_id: accessKeyId, secret_key_file: fileWith(secret), endpoint: moto.url };
    const store = { type: 'aws_secrets_manager', ...own, secrets: { x: 'jobs/asked' } };
    const action = open({ type: 'rotation', credential: { type: 'aws_access_key', account_id: account, ...own }, stores: [store] });
    return Object.fromEntries((await action.rights!.ask(AbortSignal.timeout(20_000))).map(({ right, granted }) => [right.split(' on ')[0], granted]));
  };
  await moto.secrets('CreateSecret', { Name: 'jobs/asked', SecretString: 'x' });
  const read = 'secretsmanager:GetSecretValue';
  expect([await rotation(moto.administrator), await rotation(some)]).toEqual([
    { [used]: 'granted', [listed]: 'granted', [read]: 'granted' }, { [used]: 'granted', [listed]: 'doubtful', [read]: 'missing' },
  ]);
  expect([await asked('session', moto.administrator), await asked('session', exporter)]).toEqual([{ 'iam:GetRolePolicy': 'granted' }, { 'iam:GetRolePolicy': 'doubtful' }]);
});
