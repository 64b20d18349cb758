import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Target } from '../../../../src/model/intent.ts';
import type { Action } from '../../../../src/respond/port.ts';
import { startKubernetes, type FakeKubernetes } from '../../../support/providers/kubernetes.ts';
import { fileWith, signal, targetOf } from '../support.ts';
import { open, revoke, secret, expectStory } from './support.ts';

const target: Partial<Target> = { issuer: 'kubernetes', tokenKind: 'kubernetes', identityId: 'kubernetes|system:serviceaccount:jobs:export' };

async function start(call: string, token?: string): Promise<{ readonly fake: FakeKubernetes; readonly action: Action }> {
  const fake = await startKubernetes(secret);
  const section = { type: 'kubernetes', call, api_server: fake.url, token_file: fileWith(secret), identities: { [target.identityId!]: 'jobs/export-token' } };
  return { fake, action: open(section, { token: token ?? fake.token }) };
}

const objects = [['service_account', 'serviceaccounts/jobs/export'], ['secret', 'secrets/jobs/export-token'], ['pod', 'pods/jobs/export-1']] as const;

test.each(objects)('%s: the one object goes, others stay', async (call, object) => {
  const { fake, action } = await start(call);
  const before = [...fake.objects.keys()];
  await expectStory(action, revoke(target), fake);
  expect([...fake.objects.keys()]).toEqual(before.filter((key) => key !== object));
});

test('a pod of the same name that came later is not touched', async () => {
  const { fake, action } = await start('pod');
  fake.objects.set('pods/jobs/export-1', 'uid-9');
  expect([await action.perform(revoke(target), signal), fake.objects.get('pods/jobs/export-1'), await action.probe!(revoke(target), signal)])
    .toEqual([{ kind: 'already' }, 'uid-9', 'dead']);
});

test('what the API server keeps for some seconds is no proof of anything, and is over then', async () => {
  const { fake, action } = await start('pod');
  fake.isKept = true;
  const probe = (): Promise<string> => action.probe!(revoke(target), signal);
  expect([await probe(), await action.perform(revoke(target), signal), await probe()]).toEqual(['alive', { kind: 'done' }, 'alive']);
  fake.isKept = false;
  expect([await probe(), fake.faults]).toEqual(['dead', []]);
});

test('our own token, renewed in its file by a kubelet: after a refusal it is read once more, and nothing is asked twice where it is the same', async () => {
  const fake = await startKubernetes(secret);
  const file = fileWith('ended');
  const action = open({ type: 'kubernetes', call: 'service_account', api_server: fake.url, token_file: file });
  expect([await action.perform(revoke(target), signal), fake.seen.length]).toEqual([{ kind: 'failed', reason: 'http_401' }, 1]);
  writeFileSync(file, '');
  expect(await action.perform(revoke(target), signal), 'just being written').toEqual({ kind: 'failed', reason: 'http_401' });
  writeFileSync(file, secret);
  expect([await action.perform(revoke(target), signal), fake.seen.length, fake.faults]).toEqual([{ kind: 'done' }, 4, []]);
});

test('a token that is bound to no pod', async () => {
  const { fake, action } = await start('pod', 'a.e30.c');
  expect(await action.perform(revoke(target), signal)).toEqual({ kind: 'failed', reason: 'action_error' });
  expect(fake.seen).toEqual([]);
});

test.each<[string, Partial<Target>, string]>([
  ['the account of pods without one', { identityId: 'kubernetes|system:serviceaccount:jobs:default' }, 'no_public_id'],
  ['a person', { identityId: 'kubernetes|joe' }, 'no_public_id'], ['a path', { identityId: 'kubernetes|system:serviceaccount:jobs:a/b' }, 'no_public_id'],
  ['another cluster', { issuer: 'https://other.example' }, 'other_issuer'], ['a certificate', { tokenKind: 'certificate' }, 'token_kind_not_supported'],
])('a service account is not deleted for %s', async (_, part, why) => {
  const { action } = await start('service_account');
  expect(action.fits(targetOf({ ...target, ...part }), 'revoke')).toBe(why);
});
