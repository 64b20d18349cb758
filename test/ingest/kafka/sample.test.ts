import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, type KafkaConnection } from '../../../src/ingest/kafka/client.ts';
import { sampleTopic } from '../../../src/ingest/kafka/sample.ts';
import { sharedKafka } from '../../support/servers/shared.ts';
import { numbered, openBench, type Bench } from './support.ts';

let bench: Bench;
let connection: KafkaConnection;

beforeAll(async () => {
  const { broker } = await sharedKafka();
  connection = { brokers: [broker], clientId: 'sample' };
  bench = await openBench(broker);
}, 300_000);
afterAll(() => bench?.end());

async function sample(topic: string, limit: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const items of sampleTopic(connection, topic, limit)) {
    for (const item of items) texts.push('reason' in item ? item.reason : Buffer.from(item.bytes).toString());
  }
  return texts;
}

test('the newest records of each partition, of an empty one none, and no group knows of it', async () => {
  const admin = createClient(connection, { retries: 2 }).admin();
  await admin.connect();
  const topic = await bench.topic(3);
  const before = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
  await bench.produce(topic, numbered(40), kafkajs.CompressionTypes.GZIP);
  await bench.produce(topic, numbered(10, 40, 1));
  expect((await sample(topic, 15)).sort()).toEqual([35, 36, 37, 38, 39, 45, 46, 47, 48, 49].map((n) => `{"n":${n}}`));
  expect(await sample(topic, 1000)).toHaveLength(50);
  expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).toEqual(before);
  await admin.disconnect();
});

test('a topic that is not there is named, and is not there afterwards either', async () => {
  for (const _ of [1, 2]) await expect(sample('nobody-made-this', 10)).rejects.toThrow(/there is no topic nobody-made-this/);
});
