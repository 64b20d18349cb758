import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sharedKafka } from '../../support/servers/shared.ts';
import { type Bench, eventually, numbered, openBench, Recorder } from './support.ts';

/** An alarm that comes later is too late. */
const alarmMs = 10_000;

let bench: Bench;
beforeAll(async () => { bench = await openBench((await sharedKafka()).broker); }, 300_000);
afterEach(() => bench.stopSources());
afterAll(() => bench.end());

/** A topic whose partition 0 will suffer and whose partition 1 must not notice. */
async function twoPartitions(): Promise<{ topic: string; hurt: string; well: string }> {
  const topic = await bench.topic(2);
  await bench.produce(topic, [...numbered(100, 0, 0), ...numbered(100, 0, 1)]);
  return { topic, hurt: `kafka/${topic}/0`, well: `kafka/${topic}/1` };
}

async function expectWell(receiver: Recorder, topic: string): Promise<void> {
  await bench.produce(topic, numbered(10, 100, 1));
  await eventually(() => expect(receiver.texts(`kafka/${topic}/1`).at(-1)).toBe('{"n":109}'));
}

async function remake(topic: string, partitions: number): Promise<void> {
  await bench.admin.deleteTopics({ topics: [topic] });
  await eventually(async () => expect(await bench.admin.listTopics()).not.toContain(topic));
  await bench.topic(partitions, {}, topic);
}

async function deleteRecords(topic: string, offset: string): Promise<void> {
  // kafkajs finds leaders only of topics that its admin client has been asked about.
  await bench.admin.fetchTopicOffsets(topic);
  await bench.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
}

describe('a partition stops, with a reason, and never jumps', () => {
  test('where records were deleted while nothing was read', async () => {
    const { topic, hurt, well } = await twoPartitions();
    const receiver = new Recorder();
    receiver.positions.set(hurt, '10').set(well, '50');
    await deleteRecords(topic, '60');
    const source = await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.reasons.get(hurt)).toBe('Records 10 to 59 were deleted before they were read: the log begins at 60.'), alarmMs);
    await expectWell(receiver, topic);
    expect(receiver.texts(hurt)).toEqual([]);
    expect(receiver.reasons.has(well)).toBe(false);
    expect(source.health().detail).toContain(`${hurt} is stopped`);

    expect(source.feeds().find(({ feed }) => feed === hurt)).toMatchObject({ position: expect.stringMatching(/^10/) as string, stoppedBecause: receiver.reasons.get(hurt) });
    expect(await Promise.all([59, 101].map((place) => source.placeToGoOn(hurt, place)))).toEqual([null, null]);
    expect(await Promise.all((['end', 61] as const).map((place) => source.placeToGoOn(hurt, place)))).toEqual(['100', '61']);
    receiver.positions.set(hurt, (await source.placeToGoOn(hurt, 'earliest'))!);
    source.goOn(hurt);
    await eventually(() => expect(receiver.texts(hurt)).toEqual(numbered(40, 60).map(({ value }) => value)));
  });

  test('where the log ends before our position', async () => {
    const { topic, hurt, well } = await twoPartitions();
    const receiver = new Recorder();
    receiver.positions.set(hurt, '500').set(well, '50');
    await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.reasons.get(hurt)).toContain('The log ends at 100, before our position 500'), alarmMs);
    await bench.produce(topic, numbered(10, 100, 0));
    await expectWell(receiver, topic);
    expect(receiver.texts(hurt)).toEqual([]);
  });

  test('where records were deleted while it was read, too slowly', async () => {
    const { topic, hurt } = await twoPartitions();
    const receiver = new Recorder();
    const { groupId } = bench.settings([topic]);
    const source = await bench.source(receiver, [topic], { groupId });
    await eventually(() => expect(receiver.deliveries).toHaveLength(200));
    expect(receiver.repeats).toEqual([]);
    await source.checkpointed(receiver.positions);
    source.pause();
    await bench.produce(topic, numbered(50, 100, 0));
    await deleteRecords(topic, '120');
    source.resume();
    await eventually(() => expect(receiver.reasons.get(hurt)).toContain('Records 100 to 119 were deleted'), alarmMs);
    expect(receiver.texts(hurt)).toHaveLength(100);
    await expectWell(receiver, topic);
    // Left to itself the client would have written -2 here.
    const [committed] = await bench.admin.fetchOffsets({ groupId, topics: [topic] });
    expect(committed!.partitions.find(({ partition }) => partition === 0)!.offset).toBe('100');
  });

  test('where the topic was made anew and is still shorter', async () => {
    const { topic, hurt } = await twoPartitions();
    const other = await bench.topic();
    const receiver = new Recorder();
    await bench.source(receiver, [topic, other]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(200));
    await remake(topic, 2);
    await bench.produce(topic, numbered(5, 0, 0));
    await eventually(() => expect(receiver.reasons.has(hurt)).toBe(true), alarmMs);
    await bench.produce(other, numbered(3));
    await eventually(() => expect(receiver.texts(`kafka/${other}/0`)).toHaveLength(3));
    expect(receiver.texts(hurt)).toHaveLength(100);
  });

  test('where the topic was made anew and has grown beyond our position', async () => {
    const { topic, hurt } = await twoPartitions();
    const receiver = new Recorder();
    const source = await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(200));
    await source.stop();
    await remake(topic, 2);
    await bench.produce(topic, numbered(300, 0, 0));
    const anew = await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.reasons.get(hurt)).toContain('the topic was made anew'), alarmMs);
    expect(receiver.texts(hurt)).toHaveLength(100);
    // The record before our position is not asked for again where an operator has said where to go on.
    receiver.positions.set(hurt, (await anew.placeToGoOn(hurt, 'earliest'))!);
    anew.goOn(hurt);
    await eventually(() => expect(receiver.texts(hurt)).toHaveLength(400));
  });

  test('where the topic was deleted, also when there is one of its name again', async () => {
    const { topic, hurt, well } = await twoPartitions();
    const other = await bench.topic();
    const receiver = new Recorder();
    const source = await bench.source(receiver, [topic, other]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(200));
    await bench.admin.deleteTopics({ topics: [topic] });
    await eventually(() => expect([receiver.reasons.get(hurt), receiver.reasons.get(well)]).toEqual(Array(2).fill('The topic is no longer there.')), alarmMs);
    await bench.produce(other, numbered(3));
    await eventually(() => expect(receiver.texts(`kafka/${other}/0`)).toHaveLength(3));
    expect(source.health().detail).toContain(`topic ${topic} is missing`);
    await bench.topic(2, {}, topic);
    await bench.produce(topic, numbered(5, 0, 0));
    await eventually(() => expect(source.health().detail).not.toContain('missing'));
    await bench.produce(other, numbered(3, 3));
    await eventually(() => expect(receiver.texts(`kafka/${other}/0`)).toHaveLength(6));
    expect(receiver.texts(hurt)).toHaveLength(100);
  }, 60_000);

  test('where the stored position is no position', async () => {
    const { topic, hurt } = await twoPartitions();
    const receiver = new Recorder();
    receiver.positions.set(hurt, 'elsewhere');
    await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.reasons.get(hurt)).toBe('The stored position cannot be read.'), alarmMs);
    await expectWell(receiver, topic);
  });
});
