import { execFileSync } from 'node:child_process';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { compressFrameSync } from 'lz4-napi';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { batchesIn, type RecordBatch } from '../../../src/ingest/kafka/batches.ts';
import { registerCodecs } from '../../../src/ingest/kafka/codecs.ts';
import { lz4MaxSize, snappyBlocks, snappyBlockSize } from '../../../src/ingest/kafka/output-size.ts';
import { RecordStream } from '../../../src/ingest/kafka/records.ts';
import { kafkaJars } from '../../support/servers/kafka.ts';
import { sharedKafka } from '../../support/servers/shared.ts';
import { type Bench, eventually, numbered, openBench, Recorder } from './support.ts';

const types = kafkajs.CompressionTypes;
const codecs = [['gzip', types.GZIP], ['snappy', types.Snappy], ['lz4', types.LZ4], ['zstd', types.ZSTD]] as const;
const limit = 1 << 20;

describe('how large data will grow', () => {
  test('an LZ4 frame is never smaller than what is told of it, and at most one block larger', () => {
    for (const size of [0, 1, 1000, 65_536, 65_537, 1_000_000]) {
      for (const text of ['a', 'abcdefghijklmnop'.repeat(3), String(Math.PI)]) {
        const bytes = Buffer.alloc(size, text);
        const told = lz4MaxSize(compressFrameSync(bytes))!;
        expect(told).toBeGreaterThanOrEqual(size);
        expect(told).toBeLessThanOrEqual(size + (1 << 22));
      }
    }
  });

  test('what is no LZ4 frame has no size', () => {
    expect(lz4MaxSize(Buffer.from('no frame at all'))).toBeNull();
    expect(lz4MaxSize(Buffer.alloc(0))).toBeNull();
  });

  test('a Snappy block says its size; one that lies about its length is none', () => {
    expect(snappyBlockSize(Buffer.from([0x80, 0x80, 0x40, 0]))).toBe(1 << 20);
    expect(snappyBlockSize(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]))).toBe(2 ** 32 - 1);
    expect(snappyBlockSize(Buffer.from([0x80]))).toBeNull();
    const header = Buffer.from('82534e41505059000000000100000001', 'hex');
    expect(snappyBlocks(Buffer.concat([header, Buffer.from([0, 0, 0, 2, 9, 9])]))).toEqual([Buffer.from([9, 9])]);
    expect(snappyBlocks(Buffer.concat([header, Buffer.from([0, 0, 0, 200, 9, 9])]))).toBeNull();
  });
});

