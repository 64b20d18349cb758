import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventOf, reader } from '../../ingest/formats/support.ts';
import { Cluster, kubernetesPrograms } from '../../support/servers/kubernetes.ts';
import { furnish, secret, secretToken, works } from './estate.ts';
import { fourWeeks, Story, thief } from './story.ts';

// The service reads the audit log that the API server writes of this very story: a token in use, its copy in use elsewhere, what we do about it, and
// what somebody else does with our token.

const ours = 'system:serviceaccount:tokenward:responder';

describe.skipIf(kubernetesPrograms === null)('a real API server\'s audit log, where TEST_KUBERNETES names one', () => {
  let story: Story;
  let cluster: Cluster;
  let stolen: string;
  let own: string;
  const identityId = (): string => `${cluster.issuer}|system:serviceaccount:jobs:export`;
  const list = (token: string, by = {}) => cluster.call('GET', '/api/v1/namespaces/jobs/configmaps', undefined, { token, ...by });

  beforeAll(async () => {
    story = new Story();
    cluster = await Cluster.start(kubernetesPrograms!);
    await furnish(cluster);
    [stolen, own] = [await secretToken(cluster, 'export-token'), await cluster.accountToken('tokenward', 'responder')];
    await works(cluster, stolen);
    const call = JSON.parse(cluster.audit().findLast((line) => line.includes('"export/1.4"'))!) as object;
    const past = fourWeeks((time) => [{ ...call, auditID: randomUUID(), requestReceivedTimestamp: time, stageTimestamp: time }]);
    await story.begin({
      source: {
        name: 'cluster', type: 'file', paths: [story.file('past.ndjson', past), cluster.auditFile], formats: ['kubernetes.audit'], issuers: [cluster.issuer],
        trusted_proxies: ['127.0.0.1/32'],
      },
      action: {
        type: 'kubernetes', call: 'secret', api_server: cluster.url, issuer: cluster.issuer, token_file: story.file('own', own), ca_file: cluster.caFile,
        identities: { [identityId()]: 'jobs/export-token' },
      },
      match: { token_kinds: ['kubernetes'], identities: [identityId()] },
    });
  }, 5 * 60_000);
  afterAll(async () => {
    await story?.end();
    await cluster?.stop();
  });

  test('a theft is found, the Secret goes, the copy is dead; our call is known as ours, though nobody configured our account\'s name, and another\'s is not', async () => {
    const sibling = await secretToken(cluster, 'other-token');
    for (let call = 0; call < 5; call++) await list(stolen, thief);
    await story.isStopped();
    await cluster.until('the copy is refused', async () => !await works(cluster, stolen));
    expect(await works(cluster, sibling)).toBe(true);

    const deletion = cluster.audit().find((line) => line.includes(ours) && line.includes('"verb":"delete"'))!;
    expect(deletion).toContain('"name":"export-token"');
    await expect.poll(() => story.hasRead(), { timeout: 20_000 }).toBe(true);
    expect(await story.misuses()).toEqual([]);

    await secret(cluster, 'precious');
    expect((await cluster.call('DELETE', '/api/v1/namespaces/jobs/secrets/precious', undefined, { token: own, ...thief })).status).toBe(200);
    await expect.poll(() => story.misuses(), { timeout: 20_000 }).toEqual([[99, '203.0.113.0/24']]);
  }, 180_000);

  test('what the log says: the token\'s uses are tied to its issuance, by its id and its owner', () => {
    const read = reader({ settings: { issuers: [cluster.issuer], trustedProxies: ['127.0.0.1/32'] } });
    const events = cluster.audit().map((line) => eventOf(read(line)));
    const used = events.find(({ userAgent }) => userAgent === thief.agent)!;
    const issued = events.find((event) => event.issued === used.token)!;
    expect([used.tokenKind, used.authenticated, used.sourceIp, used.identityId]).toEqual(['kubernetes', true, thief.from, identityId()]);
    expect([issued.issuedIdentityId, issued.urlPath]).toEqual([identityId(), '/api/v1/namespaces/jobs/serviceaccounts/export/token']);
    const refused = events.filter(({ status }) => status === 401);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ authenticated, token, partial }) => authenticated === false && token === null && !partial)).toBe(true);
    expect(cluster.audit().some((line) => [stolen, own].some((token) => line.includes(token)))).toBe(false);
  });
});
