import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import type { Target } from '../../../../src/model/intent.ts';
import { entryOf, idOf, node, startSpire, type FakeEntry, type FakeSpire } from '../../../support/providers/spire.ts';
import { intentOf, signal, targetOf } from '../support.ts';
import { issuer, openAt, Step, stolen, workload } from './support.ts';

async function start(entries: readonly FakeEntry[], section: object = {}): Promise<{ readonly fake: FakeSpire; readonly step: Step }> {
  const fake = await startSpire();
  for (const entry of [...entries, entryOf('other', '/ns/jobs/sa/report')]) fake.entries.set(entry.id, entry);
  return { fake, step: new Step(openAt(fake, { call: 'entry', ...section }), stolen) };
}

const left = ({ entries }: FakeSpire): string[] => [...entries.keys()].sort();

test('the workload\'s one entry goes, others stay; it comes back as it was, with what we know nothing of', async () => {
  const all = { x509_svid_ttl: 60, federates_with: ['partner.example'], dns_names: ['export'], store_svid: true, hint: 'main', expires_at: '1999999999' };
  const entry = entryOf('one', '/ns/jobs/sa/export', { ...all, additional_attributes: { jwt_svid_include_jti: true } });
  const { fake, step } = await start([entry]);
  const before = JSON.stringify(fake.entries.get('one'));
  expect([await step.probe(), await step.perform(), await step.probe(), left(fake)]).toEqual(['alive', { kind: 'done' }, 'dead', ['other']]);
  expect([await step.perform(), await step.undo(), await step.probe()]).toEqual([{ kind: 'already' }, { kind: 'done' }, 'alive']);
  expect(fake.entries.get('one')).toMatchObject(JSON.parse(before) as object);
  expect([await step.undo(), left(fake), fake.faults]).toEqual([{ kind: 'already' }, ['one', 'other'], []]);
});

test('a server that gives out new ids: what counts is whom the entry is for', async () => {
  const { fake, step } = await start([entryOf('one')]);
  await step.perform();
  fake.renames = true;
  expect([await step.undo(), left(fake)]).toEqual([{ kind: 'done' }, ['new-one', 'other']]);
});

test('nothing is deleted before how it stood is noted, and what was never noted is not brought back', async () => {
  const { fake } = await start([entryOf('one')]);
  const action = openAt(fake, { call: 'entry' });
  const intent = intentOf({ kind: 'revoke', target: stolen });
  expect(await action.perform(intent, signal)).toEqual({ kind: 'failed', reason: 'cannot_be_noted' });
  expect(await action.perform(intent, signal, () => { throw new Error('the disk is full'); })).toEqual({ kind: 'failed', reason: 'action_error' });
  expect(await action.undo!({ ...intent, undoing: true }, signal)).toEqual({ kind: 'failed', reason: 'nothing_noted' });
  expect([left(fake), fake.seen]).toEqual([['one', 'other'], ['ListEntries', 'ListEntries']]);
});

test.each<[string, readonly FakeEntry[], string]>([
  ['two entries', [entryOf('one'), entryOf('two')], 'ambiguous'],
  ['an administrator', [entryOf('one', undefined, { admin: true })], 'privileged_entry'],
  ['a downstream server', [entryOf('one', undefined, { downstream: true })], 'privileged_entry'],
  ['a group of machines', [entryOf('one', undefined, { parent_id: idOf('/spire/server') })], 'privileged_entry'],
])('%s: left alone, unless the configuration says otherwise', async (_, entries, reason) => {
  const { fake, step } = await start(entries);
  expect([await step.perform(), left(fake).length, step.former]).toEqual([{ kind: 'failed', reason }, entries.length + 1, undefined]);
  const meant = await start(entries, { all_entries: true, privileged: true });
  expect([await meant.step.perform(), left(meant.fake), await meant.step.undo()]).toEqual([{ kind: 'done' }, ['other'], { kind: 'done' }]);
  expect([left(meant.fake).length, fake.faults, meant.fake.faults]).toEqual([entries.length + 1, [], []]);
});