describe('the batches of an answer', () => {
  /** Records behind the header of their batch, as they stand in the broker's answer. */
  function batchOf(records: Buffer, codec: number, firstOffset = 40): Buffer {
    const bytes = Buffer.alloc(61);
    bytes.writeBigInt64BE(BigInt(firstOffset), 0);
    bytes.writeInt32BE(49 + records.length, 8);
    bytes[16] = 2;
    bytes.writeInt16BE(codec, 21);
    bytes.writeInt32BE(4, 23);
    bytes.writeBigInt64BE(1000n, 27);
    bytes.writeInt32BE(3, 57);
    return Buffer.concat([bytes, records]);
  }

  test.each([['gzip', types.GZIP, gzipSync], ['zstd', types.ZSTD, zstdCompressSync], ['lz4', types.LZ4, compressFrameSync]] as const)(
    '%s: what grows too large is refused, at the offset of its last record', async (_, type, compress) => {
      const records = compress(Buffer.alloc(8 * limit));
      const batches = await batchesIn(batchOf(records, type), limit);
      expect(batches).toMatchObject([{ firstOffset: 40, lastOffset: 44, problem: 'too_large', packedBytes: records.length }]);
      const stream = new RecordStream(batches);
      expect([stream.next(), stream.offset, stream.problem, stream.value, stream.next()]).toEqual([true, 44, 'too_large', null, false]);
    });

  test.each<readonly [string, number]>([...codecs, ['one that nobody knows', 7]])('%s: damaged data is refused, and the batch behind it is read', async (_, type) => {
    const batches = await batchesIn(Buffer.concat([batchOf(Buffer.from([0x80, 0x80]), type), batchOf(Buffer.from([14, 0, 2, 0, 1, 4, 97, 98, 0]), 0, 45)]), limit);
    const stream = new RecordStream(batches);
    stream.next();
    expect([stream.problem, stream.offset]).toEqual(['bad_compression', 44]);
    stream.next();
    expect([stream.problem, stream.offset, stream.timeMs, stream.key, stream.value?.toString()]).toEqual([null, 45, 1001, null, 'ab']);
  });

  test('records that are not well-formed are refused from there on', () => {
    const good = Buffer.from([14, 0, 2, 0, 1, 4, 97, 98, 0]);
    const value = Buffer.from([14, 0, 2, 2, 1, 100, 97, 98, 0]);
    for (const bad of [value, Buffer.from([100, 0, 2]), Buffer.from([0]), Buffer.from([0x8f, 0xff, 0xff, 0xff]), Buffer.alloc(0)]) {
      const bytes = Buffer.concat([good, bad]);
      const batch = { firstOffset: 5, lastOffset: 9, timeMs: 0, isBrokerTime: true, count: 5, bytes, start: 0, end: bytes.length, problem: null };
      const stream = new RecordStream([batch as unknown as RecordBatch]);
      const seen: unknown[] = [];
      while (stream.next()) seen.push([stream.offset, stream.problem]);
      expect(seen).toEqual([[5, null], [9, 'bad_envelope']]);
    }
  });

  test('large differences of time and offset are what they were', () => {
    // -1,000,000,000,000 ms and 300 records, each in groups of seven bits.
    const bytes = Buffer.from('1e00ffbfa8ca9a3ad804026104616200', 'hex');
    const batch = { firstOffset: 5, lastOffset: 305, timeMs: 1_700_000_000_000, isBrokerTime: false, count: 1, bytes, start: 0, end: bytes.length, problem: null };
    const stream = new RecordStream([batch as unknown as RecordBatch]);
    stream.next();
    expect([stream.offset, stream.timeMs]).toEqual([305, 700_000_000_000]);
  });

  test('batches of one partition in one answer do not grow beyond the limit together', async () => {
    const one = batchOf(gzipSync(Buffer.alloc(limit - 100)), types.GZIP);
    const batches = await batchesIn(Buffer.concat([one, one, one]), limit);
    expect(batches.map(({ end }) => end)).toEqual([limit - 100, limit - 100]);
  });

  test('a batch that is cut off is left for the next request', async () => {
    const one = batchOf(Buffer.alloc(20), 0);
    expect(await batchesIn(Buffer.concat([one, one.subarray(0, -1)]), limit)).toHaveLength(1);
    expect(await batchesIn(Buffer.concat([one, one.subarray(0, 30)]), limit)).toHaveLength(1);
  });
});

describe('against the broker', () => {
  let bench: Bench;
  let broker: string;
  beforeAll(async () => {
    broker = (await sharedKafka()).broker;
    bench = await openBench(broker);
  }, 300_000);
  afterEach(() => bench.stopSources());
  afterAll(() => bench.end());

  test('what the Java client writes is read in every compression', async () => {
    const topic = await bench.topic();
    execFileSync('java', ['-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', `${await kafkaJars()}/*`,
      join(import.meta.dirname, '../../support/servers/kafka/Produce.java'), broker, topic, '1000']);
    const receiver = new Recorder();
    await bench.source(receiver, [topic]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(5000));
    const read = receiver.texts().map((text) => JSON.parse(text) as { compression: string; n: number });
    expect(read.map(({ compression, n }) => `${compression} ${n}`)).toEqual(
      ['none', 'gzip', 'snappy', 'lz4', 'zstd'].flatMap((name) => Array.from({ length: 1000 }, (_, n) => `${name} ${n}`)));
  }, 60_000);

  test.each(codecs)('%s: a batch that grows too large is refused in its place, and reading goes on', async (_, type) => {
    const topic = await bench.topic(2);
    registerCodecs(64 * limit);
    await bench.produce(topic, numbered(2), type);
    await bench.produce(topic, [{ value: '0'.repeat(3 * limit), partition: 0 }, { value: '0'.repeat(limit), partition: 0 }], type);
    await bench.produce(topic, numbered(2, 2), type);
    await bench.produce(topic, numbered(2, 0, 1), type);
    const receiver = new Recorder();
    await bench.source(receiver, [topic], { maxDecompressedBytes: limit });
    await eventually(() => expect(receiver.texts(`kafka/${topic}/0`)).toEqual(['{"n":0}', '{"n":1}', 'too_large', '{"n":2}', '{"n":3}']));
    await eventually(() => expect(receiver.texts(`kafka/${topic}/1`)).toHaveLength(2));
    const refusal = receiver.deliveries.flatMap(({ items }) => items).find((item) => 'reason' in item);
    expect(refusal).toMatchObject({ path: `${topic}/0`, offset: 3, detail: 'The batch of records 2 to 3 grows beyond the limit when it is decompressed.' });
    expect(receiver.positions.get(`kafka/${topic}/0`)).toMatch(/^6@/);
  });
});
