import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Target } from '../../../src/model/intent.ts';
import { open } from '../../respond/actions/providers/support.ts';
import { fileWith, intentOf, signal } from '../../respond/actions/support.ts';
import { RealPlan } from '../../support/real-plan.ts';
import { startVault, vaultProgram, type Vault } from '../../support/servers/vault.ts';

// By tokens of ours with the rights of the docs' table and no others.

interface Login { readonly token: string; readonly accessor: string }

describe.skipIf(vaultProgram === null)('a real Vault, named by TEST_VAULT', () => {
  let vault: Vault;
  const identityId = 'vault|approle|export';
  const step = 'revoke action';
  const revoke = { kind: 'revoke', action: 'action' } as const;

  beforeAll(async () => {
    vault = await startVault(vaultProgram!);
    await vault.call('POST', 'sys/auth/approle', { type: 'approle' });
    await vault.call('POST', 'sys/policies/acl/minter', { policy: 'path "auth/token/*" { capabilities = ["create", "update", "read"] }' });
    for (const role of ['export', 'rates']) await vault.call('POST', `auth/approle/role/${role}`, { token_ttl: '1h', token_policies: ['minter'] });
  });
  afterAll(() => vault?.stop());

  async function secretId(role: string): Promise<{ readonly id: string; readonly accessor: string }> {
    const { data } = (await vault.call('POST', `auth/approle/role/${role}/secret-id`, {})).body as { data: { secret_id: string; secret_id_accessor: string } };
    return { id: data.secret_id, accessor: data.secret_id_accessor };
  }

  async function login(role: string, id: string): Promise<Login | null> {
    const { data } = (await vault.call('GET', `auth/approle/role/${role}/role-id`)).body as { data: { role_id: string } };
    const { status, body } = await vault.call('POST', 'auth/approle/login', { role_id: data.role_id, secret_id: id }, '');
    if (status !== 200) return null;
    const { client_token: token, accessor } = (body as { auth: { client_token: string; accessor: string } }).auth;
    return { token, accessor };
  }

  const works = async ({ token }: Login): Promise<boolean> => (await vault.call('GET', 'auth/token/lookup-self', undefined, token)).status === 200;
  const targetOf = ({ accessor }: Login): Partial<Target> => ({ handle: accessor, tokenKind: 'vault', issuer: 'vault', identityId });
  const update = ['update'];
  const rights = (call: string, named: string): Record<string, readonly string[]> => {
    if (call === 'token') return { 'auth/token/revoke-accessor': update, 'auth/token/lookup-accessor': update };
    if (call === 'leases') return { [`sys/leases/revoke-prefix/${named}`]: ['sudo', 'update'] };
    const path = `auth/approle/role/${named.split('/')[0]}/secret-id-accessor`;
    return { [`${path}/destroy`]: update, [`${path}/lookup`]: update };
  };
  const sectionOf = async (call: string, named: string, granted = rights(call, named)): Promise<object> => ({
    name: 'action', type: 'vault', call, address: vault.url, token_file: fileWith(await vault.tokenFor(granted)), identities: { [identityId]: named }, allow_private: true, exposure: '1s',
  });
  const planFor = async (call: string, named: string): Promise<RealPlan> => RealPlan.open([await sectionOf(call, named)]);
  /** The same once more, as after a crash. */
  const again = async (call: string, named: string, target: Partial<Target>): Promise<string> =>
    (await open(await sectionOf(call, named)).perform(intentOf({ kind: 'revoke', target }), signal)).kind;

  test('a token by its accessor: it ends with its children; siblings go on, and it stays so over a kill', async () => {
    const { id } = await secretId('export');
    const [stolen, sibling] = [(await login('export', id))!, (await login('export', id))!];
    const { auth } = (await vault.call('POST', 'auth/token/create', {}, stolen.token)).body as { auth: { client_token: string; accessor: string } };
    const child = { token: auth.client_token, accessor: auth.accessor };
    expect(await Promise.all([stolen, child, sibling].map(works))).toEqual([true, true, true]);
    const plan = await planFor('token', 'export');
    plan.propose(targetOf(stolen), revoke);
    await plan.comesTo(step, 'verified');
    expect(await Promise.all([stolen, child, sibling].map(works))).toEqual([false, false, true]);
    expect(await again('token', 'export', targetOf(stolen))).toBe('already');
    await vault.kill();
    await vault.restart();
    expect(await Promise.all([stolen, child, sibling].map(works))).toEqual([false, false, true]);
  });

  test('an unknown accessor is answered with 200: nothing is proven by it', async () => {
    const plan = await planFor('token', 'export');
    plan.propose(targetOf({ token: '', accessor: 'AAAAAAAAAAAAAAAAAAAAAAAA' }), revoke);
    await plan.comesTo(step, 'unknown');
    expect(plan.stands(step)).toBe('unknown: never_seen_alive');
  });

  test('a secret id: nobody logs in with it any more, and tokens of earlier logins go on', async () => {
    const [taken, other] = [await secretId('export'), await secretId('export')];
    const earlier = (await login('export', taken.id))!;
    const plan = await planFor('secret_id', `export/${taken.accessor}`);
    plan.propose(targetOf(earlier), revoke);
    await plan.comesTo(step, 'verified');
    expect([await login('export', taken.id), await works(earlier), await login('export', other.id) !== null]).toEqual([null, true, true]);
    expect(await again('secret_id', `export/${taken.accessor}`, targetOf(earlier))).toBe('already');
    await vault.kill();
    await vault.restart();
    expect([await login('export', taken.id), await works(earlier), await login('export', other.id) !== null]).toEqual([null, true, true]);
  });

  test('all logins below a prefix: every one ends, and new ones come', async () => {
    const [{ id }, rates] = [await secretId('export'), await secretId('rates')];
    const [one, other] = [(await login('export', id))!, (await login('rates', rates.id))!];
    const plan = await planFor('leases', 'auth/approle');
    plan.propose(targetOf(one), revoke);
    await plan.comesTo(step, 'unknown');
    expect([...await Promise.all([one, other].map(works)), await works((await login('export', id))!)]).toEqual([false, false, true]);
  });

  test('leases of an engine by the prefix of one role: those of a role whose name begins alike go on', async ({ skip }) => {
    if ((await vault.call('POST', 'sys/mounts/pki', { type: 'pki' })).status !== 204) skip('this program has no such engine');
    await vault.call('POST', 'pki/root/generate/internal', { common_name: 'test' });
    const lease = async (role: string): Promise<string> => {
      await vault.call('POST', `pki/roles/${role}`, { allow_any_name: true, generate_lease: true });
      return (await vault.call('POST', `pki/issue/${role}`, { common_name: 'a.example', ttl: '10m' })).body['lease_id'] as string;
    };
    const leases = [await lease('export'), await lease('export'), await lease('export-2')];
    const stand = (): Promise<boolean[]> => Promise.all(leases.map(async (one) => (await vault.call('POST', 'sys/leases/lookup', { lease_id: one })).status === 200));
    expect(await stand()).toEqual([true, true, true]);
    const target = { issuer: 'vault', identityId };
    const plan = await planFor('leases', 'pki/issue/export');
    plan.propose(target, revoke);
    await plan.comesTo(step, 'unknown');
    expect([await stand(), await again('leases', 'pki/issue/export', target)]).toEqual([[false, false, true], 'done']);
    await vault.kill();
    await vault.restart();
    expect(await stand()).toEqual([false, false, true]);
  });

  test('what our token may do is told without acting; who may not, is refused', async () => {
    const asked = async (call: string, named: string, granted?: Record<string, readonly string[]>): Promise<string[]> =>
      (await open(await sectionOf(call, named, granted)).rights!.ask(AbortSignal.timeout(20_000))).map(({ granted: how }) => how);
    expect(await Promise.all([asked('token', 'export'), asked('leases', 'pki/issue/export'), asked('secret_id', 'export/a')]))
      .toEqual([['granted', 'granted'], ['granted'], ['granted', 'granted']]);
    expect(await asked('leases', 'pki/issue/export', { 'sys/leases/revoke-prefix/pki/issue/export': update })).toEqual(['missing']);
    expect(await asked('token', 'export', { 'auth/token/lookup-accessor': update })).toEqual(['missing', 'granted']);
    const refused = open(await sectionOf('token', 'export', { nothing: update }));
    const intent = intentOf({ kind: 'revoke', target: targetOf((await login('export', (await secretId('export')).id))!) });
    expect([await refused.probe!(intent, signal), await refused.perform(intent, signal)]).toEqual(['unknown', { kind: 'failed', reason: 'http_403' }]);
  });
});
