import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { KafkaSource } from '../../../src/ingest/kafka/source.ts';
import { sharedKafka } from '../../support/servers/shared.ts';
import { type Bench, eventually, numbered, openBench, Recorder } from './support.ts';

let bench: Bench;
beforeAll(async () => { bench = await openBench((await sharedKafka()).broker); }, 300_000);
afterEach(() => bench.stopSources());
afterAll(() => bench.end());

describe('reading', () => {
  test('everything from the earliest record on, in the order of each partition', async () => {
    const topic = await bench.topic(3);
    for (const partition of [0, 1, 2]) await bench.produce(topic, numbered(700, 0, partition));
    const receiver = new Recorder();
    const source = await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(2100));
    for (const partition of [0, 1, 2]) {
      const feed = `kafka/${topic}/${partition}`;
      expect(receiver.texts(feed)).toEqual(numbered(700).map(({ value }) => value));
      await eventually(() => expect(receiver.caughtUpMs.has(feed)).toBe(true));
    }
    expect(source.health()).toMatchObject({ ok: true, lag: 0, detail: 'reads 3 partitions' });
  });

  test('records know their place, and when the broker got them', async () => {
    const topic = await bench.topic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const beforeMs = Date.now();
    await bench.produce(topic, [{ value: 'GET / HTTP/1.1', timestamp: '1000' }, { value: '{"a":1}\n{"a":2}\n' }]);
    const receiver = new Recorder();
    await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(2));
    const [line, pair] = receiver.deliveries;
    expect(line).toMatchObject({ feed: `kafka/${topic}/0`, source: 'logs', bytes: 14, items: [{ offset: 0, index: null, origin: { path: `${topic}/0`, identity: `kafka/${topic}/0` } }] });
    expect(line!.receivedMs).toBeGreaterThanOrEqual(beforeMs);
    expect(pair!.items).toMatchObject([{ offset: 1, index: 0 }, { offset: 1, index: 1 }]);
  });

  test('a message without a value moves the position and holds nothing', async () => {
    const topic = await bench.topic();
    await bench.produce(topic, [{ key: 'gone', value: null }, { value: '' }, { value: '{"n":1}' }]);
    const receiver = new Recorder();
    await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.deliveries.map(({ items }) => items.length)).toEqual([0, 0, 1]));
  });

  test('values framed with a schema id are read where they are JSON', async () => {
    const topic = await bench.topic();
    const framed = (payload: string | Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), Buffer.from(payload)]);
    await bench.produce(topic, [{ value: framed('{"n":1}') }, { value: framed(Buffer.from([2, 65, 66])) }, { value: framed('') }]);
    const receiver = new Recorder();
    await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.texts()).toEqual(['{"n":1}', 'bad_envelope', 'bad_envelope']));
  });

  test('records of transactions are read once they are committed, the marks between them are stepped over', async () => {
    const topic = await bench.topic();
    const producer = bench.kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    for (const n of [0, 1, 2]) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: numbered(1, n) });
      await (n === 1 ? transaction.abort() : transaction.commit());
    }
    await producer.disconnect();
    const receiver = new Recorder();
    await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.texts()).toEqual(['{"n":0}', '{"n":2}']));
    await eventually(() => expect(receiver.caughtUpMs.size).toBe(1));
    await bench.produce(topic, numbered(1, 3));
    await eventually(() => expect(receiver.texts()).toHaveLength(3));
    expect(receiver.reasons.size).toBe(0);
  });
});

describe('positions', () => {
  test('reading goes on at ours, whatever the group remembers', async () => {
    const topic = await bench.topic();
    await bench.produce(topic, numbered(100));
    const { groupId } = bench.settings([topic]);
    const other = await bench.source(new Recorder(), [topic], { groupId });
    await other.checkpointed(new Map([[`kafka/${topic}/0`, '90']]));
    await other.stop();
    expect((await bench.admin.fetchOffsets({ groupId, topics: [topic] }))[0]!.partitions[0]!.offset).toBe('90');
    const receiver = new Recorder();
    receiver.positions.set(`kafka/${topic}/0`, '40');
    await bench.source(receiver, [topic], { groupId });
    await eventually(() => expect(receiver.deliveries).toHaveLength(60));
    expect(receiver.texts()[0]).toBe('{"n":40}');
  });

  test('what is told back after a checkpoint is what lag tools see', async () => {
    const topic = await bench.topic();
    await bench.produce(topic, numbered(10));
    const { groupId } = bench.settings([topic]);
    const receiver = new Recorder();
    const source = await bench.source(receiver, [topic], { groupId });
    await eventually(() => expect(receiver.deliveries).toHaveLength(10));
    await source.checkpointed(new Map([[`kafka/${topic}/0`, receiver.deliveries[6]!.position], ['file/x', 'other']]));
    const offsets = await bench.admin.fetchOffsets({ groupId, topics: [topic] });
    expect(offsets[0]!.partitions[0]!.offset).toBe('7');
  });

  test('a source that is started again goes on where it was', async () => {
    const topic = await bench.topic();
    await bench.produce(topic, numbered(50));
    const receiver = new Recorder();
    const first = await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(50));
    await first.stop();
    await bench.produce(topic, numbered(50, 50));
    await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(100));
    expect(receiver.texts()).toEqual(numbered(100).map(({ value }) => value));
  });

  test('a partition that is added later is read from its earliest record', async () => {
    const topic = await bench.topic();
    await bench.produce(topic, numbered(1));
    const receiver = new Recorder();
    await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(1));
    await bench.admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] });
    await sleep(500);
    await bench.produce(topic, numbered(5, 0, 1)).catch(async () => { await sleep(1000); await bench.produce(topic, numbered(5, 0, 1)); });
    await eventually(() => expect(receiver.texts(`kafka/${topic}/1`)).toEqual(numbered(5).map(({ value }) => value)));
  });
});

describe('back pressure', () => {
  test('a partition whose records are not taken does not hold up the others', async () => {
    const topic = await bench.topic(2);
    await bench.produce(topic, numbered(5, 0, 0));
    await bench.produce(topic, numbered(5, 0, 1));
    const receiver = new Recorder();
    const held = Promise.withResolvers<void>();
    receiver.held.set(`kafka/${topic}/0`, held.promise);
    await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.texts(`kafka/${topic}/1`)).toHaveLength(5));
    await bench.produce(topic, numbered(5, 5, 0));
    await bench.produce(topic, numbered(5, 5, 1));
    await eventually(() => expect(receiver.texts(`kafka/${topic}/1`)).toHaveLength(10));
    expect(receiver.texts(`kafka/${topic}/0`)).toEqual([]);
    held.resolve();
    await eventually(() => expect(receiver.texts(`kafka/${topic}/0`)).toEqual(numbered(10).map(({ value }) => value)));
  });

  test('nothing comes while the source is paused, and nothing is lost', async () => {
    const topic = await bench.topic();
    await bench.produce(topic, numbered(5));
    const receiver = new Recorder();
    const source = await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(5));
    source.pause();
    await sleep(300);
    await bench.produce(topic, numbered(5, 5));
    await sleep(1500);
    expect(receiver.deliveries).toHaveLength(5);
    expect(source.health()).toMatchObject({ ok: true, lag: 5 });
    source.resume();
    await eventually(() => expect(receiver.texts()).toEqual(numbered(10).map(({ value }) => value)));
  });
});

test('a topic that is not there is a mistake of the settings', async () => {
  await expect(new KafkaSource('logs', bench.settings(['nowhere'])).start(new Recorder())).rejects.toThrow('there is no topic nowhere');
});
