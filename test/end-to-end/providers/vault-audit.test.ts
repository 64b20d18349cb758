import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startVault, vaultProgram, type Vault } from '../../support/servers/vault.ts';
import { fourWeeks, Story, thief } from './story.ts';

// The service reads the audit log that a real Vault writes of this very story, as at a cluster (see there).

interface Login { readonly token: string; readonly accessor: string }
interface Line { readonly request: object }

describe.skipIf(vaultProgram === null)('a real Vault\'s audit log, where TEST_VAULT names one', () => {
  let story: Story;
  let vault: Vault;
  let stolen: Login;
  let sibling: Login;
  let own: string;

  const works = async ({ token }: Login, by: { from?: string; agent?: string } = {}): Promise<boolean> =>
    (await vault.call('GET', 'auth/token/lookup-self', undefined, token, { from: '198.51.100.7', agent: 'export/1.4', ...by })).status === 200;

  async function login(role: string): Promise<Login> {
    const id = (await vault.call('GET', `auth/approle/role/${role}/role-id`)).body['data'] as { role_id: string };
    const secret = (await vault.call('POST', `auth/approle/role/${role}/secret-id`, {})).body['data'] as { secret_id: string };
    const { body } = await vault.call('POST', 'auth/approle/login', { ...id, secret_id: secret.secret_id }, '', { from: '198.51.100.7' });
    const { client_token: token, accessor } = body['auth'] as { client_token: string; accessor: string };
    return { token, accessor };
  }

  beforeAll(async () => {
    story = new Story();
    vault = await startVault(vaultProgram!);
    const policy = ['revoke-accessor', 'lookup-accessor'].map((path) => `path "auth/token/${path}" { capabilities = ["update"] }`).join('\n');
    await vault.call('POST', 'sys/policies/acl/responder', { policy });
    await vault.call('POST', 'sys/auth/approle', { type: 'approle' });
    for (const [role, policies] of [['export', []], ['responder', ['responder']]] as const) {
      await vault.call('POST', `auth/approle/role/${role}`, { token_ttl: '1h', token_policies: policies });
    }
    const log = await vault.audit();
    [stolen, sibling, own] = [await login('export'), await login('export'), (await login('responder')).token];
    await works(stolen);
    const call = log().slice(-2).map((line) => JSON.parse(line) as Line);
    const past = fourWeeks((time) => {
      const id = randomUUID();
      return call.map((line) => ({ ...line, time, request: { ...line.request, id } }));
    });
    await story.begin({
      source: { name: 'vault', type: 'file', paths: [story.file('past.ndjson', past), vault.auditFile], formats: ['vault.audit'], issuers: ['vault'] },
      action: { type: 'vault', call: 'token', address: vault.url, token_file: story.file('own', own) },
      match: { token_kinds: ['vault'] },
    });
  }, 120_000);
  afterAll(async () => {
    await story?.end();
    await vault?.stop();
  });

  test('a theft is found, the token ends by its accessor; our call is known as ours by our token\'s accessor, which nobody configured, and another\'s is not', async () => {
    for (let call = 0; call < 5; call++) await works(stolen, thief);
    await story.isStopped();
    expect([await works(stolen), await works(sibling)]).toEqual([false, true]);
    await expect.poll(() => story.hasRead(), { timeout: 20_000 }).toBe(true);
    expect(await story.misuses()).toEqual([]);

    expect((await vault.call('POST', 'auth/token/revoke-accessor', { accessor: sibling.accessor }, own, thief)).status).toBe(204);
    await expect.poll(() => story.misuses(), { timeout: 20_000 }).toEqual([[99, '203.0.113.0/24']]);
  }, 120_000);
});
