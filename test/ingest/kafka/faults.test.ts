import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import kafkajs from 'kafkajs';
import { startKafka } from '../../support/servers/kafka.ts';
import { sharedKafka, uniqueName } from '../../support/servers/shared.ts';
import { type Bench, eventually, numbered, openBench, Recorder } from './support.ts';

let bench: Bench;
beforeAll(async () => { bench = await openBench((await sharedKafka()).broker); }, 300_000);
afterEach(() => bench.stopSources());
afterAll(() => bench.end());

test('a broker that is killed and comes back loses and repeats nothing', async () => {
  const kafka = await startKafka();
  const own = await openBench(kafka.broker);
  try {
    const topic = await own.topic(2);
    await own.produce(topic, [...numbered(100, 0, 0), ...numbered(100, 0, 1)]);
    const receiver = new Recorder();
    const source = await own.source(receiver, [topic]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(200));
    await kafka.kill9();
    await sleep(1000);
    await kafka.restart();
    await own.produce(topic, [...numbered(100, 100, 0), ...numbered(100, 100, 1)]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(400), 60_000);
    for (const partition of [0, 1]) expect(receiver.texts(`kafka/${topic}/${partition}`)).toEqual(numbered(200).map(({ value }) => value));
    expect(source.health().ok).toBe(true);
    expect(receiver.reasons.size + receiver.repeats.length).toBe(0);
  } finally {
    await own.end();
    await kafka.stop();
  }
}, 180_000);

test('of two brokers one is killed: the other leads on, nothing is lost or repeated', async () => {
  const properties = { 'offsets.topic.replication.factor': '2' };
  const first = await startKafka({ properties });
  const second = await startKafka({ properties, joins: first });
  const own = await openBench(first.broker);
  try {
    const topic = uniqueName('topic');
    await eventually(async () => expect((await own.admin.describeCluster()).brokers).toHaveLength(2));
    await own.admin.createTopics({ topics: [{ topic, replicaAssignment: [{ partition: 0, replicas: [2, 1] }, { partition: 1, replicas: [1, 2] }] }] });
    await own.produce(topic, [...numbered(100, 0, 0), ...numbered(100, 0, 1)]);
    const receiver = new Recorder();
    const source = await own.source(receiver, [topic], { brokers: [second.broker, first.broker] });
    await eventually(() => expect(receiver.deliveries).toHaveLength(200));
    await second.kill9();
    await eventually(async () => {
      const { topics } = await own.admin.fetchTopicMetadata({ topics: [topic] });
      expect(topics[0]!.partitions.map(({ leader }) => leader)).toEqual([1, 1]);
    }, 60_000);
    await own.produce(topic, [...numbered(100, 100, 0), ...numbered(100, 100, 1)]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(400), 60_000);
    for (const partition of [0, 1]) expect(receiver.texts(`kafka/${topic}/${partition}`)).toEqual(numbered(200).map(({ value }) => value));
    await eventually(() => expect(source.health().ok).toBe(true));
    expect(receiver.reasons.size + receiver.repeats.length).toBe(0);
  } finally {
    await own.end();
    await Promise.all([first.stop(), second.stop()]);
  }
}, 240_000);

test('a consumer that kafkajs gives up for good is replaced', async () => {
  const topic = await bench.topic();
  await bench.produce(topic, numbered(5));
  const { groupId } = bench.settings([topic]);
  // A member with a way of assigning partitions that nobody else in the group has: the broker lets no other in.
  const { roundRobin } = kafkajs.PartitionAssigners;
  const stranger = bench.kafka.consumer({
    groupId, maxWaitTimeInMs: 100,
    partitionAssigners: [(config) => {
      const own = roundRobin(config);
      return { ...own, name: 'strange', protocol: (subscription) => ({ ...own.protocol(subscription), name: 'strange' }) };
    }],
  });
  await stranger.connect();
  await stranger.subscribe({ topics: [topic] });
  const joined = new Promise((resolve) => stranger.on('consumer.group_join', resolve));
  await stranger.run({ eachMessage: async () => {} });
  await joined;

  const receiver = new Recorder();
  const source = await bench.source(receiver, [topic], { groupId });
  await eventually(() => expect(source.health()).toMatchObject({ ok: false, detail: expect.stringMatching(/reads nothing: .*protocol/) }));
  expect(receiver.deliveries).toEqual([]);
  await stranger.disconnect();
  await eventually(() => expect(receiver.deliveries).toHaveLength(5));
  expect(source.health().ok).toBe(true);
});

test('a second member takes its share, and gives it back, without loss', async () => {
  const topic = await bench.topic(4);
  const groupId = uniqueName('group');
  const positions = new Map<string, string>();
  const [first, second] = [new Recorder(positions), new Recorder(positions)];
  let produced = 0;
  let isProducing = true;
  const producing = (async () => {
    for (; isProducing; produced += 25) for (const partition of [0, 1, 2, 3]) await bench.produce(topic, numbered(25, produced, partition));
  })();
  await bench.source(first, [topic], { groupId });
  await eventually(() => expect(first.deliveries.length).toBeGreaterThan(100));
  const leaver = await bench.source(second, [topic], { groupId });
  await eventually(() => expect(second.deliveries.length).toBeGreaterThan(100));
  expect(first.lost).toHaveLength(2);
  await leaver.stop();
  isProducing = false;
  await producing;
  for (const partition of [0, 1, 2, 3]) {
    const feed = `kafka/${topic}/${partition}`;
    await eventually(() => expect(new Set([...first.texts(feed), ...second.texts(feed)])).toEqual(new Set(numbered(produced).map(({ value }) => value))));
  }
  expect(first.reasons.size + second.reasons.size + first.repeats.length + second.repeats.length).toBe(0);
});
