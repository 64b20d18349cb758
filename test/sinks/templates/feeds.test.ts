import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Sink } from '../../../src/sinks/sink.ts';
import { startPagerDuty, startSecOps, startSentinel, startTeams, type Told } from '../../support/siem/services.ts';
import { fullAlert, hostileTexts, outgoing, outgoingTest, startMs } from '../alerts.ts';
import { deliver, done, fileWith, retry, sinkOf } from './rig.ts';

const uuid = '0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba';
const rule = `dcr-${'0'.repeat(31)}1`;
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

interface Feed { readonly fake: Told; readonly sink: Sink<unknown, unknown> }

/** Services that are sent each telling, and know by the key what belongs together. */
const feeds: Readonly<Record<string, () => Promise<Feed>>> = {
  pagerduty: async () => {
    const fake = await startPagerDuty('R0UTINGKEY');
    return { fake, sink: sinkOf({ type: 'pagerduty', url: fake.url, routing_key_file: fileWith('R0UTINGKEY') }) };
  },
  teams: async () => {
    const fake = await startTeams();
    const url = `${fake.url}/workflows/abc/triggers/manual/paths/invoke?api-version=1&sig=secret-canary`;
    return { fake, sink: sinkOf({ type: 'teams', url_file: fileWith(url) }) };
  },
  sentinel: async () => {
    const fake = await startSentinel({ id: uuid, secret: 's~ecret', tenant: uuid, rule });
    const section = { type: 'sentinel', url: fake.url, login_url: fake.url, rule_id: rule, tenant_id: uuid, client_id: uuid, client_secret_file: fileWith('s~ecret') };
    return { fake, sink: sinkOf(section) };
  },
  google_secops: async () => {
    const email = 'tokenward@example.iam.gserviceaccount.com';
    const fake = await startSecOps(publicKey, { email, parent: `projects/example/locations/eu/instances/${uuid}` });
    const credentials = fileWith(JSON.stringify({ type: 'service_account', client_email: email, private_key: pem, private_key_id: 'key-1' }));
    const section = { type: 'google_secops', url: fake.url, token_url: `${fake.url}/token`, project: 'example', location: 'eu', instance: uuid, credentials_file: credentials };
    return { fake, sink: sinkOf(section) };
  },
};

test.each(Object.keys(feeds))('%s: each telling arrives, with the key of the alert', async (name) => {
  const { fake, sink } = await feeds[name]!();
  expect(await deliver(sink, outgoing())).toEqual(done);
  expect(await deliver(sink, outgoing(fullAlert({ version: 3, status: 'acknowledged' })))).toEqual(done);
  expect(await deliver(sink, outgoingTest())).toEqual(done);
  expect([fake.bodies.length, fake.faults]).toEqual([3, []]);
  for (const body of fake.bodies.slice(0, 2)) expect(JSON.stringify(body)).toContain('alert-1');
});

test.each(Object.keys(feeds))('%s: whatever the logs held, it is taken as text', async (name) => {
  const { fake, sink } = await feeds[name]!();
  for (const [at, text] of hostileTexts.entries()) {
    const first = { ...fullAlert().first, identityName: text, identityId: text, resourceId: text, userAgent: text, workloadId: text };
    expect([text, await deliver(sink, outgoing(fullAlert({ id: `a${at}`, reason: text, first })))]).toEqual([text, done]);
  }
  expect(fake.faults).toEqual([]);
});

test.each(Object.keys(feeds))('%s: a flood and an outage: to be tried again; an alert that it cannot take is put aside', async (name) => {
  const { fake, sink } = await feeds[name]!();
  await deliver(sink, outgoing());
  fake.instead.push({ status: 429, headers: { 'retry-after': '30' } }, { status: 502 }, { status: 413 }, { status: 403 });
  const outcomes = [];
  for (let turn = 0; turn < 4; turn++) outcomes.push(await deliver(sink, outgoing()));
  expect(outcomes).toEqual([
    retry('http_429', 30_000), retry('http_502'), { kind: 'each', verdicts: [{ kind: 'refused', reason: 'http_413' }] }, retry('forbidden', 60_000),
  ]);
});

test('PagerDuty: what is acknowledged and closed here is so there, under one key', async () => {
  const { fake, sink } = await feeds['pagerduty']!();
  for (const status of ['open', 'acknowledged', 'closed'] as const) await deliver(sink, outgoing(fullAlert({ status })));
  expect(fake.bodies.map((body) => [body['event_action'], body['dedup_key']])).toEqual(
    [['trigger', 'tokenward-alert-1'], ['acknowledge', 'tokenward-alert-1'], ['resolve', 'tokenward-alert-1']]);
  expect(fake.bodies[0]).toMatchObject({ payload: { severity: 'error', class: 'unfamiliar-ip', summary: '[high] Token used from an unfamiliar network: svc-billing' } });
});

test('Sentinel: a row in the columns that the documentation names, the token asked for once', async () => {
  const { fake, sink } = await feeds['sentinel']!();
  await deliver(sink, outgoing());
  await deliver(sink, outgoing());
  expect(fake.bodies[0]).toMatchObject({ AlertId: 'alert-1', Version: 2, Severity: 'high', TimeGenerated: new Date(startMs + 1000).toISOString(), SourceIp: '203.0.113.7' });
  expect(fake.seen.filter((one) => one.includes('/token'))).toHaveLength(1);
});

test('Sentinel: a secret that is refused waits for people, and is not shown', async () => {
  const fake = await startSentinel({ id: uuid, secret: 'right', tenant: uuid, rule });
  const section = { type: 'sentinel', url: fake.url, login_url: fake.url, rule_id: rule, tenant_id: uuid, client_id: uuid, client_secret_file: fileWith('wrong') };
  expect(await deliver(sinkOf(section), outgoing())).toEqual(retry('credential_refused', 60_000));
});

test('Google SecOps: a UDM event, shown by a signed assertion', async () => {
  const { fake, sink } = await feeds['google_secops']!();
  await deliver(sink, outgoing());
  await Promise.all((fake as Awaited<ReturnType<typeof startSecOps>>).checks);
  expect(fake.bodies[0]).toMatchObject({
    metadata: { productLogId: 'alert-1', productEventType: 'unfamiliar-ip' }, principal: { ip: ['203.0.113.7'], user: { userDisplayName: 'svc-billing' } },
    securityResult: [{ severity: 'HIGH', alertState: 'ALERTING', ruleId: 'unfamiliar-ip' }],
  });
});

test('a URL that must not be used is told before anything is sent, and a secret in it is not', () => {
  const make = (url: string) => () => sinkOf({ type: 'teams', url_file: fileWith(url), allow_private: false });
  expect(make('http://example.logic.azure.com/x?sig=secret-canary')).toThrow('the URL of sink desk must begin with https://');
  expect(make('https://10.0.0.1/x?sig=secret-canary')).toThrow('set `allow_private`');
  expect(make('not a url secret-canary')).toThrow(/^the URL of sink desk is no URL$/);
});
