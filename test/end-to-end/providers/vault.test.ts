import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Target } from '../../../src/model/intent.ts';
import { fileWith } from '../../respond/actions/support.ts';
import { RealPlan } from '../../support/real-plan.ts';
import { startVault, vaultProgram, type Vault } from '../../support/servers/vault.ts';

interface Login { readonly token: string; readonly accessor: string }

describe.skipIf(vaultProgram === null)('a real Vault, named by TEST_VAULT', () => {
  let vault: Vault;
  const identityId = 'vault|approle|export';
  const step = 'revoke vault';
  const revoke = { kind: 'revoke', action: 'vault' } as const;

  beforeAll(async () => {
    vault = await startVault(vaultProgram!);
    await vault.call('POST', 'sys/auth/approle', { type: 'approle' });
    for (const role of ['export', 'rates']) await vault.call('POST', `auth/approle/role/${role}`, { token_ttl: '1h' });
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
  const planFor = (call: string, named: string): RealPlan => RealPlan.open([{
    name: 'vault', type: 'vault', call, address: vault.url, token_file: fileWith(vault.root), identities: { [identityId]: named }, allow_private: true, exposure: '1s',
  }]);

  test('a token by its accessor: it ends with its children; siblings go on, and it stays so over a kill', async () => {
    const { id } = await secretId('export');
    const [stolen, sibling] = [(await login('export', id))!, (await login('export', id))!];
    await vault.call('POST', 'sys/policies/acl/default', { policy: 'path "auth/token/*" { capabilities = ["create", "update", "read"] }' });
    const { auth } = (await vault.call('POST', 'auth/token/create', {}, stolen.token)).body as { auth: { client_token: string; accessor: string } };
    const child = { token: auth.client_token, accessor: auth.accessor };
    expect(await Promise.all([stolen, child, sibling].map(works))).toEqual([true, true, true]);
    const plan = planFor('token', 'export');
    plan.propose(targetOf(stolen), revoke);
    await plan.comesTo(step, 'verified');
    expect(await Promise.all([stolen, child, sibling].map(works))).toEqual([false, false, true]);
    await vault.kill();
    await vault.restart();
    expect(await Promise.all([stolen, child, sibling].map(works))).toEqual([false, false, true]);
  });

  test('an unknown accessor is answered with 200: nothing is proven by it', async () => {
    const plan = planFor('token', 'export');
    plan.propose(targetOf({ token: '', accessor: 'AAAAAAAAAAAAAAAAAAAAAAAA' }), revoke);
    await plan.comesTo(step, 'unknown');
    expect(plan.stands(step)).toBe('unknown: never_seen_alive');
  });

  test('a secret id: nobody logs in with it any more, and tokens of earlier logins go on', async () => {
    const [taken, other] = [await secretId('export'), await secretId('export')];
    const earlier = (await login('export', taken.id))!;
    const plan = planFor('secret_id', `export/${taken.accessor}`);
    plan.propose(targetOf(earlier), revoke);
    await plan.comesTo(step, 'verified');
    expect([await login('export', taken.id), await works(earlier), await login('export', other.id) !== null]).toEqual([null, true, true]);
  });

  test('all logins below a prefix: every one ends, and new ones come', async () => {
    const [{ id }, rates] = [await secretId('export'), await secretId('rates')];
    const [one, other] = [(await login('export', id))!, (await login('rates', rates.id))!];
    const plan = planFor('leases', 'auth/approle');
    plan.propose(targetOf(one), revoke);
    await plan.comesTo(step, 'unknown');
    expect([...await Promise.all([one, other].map(works)), await works((await login('export', id))!)]).toEqual([false, false, true]);
  });
});
