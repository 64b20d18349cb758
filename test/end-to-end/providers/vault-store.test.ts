import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open } from '../../respond/actions/providers/support.ts';
import { openRotation, Rotated } from '../../respond/actions/rotation/support.ts';
import { fileWith, intentOf, signal } from '../../respond/actions/support.ts';
import { eventOf, reader } from '../../ingest/formats/support.ts';
import { startPasswords, type FakeOwner } from '../../support/providers/rotation.ts';
import { startVault, vaultProgram, type Vault } from '../../support/servers/vault.ts';

const identity = 'https://sts.windows.net/t/|export';
const old = '55555555-aaaa-4bbb-8ccc-000000000005';
const asBefore = { host: 'db', id: old, password: 'old' };

describe.skipIf(vaultProgram === null)('a real Vault, named by TEST_VAULT: secrets, namespaces, audit', () => {
  let vault: Vault;
  beforeAll(async () => { vault = await startVault(vaultProgram!); });
  afterAll(() => vault?.stop());

  const read = async (version = ''): Promise<unknown> => ((await vault.call('GET', `secret/data/app/export${version}`)).body['data'] as { data: unknown } | undefined)?.data;

  async function start(graph: FakeOwner): Promise<Rotated> {
    const token = await vault.tokenFor({ 'secret/data/app/export': ['read', 'update'] });
    return new Rotated(openRotation({
      credential: {
        type: 'entra_password', tenant_id: 't', login_url: graph.url, graph_url: `${graph.url}/v1.0`, client_id: 'ours', client_secret_file: fileWith('ours'),
        identities: { [identity]: 'app-1' },
      },
      stores: [{ type: 'vault_kv', address: vault.url, token_file: fileWith(token), secrets: { [identity]: 'app/export' }, id_field: 'id', secret_field: 'password' }],
    }), { issuer: 'https://sts.windows.net/t/', identityId: identity, tokenKind: 'api_key', handle: old });
  }

  test('KV as a store of a rotation: a new version, which stays over a kill; put back as it was; cut', async ({ skip }) => {
    await vault.call('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
    // It takes a moment until a new mount of this kind takes anything.
    await expect.poll(async () => (await vault.call('POST', 'secret/data/app/export', { data: asBefore })).status, { timeout: 10_000 }).toBeLessThan(300);
    if (await read() === undefined) skip('this program has no KV version 2');
    const graph = await startPasswords('ours', old);
    const first = await start(graph);
    expect((await first.action.rights!.ask(AbortSignal.timeout(20_000))).find(({ right }) => right.includes('secret/data/app/export'))?.granted).toBe('granted');
    expect(await first.handOver()).toEqual({ kind: 'done' });
    const changed = { host: 'db', id: first.handover.made, password: graph.handedOut[0] };
    expect(await read()).toEqual(changed);
    await vault.kill();
    await vault.restart();
    expect([await read(), await read('?version=1'), await first.handOver(), graph.handedOut.length]).toEqual([changed, asBefore, { kind: 'done' }, 1]);
    expect([await first.undo(), await read()]).toEqual([{ kind: 'done' }, asBefore]);

    const second = await start(graph);
    expect([await second.handOver(), await second.cut(), await second.probe()]).toEqual([{ kind: 'done' }, { kind: 'done' }, 'dead']);
    expect([await read(), [...graph.credentials.keys()], graph.faults]).toEqual([{ host: 'db', id: second.handover.made, password: graph.handedOut[1] }, [second.handover.made], []]);
  });

  test('a secret that was deleted there, or that we may not read, is not written', async ({ skip }) => {
    if (await read() === undefined) skip('this program has no KV version 2');
    const graph = await startPasswords('ours', old);
    await vault.call('DELETE', 'secret/data/app/export');
    expect(await (await start(graph)).handOver()).toMatchObject({ kind: 'failed' });
    expect([await read(), [...graph.credentials.keys()]], 'nothing is left behind').toEqual([null, [old]]);
  });

  test('in a namespace only the tokens of that are found', async ({ skip }) => {
    if ((await vault.call('POST', 'sys/namespaces/team-a', {})).status >= 300) skip('this program has no namespaces');
    const { auth } = (await vault.call('POST', 'team-a/auth/token/create', { policies: ['default'] })).body as { auth: { client_token: string; accessor: string } };
    const works = async (): Promise<boolean> => (await vault.call('GET', 'team-a/auth/token/lookup-self', undefined, auth.client_token)).status === 200;
    const section = { type: 'vault', call: 'token', address: vault.url, token_file: fileWith(vault.root) };
    const intent = intentOf({ kind: 'revoke', target: { issuer: 'vault', tokenKind: 'vault', handle: auth.accessor } });
    const [elsewhere, there] = [open({ ...section, namespace: 'root' }), open({ ...section, namespace: 'team-a' })];
    expect([await works(), await there.probe!(intent, signal)]).toEqual([true, 'alive']);
    expect([await elsewhere.probe!(intent, signal), await elsewhere.perform(intent, signal), await works()]).toEqual(['unknown', { kind: 'failed', reason: 'other_namespace' }, true]);
    expect([await there.perform(intent, signal), await there.probe!(intent, signal), await works()]).toEqual([{ kind: 'done' }, 'dead', false]);
    expect(await there.perform(intent, signal)).toEqual({ kind: 'already' });
  });

  test('the audit log ties a token\'s uses to its issuance and names whom we ended, where the mount leaves that in the clear', async () => {
    const lines = await vault.audit();
    const { auth } = (await vault.call('POST', 'auth/token/create', { policies: ['default'], display_name: 'export' })).body as { auth: { client_token: string; accessor: string } };
    await vault.call('GET', 'auth/token/lookup-self', undefined, auth.client_token);
    const token = await vault.tokenFor({ 'auth/token/revoke-accessor': ['update'], 'auth/token/lookup-accessor': ['update'] });
    await vault.call('POST', 'sys/mounts/auth/token/tune', { audit_non_hmac_request_keys: ['accessor'] });
    const section = { type: 'vault', call: 'token', address: vault.url, token_file: fileWith(token) };
    const { names: [ours] } = await open(section).ownNames!(AbortSignal.timeout(20_000));
    expect(await open(section).perform(intentOf({ kind: 'revoke', target: { issuer: 'vault', tokenKind: 'vault', handle: auth.accessor } }), signal)).toEqual({ kind: 'done' });
    const read = reader({ settings: { issuers: ['vault'] } });
    const events = lines().map((line) => eventOf(read(line))).filter(({ outcome }) => outcome === 'success');
    const [issued, used] = ['auth/token/create', 'auth/token/lookup-self'].map((path) => events.find(({ urlPath }) => urlPath === path));
    const ended = events.find(({ urlPath, lifecycle }) => urlPath === 'auth/token/revoke-accessor' && lifecycle === 'revoked');
    expect(issued!.issued).not.toBeNull();
    expect([ended!.tokenHandle, ended!.tokenIssuer], 'it was us').toEqual([ours!.name, ours!.issuer]);
    expect([used!.token, used!.tokenHandle, ended!.revoked, ended!.tokenKind]).toEqual([issued!.issued, auth.accessor, issued!.issued, 'vault']);
    expect(lines().some((line) => line.includes(auth.client_token) || line.includes(token))).toBe(false);
  });
});
