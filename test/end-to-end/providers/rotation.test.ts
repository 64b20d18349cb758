import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AwsCredential } from '../../../src/respond/actions/auth/aws-signature.ts';
import type { AlertSummary, IntentView } from '../../../src/server/api/shapes.ts';
import { startMoto, type Moto } from '../../support/servers/moto.ts';
import { ServiceProcess } from '../service/child.ts';
import { account, history, identityId, Job, jobs, ownLine, secretName, thief } from './key-users.ts';

// Six jobs share one access key, and a copy of it is stolen. The service reads the calls, makes a second key at a stand-in for AWS, waits for the
// jobs to move, and asks about the one that does not.

const people = { rosa: randomBytes(24).toString('base64url'), sam: randomBytes(24).toString('base64url') };
let folder: string;
let moto: Moto;
let stolen: AwsCredential;
let trail: string;
let service: ServiceProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-rotation-'));
  mkdirSync(join(folder, 'logs'));
  trail = join(folder, 'logs', 'trail.ndjson');
  moto = await startMoto();
  stolen = await moto.user('export', [{ Effect: 'Allow', Action: ['iam:ListUsers'], Resource: '*' }]);
  await moto.secrets('CreateSecret', { Name: secretName, SecretString: JSON.stringify({ id: stolen.accessKeyId, key: stolen.secret, region: 'eu-west-1' }), ClientRequestToken: '0'.repeat(32) });
  writeFileSync(trail, history(stolen.accessKeyId, Date.now()));
  writeFileSync(join(folder, 'own'), moto.administrator.secret);
  const hash = (token: string): string => createHash('sha256').update(token).digest('hex');
  writeFileSync(join(folder, 'accounts'), Object.entries(people).map(([name, token]) => `${name} responder ${hash(token)}\n`).join(''), { mode: 0o600 });
  writeFileSync(join(folder, 'tokenward.yaml'), JSON.stringify(settings()));
  service = new ServiceProcess(join(folder, 'tokenward.yaml'), folder, { untouched: true });
  await service.until('the past is read', async () => (await service.ready()).sources.every(({ lagRecords }) => lagRecords === 0));
}, 10 * 60_000);
afterAll(async () => {
  if (service?.hasEnded === false) await service.stop();
  await moto?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function settings(): object {
  const key = { access_key_id: moto.administrator.accessKeyId, secret_key_file: join(folder, 'own'), endpoint: moto.url };
  return {
    sources: [{ name: 'trail', type: 'file', paths: [trail], formats: ['aws.cloudtrail'], issuers: ['aws'], accounts: [account] }],
    networks: [{ name: 'a commercial VPN', cidrs: ['203.0.113.0/24'], class: 'vpn' }],
    policy: [{ name: 'stolen-key', match: { token_kinds: ['access_key'] }, mode: 'approve', plan: [{ do: 'rotate', by: 'rotate-key' }] }],
    respond: {
      actions: [{
        name: 'rotate-key', type: 'rotation', allow_private: true, patience: '6s', exposure: '10s', credential: { type: 'aws_access_key', account_id: account, ...key },
        stores: [{ type: 'aws_secrets_manager', ...key, secrets: { [identityId]: secretName }, id_field: 'id', secret_field: 'key' }],
      }],
    },
    server: { listen: '127.0.0.1:0', accounts_file: join(folder, 'accounts') },
    store: { dir: join(folder, 'data') },
  };
}

async function ask(path: string, by: keyof typeof people = 'rosa', method = 'GET'): Promise<Response> {
  return fetch(await service.address() + path, { method, headers: { authorization: `Bearer ${people[by]}` } });
}

async function rotation(): Promise<IntentView | undefined> {
  const { intents } = await (await ask('/api/intents')).json() as { intents: readonly IntentView[] };
  return intents.find(({ kind, target }) => kind === 'rotate' && target.handle === stolen.accessKeyId);
}

async function comesTo(state: string): Promise<IntentView> {
  let last: IntentView | undefined;
  await expect.poll(async () => {
    last = await rotation();
    return last === undefined ? 'not proposed' : last.state === state ? state : `${last.state}: ${last.why ?? ''}`;
  }, { timeout: 30_000, interval: 100 }).toBe(state);
  return last!;
}

async function approve({ id }: IntentView, by: keyof typeof people): Promise<void> {
  expect((await ask(`/api/intents/${id}/approve`, by, 'POST')).status).toBe(200);
}

const keys = async (): Promise<string[]> => [...(await moto.call('iam', 'ListAccessKeys', { UserName: 'export' })).text.matchAll(/<AccessKeyId>(\w+)</g)].map(([, id]) => id!);

/** Everything under a folder that holds one of the texts. */
function filesWith(dir: string, ...texts: readonly string[]): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) return filesWith(path, ...texts);
    const bytes = readFileSync(path);
    return texts.some((text) => bytes.includes(text)) ? [path] : [];
  });
}

