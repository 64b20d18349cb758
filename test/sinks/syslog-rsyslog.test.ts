import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { streamClient, type StreamOptions } from '../../src/outbound/stream.ts';
import { systemTiming } from '../../src/service/clock.ts';
import { tryServers } from '../../src/service/connect.ts';
import { Delivery, type Timing } from '../../src/sinks/deliver.ts';
import { outgoingAlert } from '../../src/sinks/outgoing.ts';
import type { Outcome } from '../../src/sinks/sink.ts';
import { syslogSink, type SyslogFormat } from '../../src/sinks/syslog.ts';
import { configure } from '../end-to-end/support.ts';
import { eventually } from '../ingest/kafka/support.ts';
import { ocsfFaults } from '../support/siem/ocsf.ts';
import { startRsyslog, type Rsyslog, type SyslogMessage } from '../support/servers/rsyslog.ts';
import { batchOf, makeFolder, opened } from '../store/support.ts';
import { fullAlert, hostileTexts, outgoing } from './alerts.ts';
import { settingsOf } from './support.ts';

let rsyslog: Rsyslog;
beforeAll(async () => { rsyslog = await startRsyslog(); }, 300_000);
afterAll(() => rsyslog.stop());

interface Case { readonly protocol: 'tls' | 'tcp' | 'udp'; readonly format: SyslogFormat; readonly ids: readonly string[]; readonly part?: Partial<StreamOptions> }

async function send({ protocol, format, ids, part = {} }: Case): Promise<Outcome> {
  const client = streamClient({ host: 'localhost', port: rsyslog.ports[protocol], protocol, allowPrivate: true, ca: rsyslog.ca, ...part });
  const sink = syslogSink({ name: 'siem', protocol, format, facility: 13, hostname: 'detector01', productVersion: '0.1.0', maxBytes: protocol === 'udp' ? 2048 : 8192 }, client);
  const { prepared: [one] } = sink.build(ids.map((id, at) => outgoing(fullAlert({ id, reason: hostileTexts[at % hostileTexts.length]! }))));
  return sink.classify(one!.documents, await sink.send(one!.request, new AbortController().signal));
}

