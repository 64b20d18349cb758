import { expect, test } from 'vitest';
import type { Target } from '../../../../src/model/intent.ts';
import type { Action } from '../../../../src/respond/port.ts';
import { startVault, type FakeVault } from '../../../support/providers/vault.ts';
import { fileWith, signal, targetOf } from '../support.ts';
import { open, revoke, secret, expectStory } from './support.ts';

const target: Partial<Target> = { issuer: 'vault', tokenKind: 'vault', handle: 'AbCdEf0123456789', identityId: 'vault|approle:billing' };

async function start(call: string, listed = 'aws/creds/export', token = secret): Promise<{ readonly fake: FakeVault; readonly action: Action }> {
  const fake = await startVault(secret, 'team-a');
  const section = { type: 'vault', call, address: fake.url, namespace: 'team-a', token_file: fileWith(token), identities: { 'vault|approle:billing': listed } };
  return { fake, action: open(section) };
}

test('a token ends by its accessor; an accessor that is not known any more is as good', async () => {
  const { fake, action } = await start('token');
  await expectStory(action, revoke(target), fake);
  expect(await action.perform(revoke(target), signal)).toEqual({ kind: 'already' });
  expect([...fake.accessors]).toEqual(['ZyXwVu9876543210']);
});

test('not to be allowed to ask is no proof', async () => {
  const { action } = await start('token', 'unused', 'wrong');
  expect(await action.probe!(revoke(target), signal)).toBe('unknown');
  expect(await action.perform(revoke(target), signal)).toEqual({ kind: 'failed', reason: 'http_403' });
});

test('an accessor of another namespace is said to be that, and proves nothing', async () => {
  const { fake, action } = await start('token');
  const elsewhere = revoke({ ...target, handle: 'AbCdEf0123456789.V01xrt' });
  expect([await action.probe!(elsewhere, signal), await action.perform(elsewhere, signal)]).toEqual(['unknown', { kind: 'failed', reason: 'other_namespace' }]);
  expect([fake.accessors.size, fake.faults]).toEqual([2, []]);
});

test('a mount or namespace that is not there is no proof that a secret id is dead', async () => {
  const { action, fake } = await start('secret_id', 'billing/acc-1');
  fake.isAbsent = true;
  expect([await action.probe!(revoke(target), signal), await action.perform(revoke(target), signal)]).toEqual(['unknown', { kind: 'failed', reason: 'http_404' }]);
});

test('a hashed accessor names nothing', async () => {
  const { action } = await start('token');
  expect(action.fits(targetOf({ ...target, handle: 'hmac-sha256:0123' }), 'revoke')).toBe('no_public_id');
  expect(action.fits(targetOf({ ...target, issuer: 'https://vault.other' }), 'revoke')).toBe('other_issuer');
});

test('leases end by one listed prefix; what is only queued is not done', async () => {
  const { fake, action } = await start('leases');
  fake.queues = true;
  expect(await action.perform(revoke(target), signal)).toEqual({ kind: 'retry', reason: 'only_queued' });
  fake.queues = false;
  expect([await action.perform(revoke(target), signal), [...fake.leases.keys()], fake.faults]).toEqual([{ kind: 'done' }, ['aws/creds/report'], []]);
  const climbing = await start('leases', 'aws/../auth');
  expect([await climbing.action.perform(revoke(target), signal), climbing.fake.seen]).toEqual([{ kind: 'failed', reason: 'action_error' }, []]);
});

test('a secret id is destroyed; one that is destroyed already is as good, though it is answered with an error', async () => {
  const { fake, action } = await start('secret_id', 'billing/acc-1');
  expect([await action.probe!(revoke(target), signal), await action.perform(revoke(target), signal), await action.probe!(revoke(target), signal)]).toEqual(['alive', { kind: 'done' }, 'dead']);
  expect(await action.perform(revoke(target), signal)).toEqual({ kind: 'already' });
  expect([[...fake.secretIds], fake.faults]).toEqual([['billing/acc-2'], []]);
});
