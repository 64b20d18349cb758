import { expect, test } from 'vitest';
import { startAws, type FakeAws } from '../../../support/providers/aws.ts';
import { fileWith } from '../support.ts';
import { openRotation, Rotated } from './support.ts';

const secret = 'our-own-secret';
const identityId = 'aws:123456789012:AIDA123456789012EXPT';
const old = 'AKIA111122223333EXPT';
const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:export';
const before = JSON.stringify({ host: 'db', id: old, key: 'old-secret' });

interface World { readonly iam: FakeAws; readonly store: FakeAws; readonly rotated: Rotated; again(): void }

async function start(text = before, fields: object = { id_field: 'id', secret_field: 'key' }): Promise<World> {
  const rules = { keyId: 'AKIARESPONDER0000001', secret, region: 'us-east-1' };
  const [iam, store] = [await startAws({ ...rules, service: 'iam' }), await startAws({ ...rules, region: 'eu-west-1', service: 'secretsmanager' })];
  iam.keys.delete('AKIA111122223333SIBL');
  store.secrets.set(arn, [{ id: 'first-version', text }]);
  const key = { access_key_id: rules.keyId, secret_key_file: fileWith(secret) };
  const open = () => openRotation({
    credential: { type: 'aws_access_key', account_id: '123456789012', endpoint: iam.url, ...key },
    stores: [{ type: 'aws_secrets_manager', region: 'eu-west-1', endpoint: store.url, ...key, secrets: { [identityId]: arn }, ...fields }],
  });
  const rotated = new Rotated(open(), { handle: old, tokenKind: 'access_key', issuer: 'aws', identityId });
  return { iam, store, rotated, again: () => { rotated.action = open(); } };
}

const current = ({ secrets }: FakeAws): Record<string, string> => JSON.parse(secrets.get(arn)!.at(-1)!.text) as Record<string, string>;

function noFaults({ iam, store }: World): void {
  expect([...iam.faults, ...store.faults]).toEqual([]);
}

test('a second key is made, noted, and written to the store beside what else stands there; the old one ends when it is cut', async () => {
  const world = await start();
  const { iam, store, rotated } = world;
  expect(rotated.action.fits(rotated.intent.target, 'rotate')).toBeNull();
  expect(await rotated.handOver()).toEqual({ kind: 'done' });
  const made = rotated.handover.made!;
  expect(rotated.notes.map(({ before: had, made: id, former }) => [had?.ids, id, former])).toEqual([[[old], null, []], [[old], made, []], [[old], made, ['first-version']]]);
  expect(current(store)).toEqual({ host: 'db', id: made, key: iam.handedOut[0] });
  expect([iam.keys.get(old)!.status, iam.keys.get(made)!.status, await rotated.probe()]).toEqual(['Active', 'Active', 'alive']);
  expect(await rotated.handOver(), 'again').toEqual({ kind: 'done' });
  expect(iam.handedOut).toHaveLength(1);
  expect(await rotated.cut()).toEqual({ kind: 'done' });
  expect([iam.keys.get(old)!.status, iam.keys.get(made)!.status, await rotated.probe()]).toEqual(['Inactive', 'Active', 'dead']);
  expect(JSON.stringify(rotated.notes)).not.toContain(iam.handedOut[0]);
  noFaults(world);
});

test('taken back before the cut, the store holds what it did and the new key is gone', async () => {
  const world = await start();
  await world.rotated.handOver();
  expect(await world.rotated.undo()).toEqual({ kind: 'done' });
  expect(world.store.secrets.get(arn)!.at(-1)!.text).toBe(before);
  expect([...world.iam.keys.keys()]).toEqual([old]);
  expect(await world.rotated.undo(), 'again').toEqual({ kind: 'already' });
  noFaults(world);
});

