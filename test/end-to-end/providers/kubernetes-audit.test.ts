import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AlertSummary, IntentView } from '../../../src/server/api/shapes.ts';
import { eventOf, reader } from '../../ingest/formats/support.ts';
import { Cluster, kubernetesPrograms } from '../../support/servers/kubernetes.ts';
import { ServiceProcess } from '../service/child.ts';
import { furnish, secret, secretToken, works } from './estate.ts';

// The service reads the audit log that the API server writes of this very story: a token in use, its copy in use elsewhere, what we do about it, and
// what somebody else does with our token.

const hourMs = 3_600_000;
const person = randomBytes(24).toString('base64url');
const thief = { from: '203.0.113.66', agent: 'curl/8.9' };
const ours = 'system:serviceaccount:tokenward:responder';

describe.skipIf(kubernetesPrograms === null)('a real API server\'s audit log, where TEST_KUBERNETES names one', () => {
  let cluster: Cluster;
  let folder: string;
  let service: ServiceProcess;
  let stolen: string;
  let own: string;
  const identityId = (): string => `${cluster.issuer}|system:serviceaccount:jobs:export`;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tokenward-cluster-'));
    cluster = await Cluster.start(kubernetesPrograms!);
    await furnish(cluster);
    [stolen, own] = [await secretToken(cluster, 'export-token'), await cluster.accountToken('tokenward', 'responder')];
    await works(cluster, stolen);
    writeFileSync(join(folder, 'past.ndjson'), past());
    writeFileSync(join(folder, 'own'), own);
    writeFileSync(join(folder, 'accounts'), `rosa responder ${createHash('sha256').update(person).digest('hex')}\n`, { mode: 0o600 });
    writeFileSync(join(folder, 'tokenward.yaml'), JSON.stringify(settings()));
    service = new ServiceProcess(join(folder, 'tokenward.yaml'), folder, { untouched: true });
    await service.until('the past is read', async () => (await service.ready()).sources.every(({ lagRecords }) => lagRecords === 0));
  }, 5 * 60_000);
  afterAll(async () => {
    if (service?.hasEnded === false) await service.stop();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Four weeks of the same call, made of the line that the API server wrote of one, up to an hour ago. */
  function past(): string {
    const line = cluster.audit().findLast((one) => one.includes('"export/1.4"'))!;
    const lines: string[] = [];
    for (let timeMs = Date.now() - 28 * 24 * hourMs; timeMs < Date.now() - hourMs; timeMs += 4 * hourMs) {
      const at = new Date(timeMs).toISOString().replace('Z', '000Z');
      lines.push(JSON.stringify({ ...JSON.parse(line) as object, auditID: randomUUID(), requestReceivedTimestamp: at, stageTimestamp: at }));
    }
    return `${lines.join('\n')}\n`;
  }

  function settings(): object {
    return {
      sources: [{ name: 'cluster', type: 'file', paths: [join(folder, 'past.ndjson'), cluster.auditFile], formats: ['kubernetes.audit'], issuers: [cluster.issuer], trusted_proxies: ['127.0.0.1/32'] }],
      networks: [{ name: 'a commercial VPN', cidrs: ['203.0.113.0/24'], class: 'vpn' }],
      policy: [{ name: 'stolen-token', match: { token_kinds: ['kubernetes'], identities: [identityId()] }, mode: 'approve', plan: [{ do: 'revoke', by: 'secrets' }] }],
      respond: {
        actions: [{
          name: 'secrets', type: 'kubernetes', call: 'secret', api_server: cluster.url, issuer: cluster.issuer, token_file: join(folder, 'own'), account: ours, ca_file: cluster.caFile,
          allow_private: true, identities: { [identityId()]: 'jobs/export-token' },
        }],
        max_dependents: 5,
      },
      server: { listen: '127.0.0.1:0', accounts_file: join(folder, 'accounts') }, store: { dir: join(folder, 'data') },
    };
  }

  async function ask<T>(path: string, method = 'GET'): Promise<T> {
    return await (await fetch(await service.address() + path, { method, headers: { authorization: `Bearer ${person}` } })).json() as T;
  }
  const alerts = async (): Promise<readonly AlertSummary[]> => (await ask<{ alerts: readonly AlertSummary[] }>('/api/alerts')).alerts;
  const revocation = async (): Promise<IntentView | undefined> => (await ask<{ intents: readonly IntentView[] }>('/api/intents')).intents.find(({ kind }) => kind === 'revoke');
  const misuses = async (): Promise<readonly AlertSummary[]> => (await alerts()).filter(({ detector }) => detector === 'own-credential-misuse');

  test('the theft is found, the Secret goes, the copy is dead; our own call is known as ours, and another\'s with our token is not', async () => {
    const sibling = await secretToken(cluster, 'other-token');
    for (let call = 0; call < 5; call++) await cluster.call('GET', '/api/v1/namespaces/jobs/configmaps', undefined, { token: stolen, ...thief });
    await expect.poll(async () => (await revocation())?.state, { timeout: 30_000 }).toBe('waiting_approval');
    await ask(`/api/intents/${(await revocation())!.id}/approve`, 'POST');
    await expect.poll(async () => (await revocation())?.state, { timeout: 30_000 }).toBe('verified');
    await cluster.until('the copy is refused', async () => !await works(cluster, stolen));
    expect(await works(cluster, sibling)).toBe(true);

    // What we did stands in the log that was read meanwhile.
    const deletion = cluster.audit().find((line) => line.includes(ours) && line.includes('"verb":"delete"'))!;
    expect(deletion).toContain('"name":"export-token"');
    await secret(cluster, 'canary');
    await cluster.call('GET', '/api/v1/namespaces/jobs/configmaps', undefined, { token: sibling, ...thief });
    await expect.poll(async () => (await service.ready()).sources[0]!.lagRecords, { timeout: 20_000 }).toBe(0);
    expect(await misuses()).toEqual([]);

    expect((await cluster.call('DELETE', '/api/v1/namespaces/jobs/secrets/canary', undefined, { token: own, ...thief })).status).toBe(200);
    await expect.poll(async () => (await misuses()).map(({ severity, network }) => [severity, network?.block]), { timeout: 20_000 }).toEqual([[99, '203.0.113.0/24']]);
  }, 180_000);

  test('what the log says: the token\'s uses are tied to its issuance, by its id and its owner', () => {
    const read = reader({ settings: { issuers: [cluster.issuer], trustedProxies: ['127.0.0.1/32'] } });
    const events = cluster.audit().map((line) => eventOf(read(line)));
    const used = events.find(({ userAgent }) => userAgent === 'curl/8.9')!;
    const issued = events.find((event) => event.issued === used.token)!;
    expect([used.tokenKind, used.authenticated, used.sourceIp, used.identityId]).toEqual(['kubernetes', true, '203.0.113.66', identityId()]);
    expect([issued.issuedIdentityId, issued.urlPath]).toEqual([identityId(), '/api/v1/namespaces/jobs/serviceaccounts/export/token']);
    const refused = events.filter(({ status }) => status === 401);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ authenticated, token }) => authenticated === false && token === null)).toBe(true);
    expect(cluster.audit().some((line) => [stolen, own].some((token) => line.includes(token)))).toBe(false);
  });
});
