import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KafkaConnection } from '../../../src/ingest/kafka/client.ts';
import { KafkaSource } from '../../../src/ingest/kafka/source.ts';
import { kafkaPasswords, type KafkaAddress } from '../../support/servers/kafka.ts';
import { freePorts } from '../../support/servers/process.ts';
import { sharedKafka } from '../../support/servers/shared.ts';
import { type Bench, eventually, numbered, openBench, Recorder } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-secured-'));
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
let kafka: KafkaAddress;
let bench: Bench;
let topic: string;

beforeAll(async () => {
  kafka = await sharedKafka();
  bench = await openBench(kafka.broker);
  topic = await bench.topic();
  await bench.produce(topic, numbered(3));
}, 300_000);
afterAll(() => bench.end());

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const secured = (sasl: NonNullable<KafkaConnection['sasl']>): Pick<KafkaConnection, 'brokers' | 'ssl' | 'sasl'> =>
  ({ brokers: [kafka.securedBroker], ssl: { caFile: kafka.caFile }, sasl });

async function expectRead(connection: Pick<KafkaConnection, 'brokers' | 'ssl' | 'sasl'>): Promise<void> {
  const receiver = new Recorder();
  const source = await bench.source(receiver, [topic], connection);
  await eventually(() => expect(receiver.deliveries).toHaveLength(3));
  await source.stop();
}

test.each(mechanisms)('%s over TLS', async (mechanism) => {
  await expectRead(secured({ mechanism, username: 'app', passwordFile: file(mechanism, `${kafkaPasswords[mechanism]}\n`) }));
});

test('a bearer token from a file', async () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const nowS = Math.floor(Date.now() / 1000);
  const token = `${part({ alg: 'none' })}.${part({ sub: 'app', iat: nowS - 60, exp: nowS + 600 })}.`;
  await expectRead(secured({ mechanism: 'oauthbearer', tokenFile: file('token', token) }));
});

test('a wrong password is said at once, without it', async () => {
  const settings = bench.settings([topic], secured({ mechanism: 'scram-sha-256', username: 'app', passwordFile: file('wrong', 'not-the-password') }));
  const refusal = await new KafkaSource('logs', settings).start(new Recorder()).catch((error: unknown) => error as Error);
  expect(refusal).toMatchObject({ name: 'KafkaSettingsError' });
  expect(String(refusal)).not.toContain('not-the-password');
});

test('a broker that nobody vouches for is refused', async () => {
  const { ssl: _, ...untrusted } = secured({ mechanism: 'plain', username: 'app', passwordFile: file('good', kafkaPasswords.plain) });
  const source = new KafkaSource('logs', bench.settings([topic], { ...untrusted, ssl: {} }));
  await expect(source.start(new Recorder())).rejects.toThrow(/certificate/);
});

test('a certificate of our own, where the broker asks for one', async () => {
  const { mutualBroker, caFile, clientCertFile, clientKeyFile } = kafka;
  await expectRead({ brokers: [mutualBroker], ssl: { caFile, certFile: clientCertFile, keyFile: clientKeyFile } });
});

test('without the certificate that the broker asks for, it is said at once', async () => {
  const source = new KafkaSource('logs', bench.settings([topic], { brokers: [kafka.mutualBroker], ssl: { caFile: kafka.caFile } }));
  await expect(source.start(new Recorder())).rejects.toMatchObject({ name: 'KafkaSettingsError' });
});

test('of several brokers one that answers is enough to begin', async () => {
  const ports = await freePorts(2);
  await expectRead({ brokers: [...ports.map((port) => `127.0.0.1:${port}`), kafka.broker] });
});

test('a file that is not there is named', async () => {
  const source = new KafkaSource('logs', bench.settings([topic], secured({ mechanism: 'plain', username: 'app', passwordFile: '/nowhere/password' })));
  await expect(source.start(new Recorder())).rejects.toThrow('/nowhere/password cannot be read (ENOENT)');
});
