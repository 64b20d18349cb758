import { expect, test } from 'vitest';
import type { Target } from '../../../../src/model/intent.ts';
import {
  startKeyVault, startOktaSecrets, startPasswords, startSecret, startVaultKv, type FakeOwner, type FakeStore,
} from '../../../support/providers/rotation.ts';
import { fileWith } from '../support.ts';
import { openRotation, Rotated } from './support.ts';

const secret = 'our-own-secret';
const identityId = 'https://sts.windows.net/t/|export';
const old = '55555555-aaaa-4bbb-8ccc-000000000005';
const azure = (url: string) => ({ tenant_id: 't', login_url: url, client_id: 'ours', client_secret_file: fileWith(secret) });
const secrets = (where: string) => ({ secrets: { [identityId]: where } });

/** An application's secret at Graph, in the store that `section` describes. */
async function start(section: object): Promise<{ graph: FakeOwner; rotated: Rotated; again(): void }> {
  const graph = await startPasswords(secret, old);
  const open = () => openRotation({
    credential: { type: 'entra_password', graph_url: `${graph.url}/v1.0`, ...azure(graph.url), identities: { [identityId]: 'app-1' } }, stores: [section],
  });
  const target: Partial<Target> = { issuer: 'https://sts.windows.net/t/', identityId, tokenKind: 'api_key', handle: old };
  const rotated = new Rotated(open(), target);
  expect(rotated.action.fits(rotated.intent.target, 'rotate')).toBeNull();
  return { graph, rotated, again: () => { rotated.action = open(); } };
}

const valueOf = ({ versions }: FakeStore): string => versions.at(-1)!.value;

test('an application\'s secret in Azure Key Vault: a new version, the old secret removed at the cut', async () => {
  const store = await startKeyVault(secret, 'old-secret');
  const { graph, rotated, again } = await start({ type: 'azure_key_vault', vault_url: store.url, ...azure(store.url), ...secrets('export') });
  expect(await rotated.handOver()).toEqual({ kind: 'done' });
  expect([valueOf(store), store.versions.length]).toEqual([graph.handedOut[0], 2]);
  again();
  expect([await rotated.handOver(), graph.handedOut.length]).toEqual([{ kind: 'done' }, 1]);
  expect([await rotated.probe(), await rotated.cut(), await rotated.probe(), [...graph.credentials.keys()]]).toEqual(['alive', { kind: 'done' }, 'dead', [rotated.handover.made]]);
  expect([...graph.faults, ...store.faults]).toEqual([]);
});

test('taken back there: the former value is written again, the new secret removed', async () => {
  const store = await startKeyVault(secret, 'old-secret');
  const { graph, rotated } = await start({ type: 'azure_key_vault', vault_url: store.url, ...azure(store.url), ...secrets('export') });
  await rotated.handOver();
  expect([await rotated.undo(), valueOf(store), [...graph.credentials.keys()]]).toEqual([{ kind: 'done' }, 'old-secret', [old]]);
  expect([await rotated.undo(), graph.faults, store.faults]).toEqual([{ kind: 'already' }, [], []]);
});

test('one that bears our label and whose id was lost is removed; another\'s is not', async () => {
  const store = await startKeyVault(secret, 'old-secret');
  const { graph, rotated } = await start({ type: 'azure_key_vault', vault_url: store.url, ...azure(store.url), ...secrets('export') });
  graph.credentials.set('66666666-aaaa-4bbb-8ccc-000000000001', { status: 'ACTIVE', label: `tokenward ${rotated.intent.id}`, createdMs: 0 });
  graph.credentials.set('66666666-aaaa-4bbb-8ccc-000000000002', { status: 'ACTIVE', label: 'by hand', createdMs: Date.now() });
  rotated.handover = { ...rotated.handover, before: { ids: [old], atMs: Date.now() } };
  expect(await rotated.handOver()).toEqual({ kind: 'done' });
  expect([...graph.credentials.keys()]).toEqual([old, '66666666-aaaa-4bbb-8ccc-000000000002', rotated.handover.made]);
});

const kv = { id_field: 'id', secret_field: 'password' };

