import { expect, test } from 'vitest';
import type { Granted } from '../../../../src/respond/port.ts';
import { startAws } from '../../../support/providers/aws.ts';
import { startKubernetes } from '../../../support/providers/kubernetes.ts';
import { startKeyVault } from '../../../support/providers/rotation.ts';
import { startVault } from '../../../support/providers/vault.ts';
import { open, secret } from '../providers/support.ts';
import { fileWith, serve, signal } from '../support.ts';

const secrets = { 'aws:123456789012:AIDAEXPORT': 'jobs/export' };
const own = { access_key_id: 'AKIARESPONDER0000001', secret_key_file: fileWith(secret), session_token_file: fileWith('session') };

/** What our credentials may do for a rotation of access keys into this store, less what the keys themselves need. */
async function rightsAt(store: object): Promise<{ readonly found: Readonly<Record<string, Granted>>; readonly unasked: string | null }> {
  const iam = await startAws({ keyId: own.access_key_id, secret, token: 'session', region: 'us-east-1', service: 'iam' });
  const credential = { type: 'aws_access_key', account_id: '123456789012', ...own, endpoint: iam.url };
  const { rights } = open({ type: 'rotation', credential, stores: [{ secrets, ...store }] });
  const found = Object.fromEntries((await rights!.ask(signal)).map(({ right, granted }) => [right, granted]));
  expect([found['iam:GetAccessKeyLastUsed'], found['iam:ListAccessKeys'], iam.faults]).toEqual(['granted', 'granted', []]);
  const { 'iam:GetAccessKeyLastUsed': _used, 'iam:ListAccessKeys': _listed, ...ofStore } = found;
  return { found: ofStore, unasked: rights!.unasked };
}

const keys = 'iam:CreateAccessKey, iam:UpdateAccessKey and iam:DeleteAccessKey; ';

test('Secrets Manager: whether the very secret may be read, without reading it', async () => {
  const fake = await startAws({ keyId: own.access_key_id, secret, token: 'session', region: 'eu-west-1', service: 'secretsmanager' });
  fake.secrets.set('jobs/export', [{ id: 'v'.repeat(32), text: 'secret-canary' }]);
  const store = { type: 'aws_secrets_manager', region: 'eu-west-1', ...own, endpoint: fake.url };
  const right = 'secretsmanager:GetSecretValue on jobs/export';
  expect(await rightsAt(store)).toEqual({
    found: { [right]: 'granted' }, unasked: `${keys}secretsmanager:PutSecretValue on jobs/export, and the use of its key where that is one of your own`,
  });
  expect([fake.faults, fake.secrets.get('jobs/export')!.length]).toEqual([[], 1]);
  const answering = (type: string) => serve((_, response) => response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify({ __type: type })));
  for (const [type, granted] of [['AccessDeniedException', 'missing'], ['UnrecognizedClientException', 'refused'], ['InternalServiceError', 'unreachable']] as const) {
    expect((await rightsAt({ ...store, endpoint: await answering(type) })).found).toEqual({ [right]: granted });
  }
});

test('Key Vault: the same', async () => {
  const fake = await startKeyVault(secret, 'secret-canary');
  const store = { type: 'azure_key_vault', vault_url: fake.url, tenant_id: 't', login_url: fake.url, client_id: 'ours', client_secret_file: fileWith(secret), secrets: { a: 'export' } };
  fake.versions.length = 0;
  fake.versions.push({ value: 'secret-canary' });
  expect(await rightsAt(store)).toEqual({ found: { 'get of the secret export': 'granted' }, unasked: `${keys}set of the secret export` });
  expect((await rightsAt({ ...store, client_secret_file: fileWith('another') })).found).toEqual({ 'get of the secret export': 'refused' });
  expect(fake.versions).toHaveLength(1);
});

test('Vault KV: every right, by Vault\'s own word', async () => {
  const fake = await startVault('s.ours');
  const store = { type: 'vault_kv', address: fake.url, mount: 'kv', token_file: fileWith('s.ours'), id_field: 'id', secret_field: 'key', secrets: { a: 'jobs/export', b: 'jobs/report' } };
  fake.capabilities.set('kv/data/jobs/export', ['read', 'update']).set('kv/data/jobs/report', ['read']);
  expect(await rightsAt(store)).toEqual({
    found: { 'read and update on kv/data/jobs/export': 'granted', 'read and update on kv/data/jobs/report': 'missing' }, unasked: keys.slice(0, -2),
  });
  expect(fake.faults).toEqual([]);
});

test('a Secret of Kubernetes: every right, by the cluster\'s own word', async () => {
  const fake = await startKubernetes('ours');
  fake.denied.add('patch secrets jobs/export');
  const store = { type: 'kubernetes_secret', api_server: fake.url, token_file: fileWith('ours'), id_field: 'id', secret_field: 'key' };
  expect((await rightsAt(store)).found).toEqual({ 'get on secrets jobs/export': 'granted', 'patch on secrets jobs/export': 'missing' });
  expect((await rightsAt({ ...store, token_file: fileWith('another') })).found).toEqual({ 'get on secrets jobs/export': 'refused', 'patch on secrets jobs/export': 'refused' });
  expect(fake.faults).toEqual([]);
});
