import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KafkaConnection } from '../../src/ingest/kafka/client.ts';
import { createKafkaProducer } from '../../src/sinks/kafka.ts';
import type { KafkaAddress } from '../support/servers/kafka.ts';
import { freePorts } from '../support/servers/process.ts';
import { sharedKafka } from '../support/servers/shared.ts';
import { type Bench, eventually, openBench, Recorder } from '../ingest/kafka/support.ts';

let kafka: KafkaAddress;
let bench: Bench;
beforeAll(async () => {
  kafka = await sharedKafka();
  bench = await openBench(kafka.broker);
}, 300_000);
afterAll(() => bench.end());

const to = (broker: string): KafkaConnection => ({ brokers: [broker], clientId: 'test' });
const messages = (...values: string[]): { key: string; value: string; headers: Record<string, string> }[] =>
  values.map((value) => ({ key: 'identity', value, headers: { 'content-type': 'application/json', 'message-id': value } }));
const { signal } = new AbortController();

async function read(topic: string, count: number): Promise<string[]> {
  const receiver = new Recorder();
  const source = await bench.source(receiver, [topic]);
  await eventually(() => expect(receiver.deliveries.length).toBeGreaterThanOrEqual(count));
  await source.stop();
  return receiver.texts();
}

test('messages arrive in order, with key and headers', async () => {
  const topic = await bench.topic(3);
  const producer = createKafkaProducer(to(kafka.broker));
  for (const n of [0, 2, 4]) expect(await producer.send(topic, messages(`${n}`, `${n + 1}`), signal)).toEqual({ kind: 'sent' });
  await producer.close();
  expect(await read(topic, 6)).toEqual(['0', '1', '2', '3', '4', '5']);

  const consumer = bench.kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const first = await new Promise((resolve) => {
    void consumer.run({ eachMessage: async ({ message }) => resolve({ key: String(message.key), type: String(message.headers!['content-type']), id: String(message.headers!['message-id']) }) });
  });
  await consumer.disconnect();
  expect(first).toEqual({ key: 'identity', type: 'application/json', id: '0' });
});

test('a message that is too large is said to be, and the next ones are sent', async () => {
  const topic = await bench.topic(1, { 'max.message.bytes': '2000' });
  const producer = createKafkaProducer(to(kafka.broker));
  expect(await producer.send(topic, messages('a'), signal)).toEqual({ kind: 'sent' });
  expect(await producer.send(topic, messages('b'.repeat(5000)), signal)).toEqual({ kind: 'failed', reason: 'too_large' });
  expect(await producer.send(topic, messages('c'), signal)).toEqual({ kind: 'sent' });
  await producer.close();
  expect(await read(topic, 2)).toEqual(['a', 'c']);
});

test('a topic that is not there', async () => {
  const producer = createKafkaProducer(to(kafka.broker));
  expect(await producer.send('nowhere', messages('a'), signal)).toEqual({ kind: 'failed', reason: 'topic_missing' });
  await producer.close();
});

test('a broker that is not there, before and at the deadline', async () => {
  const [port] = await freePorts(1);
  const patient = createKafkaProducer(to(`127.0.0.1:${port}`));
  expect(await patient.send('any', messages('a'), signal)).toEqual({ kind: 'failed', reason: 'unreachable' });
  const hasty = createKafkaProducer(to(`127.0.0.1:${port}`), 50);
  expect(await hasty.send('any', messages('a'), signal)).toEqual({ kind: 'failed', reason: 'unavailable' });
  expect(await patient.send('any', messages('a'), AbortSignal.abort())).toEqual({ kind: 'failed', reason: 'unavailable' });
  await Promise.all([patient.close(), hasty.close()]);
});

test('credentials that are refused', async () => {
  const passwordFile = join(mkdtempSync(join(tmpdir(), 'tokenward-producer-')), 'password');
  writeFileSync(passwordFile, 'wrong');
  const producer = createKafkaProducer({
    ...to(kafka.securedBroker), ssl: { caFile: kafka.caFile }, sasl: { mechanism: 'scram-sha-512', username: 'app', passwordFile },
  });
  expect(await producer.send('any', messages('a'), signal)).toEqual({ kind: 'failed', reason: 'unauthorized' });
  await producer.close();
});