test('more entries than one workload has are left alone', async () => {
  const many = Array.from({ length: 17 }, (_, at) => entryOf(`entry-${at}`));
  const { fake, step } = await start(many, { all_entries: true });
  expect([await step.perform(), left(fake).length]).toEqual([{ kind: 'failed', reason: 'too_many_entries' }, 18]);
  const cut = await start([entryOf('one')]);
  cut.fake.cuts = true;
  expect([await cut.step.perform(), left(cut.fake)]).toEqual([{ kind: 'failed', reason: 'too_many_entries' }, ['one', 'other']]);
});

test('what was done in part is gone on with, and nothing that was noted is lost by it', async () => {
  const { fake, step } = await start([entryOf('one'), entryOf('two')], { all_entries: true });
  fake.parts.set('two', status.INTERNAL);
  expect([await step.perform(), left(fake), await step.probe()]).toEqual([{ kind: 'retry', reason: 'grpc_internal' }, ['other', 'two'], 'alive']);
  fake.parts.clear();
  expect([await step.perform(), left(fake), await step.undo(), left(fake)]).toEqual([{ kind: 'done' }, ['other'], { kind: 'done' }, ['one', 'other', 'two']]);
});

test('what cannot be done in part is told as such', async () => {
  const { fake, step } = await start([entryOf('one'), entryOf('two')], { all_entries: true });
  fake.parts.set('two', status.INVALID_ARGUMENT);
  expect(await step.perform()).toEqual({ kind: 'failed', reason: 'partly_done' });
  fake.parts.set('one', status.INVALID_ARGUMENT);
  expect(await step.undo()).toEqual({ kind: 'failed', reason: 'grpc_invalid_argument' });
  fake.parts.delete('two');
  expect(await step.undo()).toEqual({ kind: 'failed', reason: 'partly_done' });
});

test('codes of the whole call: what may pass is tried again when the server says so', async () => {
  const { fake, step } = await start([entryOf('one')]);
  const said = async (method: string, code: number, retryMs?: number): Promise<unknown> => {
    fake.refusing.set(method, retryMs === undefined ? { code } : { code, retryMs });
    const verdict = await step.perform();
    fake.refusing.clear();
    return verdict;
  };
  expect(await said('BatchDeleteEntry', status.UNAVAILABLE, 7_000)).toEqual({ kind: 'retry', reason: 'grpc_unavailable', afterMs: 7_000 });
  expect(await said('BatchDeleteEntry', status.RESOURCE_EXHAUSTED)).toEqual({ kind: 'retry', reason: 'grpc_resource_exhausted' });
  expect(await said('ListEntries', status.PERMISSION_DENIED)).toEqual({ kind: 'failed', reason: 'grpc_permission_denied' });
  expect(await said('ListEntries', status.INTERNAL)).toEqual({ kind: 'retry', reason: 'grpc_internal' });
  fake.refusing.set('ListEntries', { code: status.PERMISSION_DENIED });
  expect([await step.probe(), left(fake)]).toEqual(['unknown', ['one', 'other']]);
});

test('whom it is done to', async () => {
  const fake = await startSpire();
  const fits = (target: Partial<Target>, section: object = {}): string | null => openAt(fake, { call: 'entry', ...section }).fits(targetOf({ ...stolen, ...target }), 'revoke');
  expect(fits({})).toBeNull();
  expect(fits({ tokenKind: 'certificate', issuer: null, identityId: workload })).toBeNull();
  expect(fits({ issuer: 'https://sso.example', identityId: `https://sso.example|${workload}` })).toBe('other_issuer');
  expect(fits({ tokenKind: 'opaque' })).toBe('token_kind_not_supported');
  const other = 'spiffe://other.example/ns/jobs/sa/export';
  expect(fits({ userId: other, identityId: `${issuer}|${other}` })).toBe('other_trust_domain');
  expect(fits({ userId: 'export', identityId: `${issuer}|export` })).toBe('no_public_id');
  expect(fits({ identityId: `${issuer}|spiffe://prod.example${node}` })).toBe('not_a_workload');
  expect(fits({ tokenKind: 'opaque', identityId: 'client:export' }, { identities: { 'client:export': workload } })).toBeNull();
  expect(fake.seen).toEqual([]);
});