test('what somebody else wrote to the store meanwhile is left alone when it is taken back', async () => {
  const { store, rotated } = await start();
  await rotated.handOver();
  store.secrets.get(arn)!.push({ id: 'by-hand', text: '{"id":"other"}' });
  expect(await rotated.undo()).toEqual({ kind: 'done' });
  expect(current(store)).toEqual({ id: 'other' });
});

test('two keys already: nothing is made', async () => {
  const { iam, rotated } = await start();
  iam.keys.set('AKIA111122223333SIBL', { user: 'export', status: 'Inactive' });
  expect(await rotated.handOver()).toEqual({ kind: 'failed', reason: 'no_room_beside' });
  expect(iam.seen.length).toBe(2);
});

test('a key that was made and whose id was lost is deleted, and another made; one that somebody else made is not touched', async () => {
  const { iam, rotated } = await start();
  iam.keys.set('AKIALOST000000000001', { user: 'export', status: 'Active', createdMs: Date.now() });
  rotated.handover = { ...rotated.handover, before: { ids: [old], atMs: Date.now() } };
  expect(await rotated.handOver()).toEqual({ kind: 'done' });
  expect([...iam.keys.keys()]).toEqual([old, rotated.handover.made]);
  const { iam: other, rotated: late } = await start();
  other.keys.set('AKIAOTHER00000000001', { user: 'export', status: 'Active', createdMs: Date.now() - 3_600_000 });
  late.handover = { ...late.handover, before: { ids: [old], atMs: Date.now() } };
  expect(await late.handOver()).toEqual({ kind: 'failed', reason: 'no_room_beside' });
  expect([...other.keys.keys()]).toEqual([old, 'AKIAOTHER00000000001']);
});

test('a key whose secret was lost before the store had it is deleted and made again', async () => {
  const { iam, store, rotated, again } = await start();
  store.throttled = 9;
  expect((await rotated.handOver()).kind).toBe('retry');
  const [lost] = [rotated.handover.made!];
  expect(await rotated.handOver(), 'the secret is still in memory').toMatchObject({ kind: 'retry' });
  expect([rotated.handover.made, iam.handedOut.length]).toEqual([lost, 1]);
  store.throttled = 0;
  again();
  expect(await rotated.handOver()).toEqual({ kind: 'done' });
  expect([iam.keys.has(lost), iam.keys.size, current(store)['id']]).toEqual([false, 2, rotated.handover.made]);
});

test('a key that the store has is not made again, also where only the version tells it', async () => {
  const { iam, store, rotated, again } = await start('old-secret', {});
  await rotated.handOver();
  again();
  expect(await rotated.handOver()).toEqual({ kind: 'done' });
  expect([iam.handedOut.length, store.secrets.get(arn)!.map(({ text }) => text)]).toEqual([1, ['old-secret', iam.handedOut[0]]]);
});

test('a store that cannot be used leaves nothing behind', async () => {
  const { iam, store, rotated } = await start('no JSON');
  expect(await rotated.handOver()).toEqual({ kind: 'failed', reason: 'store_not_as_configured' });
  expect([[...iam.keys.keys()], store.secrets.get(arn)!.length, rotated.handover.made]).toEqual([[old], 1, null]);
});

test('who is not listed, of another account or no lasting key is refused', async () => {
  const { rotated: { action, intent: { target } } } = await start();
  expect(action.fits({ ...target, identityId: 'aws:123456789012:AIDAOTHER' }, 'rotate')).toBe('not_listed');
  expect(action.fits({ ...target, tokenKind: 'temporary_key' }, 'rotate')).toBe('token_kind_not_supported');
  expect(action.fits(target, 'revoke')).toBe('step_not_supported');
});

test('nobody is sent back to a key that somebody else has stopped meanwhile', async () => {
  const { iam, store, rotated } = await start();
  await rotated.handOver();
  iam.keys.get(old)!.status = 'Inactive';
  expect([await rotated.undo(), current(store)['id'], iam.keys.has(rotated.handover.made!)]).toEqual([{ kind: 'failed', reason: 'old_is_dead' }, rotated.handover.made, true]);
});