test('five of six move, the sixth is asked about, and after a person\'s word the stolen key is dead', async () => {
  const six = jobs.map((job) => new Job(moto, job, trail, stolen));
  const other = new Job(moto, thief, trail, stolen);
  for (const caller of six) expect(await caller.call()).toBe(true);
  expect(await other.call()).toBe(true);

  const proposed = await comesTo('waiting_approval');
  expect(proposed.dependents.filter(({ suspect }) => !suspect)).toHaveLength(6);
  expect(await keys(), 'nothing was made').toEqual([stolen.accessKeyId]);
  await approve(proposed, 'rosa');
  const { handover } = await comesTo('accepted');
  const made = handover!.made!;
  expect((await keys()).sort()).toEqual([stolen.accessKeyId, made].sort());
  expect(handover!.waitingFor).toHaveLength(6);

  // Each in its own time; the service is killed meanwhile and makes no third key.
  for (const job of six.slice(0, 2)) await job.fetchKey();
  await service.kill();
  service = new ServiceProcess(join(folder, 'tokenward.yaml'), folder, { untouched: true });
  for (const job of six.slice(2, 5)) await job.fetchKey();
  await sleep(1_100);
  for (const job of six) expect(await job.call()).toBe(true);
  const stuck = await comesTo('waiting_approval');
  await expect.poll(async () => (await rotation())?.handover?.waitingFor.length, { timeout: 20_000 }).toBe(1);
  expect([stuck.why, (await rotation())!.handover!.waitingFor[0], await other.call()]).toEqual(['not_moved', expect.stringContaining(jobs[5]!.name), true]);

  await approve((await rotation())!, 'sam');
  await comesTo('verified');
  expect([await other.call(), await Promise.all(six.map((job) => job.call()))]).toEqual([false, [true, true, true, true, true, false]]);
  await six[5]!.fetchKey();
  expect([await six[5]!.call(), (await keys()).length]).toEqual([true, 2]);
  const { SecretString: stored } = await moto.secrets('GetSecretValue', { SecretId: secretName });
  const { id, key, region } = JSON.parse(stored!) as Record<string, string>;
  expect([id, region]).toEqual([made, 'eu-west-1']);

  // What the service did is in the trail as well, and is none of a thief's doing; what a thief does with its key is.
  const own = moto.administrator.accessKeyId;
  const host = { name: 'tokenward', address: '198.51.100.20' };
  const trailOf = (...lines: readonly string[]): void => appendFileSync(trail, `${lines.join('\n')}\n`);
  trailOf(ownLine(own, host, 'CreateAccessKey', { userName: 'export' }), ownLine(own, host, 'UpdateAccessKey', { userName: 'export', accessKeyId: stolen.accessKeyId, status: 'Inactive' }));
  trailOf(ownLine(own, thief, 'UpdateAccessKey', { userName: 'export', accessKeyId: stolen.accessKeyId, status: 'Active' }));
  const misuses = async () => (await (await ask('/api/alerts')).json() as { alerts: readonly AlertSummary[] }).alerts.filter(({ detector }) => detector === 'own-credential-misuse');
  await expect.poll(async () => (await misuses()).map(({ severity, count, network }) => [severity, count, network?.block]), { timeout: 20_000 }).toEqual([[99, 1, '203.0.113.0/24']]);

  // The new secret stands in the store, and nowhere of ours.
  const told = JSON.stringify([await (await ask('/api/intents')).json(), await (await ask('/api/alerts')).json(), service.text]);
  expect(told).toContain(made);
  expect(told).not.toContain(key);
  expect(filesWith(join(folder, 'data'), key!, Buffer.from(key!).toString('base64'), encodeURIComponent(key!))).toEqual([]);
}, 120_000);