test('Vault\'s KV: nothing is written over what somebody else wrote meanwhile; other members stay; it comes back', async () => {
  const store = await startVaultKv(secret, { host: 'db', id: old, password: 'old' });
  const { graph, rotated } = await start({ type: 'vault_kv', address: store.url, token_file: fileWith(secret), ...secrets('app/export'), ...kv });
  store.meanwhile = JSON.stringify({ host: 'db-2', id: old, password: 'old' });
  expect(await rotated.handOver()).toEqual({ kind: 'retry', reason: 'written_meanwhile' });
  expect(await rotated.handOver()).toEqual({ kind: 'done' });
  expect(JSON.parse(valueOf(store))).toEqual({ host: 'db-2', id: rotated.handover.made, password: graph.handedOut[0] });
  expect(graph.handedOut).toHaveLength(1);
  expect(await rotated.undo()).toEqual({ kind: 'done' });
  expect([JSON.parse(valueOf(store)), [...graph.credentials.keys()]]).toEqual([{ host: 'db', id: old, password: 'old' }, [old]]);
  expect([...graph.faults, ...store.faults]).toEqual([]);
});

test('a Kubernetes Secret: the former value stays beside the new until the cut, and nothing of ours after it', async () => {
  const store = await startSecret(secret, { id: old, password: 'old', ca: '\u00e9' });
  const section = { type: 'kubernetes_secret', api_server: store.url, token_file: fileWith(secret), ...secrets('jobs/export'), ...kv };
  const { graph, rotated, again } = await start(section);
  expect(await rotated.handOver()).toEqual({ kind: 'done' });
  expect(Object.fromEntries(store.data)).toEqual({
    id: rotated.handover.made, password: graph.handedOut[0], ca: '\u00e9', 'tokenward-former.id': old, 'tokenward-former.password': 'old',
  });
  again();
  expect([await rotated.handOver(), graph.handedOut.length]).toEqual([{ kind: 'done' }, 1]);
  expect(await rotated.cut()).toEqual({ kind: 'done' });
  expect([Object.fromEntries(store.data), Object.fromEntries(store.annotations)])
    .toEqual([{ id: rotated.handover.made, password: graph.handedOut[0], ca: '\u00e9' }, { team: 'jobs' }]);
  expect(await rotated.cut(), 'again').toEqual({ kind: 'already' });
  expect([...graph.faults, ...store.faults]).toEqual([]);
});

test('a Kubernetes Secret is put back as it was', async () => {
  const store = await startSecret(secret, { password: 'old' });
  const section = { type: 'kubernetes_secret', api_server: store.url, token_file: fileWith(secret), ...secrets('jobs/export'), secret_field: 'password' };
  const { rotated } = await start(section);
  await rotated.handOver();
  expect(await rotated.undo()).toEqual({ kind: 'done' });
  expect([Object.fromEntries(store.data), Object.fromEntries(store.annotations), store.faults]).toEqual([{ password: 'old' }, { team: 'jobs' }, []]);
});

test('an app\'s secret at Okta: the old is made inactive at the cut; taken back, the new is made inactive and deleted', async () => {
  for (const isCut of [true, false]) {
    const [okta, store] = [await startOktaSecrets(secret, 'ocs1'), await startVaultKv(secret, { id: 'ocs1', password: 'old' })];
    const rotated = new Rotated(openRotation({
      credential: { type: 'okta_secret', org_url: okta.url, issuer: 'https://login.example', api_token_file: fileWith(secret), identities: { [identityId]: '0oa1/ocs1' } },
      stores: [{ type: 'vault_kv', address: store.url, token_file: fileWith(secret), ...secrets('app/export'), ...kv }],
    }), { issuer: 'https://login.example', identityId });
    expect(await rotated.handOver()).toEqual({ kind: 'done' });
    const made = rotated.handover.made!;
    expect(JSON.parse(valueOf(store))).toEqual({ id: made, password: okta.handedOut[0] });
    if (isCut) {
      expect([await rotated.cut(), okta.credentials.get('ocs1')?.status, okta.credentials.get(made)?.status, await rotated.probe()]).toEqual([{ kind: 'done' }, 'INACTIVE', 'ACTIVE', 'dead']);
    } else {
      expect([await rotated.undo(), [...okta.credentials.keys()], JSON.parse(valueOf(store))]).toEqual([{ kind: 'done' }, ['ocs1'], { id: 'ocs1', password: 'old' }]);
    }
    expect([...okta.faults, ...store.faults]).toEqual([]);
  }
});