/** PEM of an authority that signed nothing here. */
function otherAuthority(): string {
  const [key, cert] = [`${makeFolder()}/key.pem`, `${makeFolder()}/cert.pem`];
  const subject = ['-subj', '/CN=other', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', ...subject], { stdio: 'ignore' });
  return readFileSync(cert, 'utf8');
}

const arrived = (input: string, mark: string): SyslogMessage[] => rsyslog.messages().filter((message) => message.input === input && message.msg.includes(mark));
const done = (count: number): Outcome => ({ kind: 'each', verdicts: Array.from({ length: count }, () => ({ kind: 'done' })) });

test('over TLS, as CEF: each message arrives whole and parsed, whatever the logs held', async () => {
  const ids = hostileTexts.map((_, at) => `tls-${at}x`);
  expect(await send({ protocol: 'tls', format: 'cef', ids })).toEqual(done(ids.length));
  await eventually(() => expect(arrived('tls', 'externalId=tls-')).toHaveLength(ids.length));
  const messages = arrived('tls', 'externalId=tls-');
  expect(new Set(messages.map(({ msg }) => /externalId=(\S+)/.exec(msg)![1]))).toEqual(new Set(ids));
  for (const message of messages) {
    expect(message).toMatchObject({ pri: '107', version: '1', hostname: 'detector01', app: 'tokenward', procid: '-', msgid: 'unfamiliar-ip', data: '-' });
    expect(message.time).toMatch(/^2026-11-22T02:14:01/);
    expect(message.msg.trimStart()).toMatch(/^CEF:0\|Tokenward\|Tokenward\|0\.1\.0\|unfamiliar-ip\|/);
  }
});

test('over TCP, as LEEF, and by UDP', async () => {
  expect(await send({ protocol: 'tcp', format: 'leef', ids: ['tcp-1', 'tcp-2'] })).toEqual(done(2));
  expect(await send({ protocol: 'udp', format: 'leef', ids: ['udp-1'] })).toEqual(done(1));
  await eventually(() => expect([arrived('tcp', 'alertId=tcp-').length, arrived('udp', 'alertId=udp-').length]).toEqual([2, 1]));
  expect(arrived('tcp', 'alertId=tcp-1')[0]!.msg).toContain('\talertId=tcp-1\talertVersion=2\t');
});

test('an OCSF finding arrives as JSON that keeps to the schema', async () => {
  expect(await send({ protocol: 'tls', format: 'ocsf', ids: ['ocsf-1'] })).toEqual(done(1));
  await eventually(() => expect(arrived('tls', '"uid":"ocsf-1"')).toHaveLength(1));
  expect(ocsfFaults(JSON.parse(arrived('tls', '"uid":"ocsf-1"')[0]!.msg) as Record<string, unknown>)).toEqual([]);
});

test('while it is down alerts wait, and all of them are there once it is back', async () => {
  const { effects } = opened(null);
  const client = streamClient({ host: 'localhost', port: rsyslog.ports.tls, protocol: 'tls', allowPrivate: true, ca: rsyslog.ca });
  const sink = syslogSink({ name: 'siem', protocol: 'tls', format: 'cef', facility: 13, hostname: 'detector01', productVersion: '0.1.0', maxBytes: 8192 }, client);
  // Five minutes of waiting are five seconds here.
  const hurried: Timing = { ...systemTiming, after: (delayMs, callback) => systemTiming.after(delayMs / 60, callback) };
  const delivery = new Delivery(sink, { ...settingsOf(effects.outbox, hurried), outgoing: outgoingAlert((alert) => outgoing(alert).document) });
  effects.outbox.subscribe([{ sink: sink.name, wants: sink.wants, lane: sink.lane, wake: delivery.wake }]);
  const running = delivery.start();
  const ids = Array.from({ length: 300 }, (_, at) => `outage-${at}x`);
  for (const [at, id] of ids.entries()) {
    effects.commit(batchOf({ alerts: [fullAlert({ id, version: 1 })] }));
    if (at === 100) await rsyslog.down();
    if (at === 200) await eventually(() => expect(delivery.counts.failedRequests).toBeGreaterThan(0));
    if (at === 250) await rsyslog.up();
    if (at % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually(() => expect(delivery.health().waiting).toBe(0), 30_000);
  await eventually(() => expect(new Set(arrived('tls', 'externalId=outage-').map(({ msg }) => /externalId=(\S+)/.exec(msg)![1]))).toEqual(new Set(ids)));
  await Promise.all([delivery.stop(0), running]);
});

test('a configuration is tried without a message', async () => {
  const sink = (name: string, port: number, isPrivate: boolean): string =>
    `  - { name: ${name}, type: syslog, host: localhost, port: ${port}, protocol: tcp, allow_private: ${isPrivate} }\n`;
  const { tcp } = rsyslog.ports;
  const before = rsyslog.messages().length;
  expect(await tryServers(configure(`sinks:\n${sink('siem', tcp, true)}${sink('none', 1, true)}${sink('public', tcp, false)}`))).toEqual([
    { what: 'sink siem', problem: null }, { what: 'sink none', problem: 'unreachable' }, { what: 'sink public', problem: 'address_not_allowed' },
  ]);
  expect(rsyslog.messages()).toHaveLength(before);
});

test('a certificate of nobody we trust, or of another name, gets nothing', async () => {
  const failed = { kind: 'retry', reason: 'certificate' };
  expect(await send({ protocol: 'tls', format: 'cef', ids: ['no-1'], part: { ca: otherAuthority() } })).toEqual(failed);
  const resolve = (): Promise<{ address: string; family: number }[]> => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  expect(await send({ protocol: 'tls', format: 'cef', ids: ['no-2'], part: { host: 'other.example', resolve } })).toEqual(failed);
  expect(arrived('tls', 'no-')).toEqual([]);
});
