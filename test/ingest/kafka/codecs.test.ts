import { execFileSync } from 'node:child_process';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { compressFrameSync } from 'lz4-napi';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isUnreadable, registerCodecs } from '../../../src/ingest/kafka/codecs.ts';
import { lz4MaxSize, snappyBlocks, snappyBlockSize } from '../../../src/ingest/kafka/output-size.ts';
import { refusedBatch } from '../../../src/ingest/kafka/refused-batch.ts';
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

describe('a batch that is refused', () => {
  const decompress = (type: number, batch: Buffer): Promise<Buffer> => kafkajs.CompressionCodecs[type as 1]().decompress(batch);
  beforeAll(() => registerCodecs(limit));

  /** Compressed records behind the header of their batch, as they stand in the broker's answer. */
  function batchOf(records: Buffer, count: number, firstOffset = 40): Buffer {
    const bytes = Buffer.alloc(61 + records.length);
    bytes.writeBigInt64BE(BigInt(firstOffset), 0);
    bytes.writeInt32BE(49 + records.length, 8);
    bytes[16] = 2;
    bytes.writeInt32BE(count + 4, 23);
    bytes.writeInt32BE(count, 57);
    records.copy(bytes, 61);
    return bytes.subarray(61);
  }

  /** Keys of the records, as kafkajs would read them. */
  function keysOf(records: Buffer): (Buffer | null)[] {
    const keys: (Buffer | null)[] = [];
    for (let at = 0; at < records.length;) {
      const length = records[at]! >> 1;
      const keyAt = records.indexOf(records.subarray(at + 4, at + 5), at + 4);
      const keyLength = records[keyAt]! === 1 ? -1 : records[keyAt]! >> 1;
      keys.push(keyLength < 0 ? null : records.subarray(keyAt + 1, keyAt + 1 + keyLength));
      at += length + 1;
    }
    return keys;
  }

  test.each([['gzip', types.GZIP, gzipSync], ['zstd', types.ZSTD, zstdCompressSync], ['lz4', types.LZ4, compressFrameSync]] as const)(
    '%s: too large has stand-ins, the last of which tells why', async (_, type, compress) => {
      const records = compress(Buffer.alloc(8 * limit));
      const keys = keysOf(await decompress(type, batchOf(records, 3)));
      expect(keys.map((key) => refusedBatch(key))).toEqual([null, null, { problem: 'too_large', length: records.length }]);
    });

  test.each(codecs)('%s: damaged data has stand-ins', async (_, type) => {
    const keys = keysOf(await decompress(type, batchOf(Buffer.from([0x80, 0x80]), 2)));
    expect(keys.map((key) => refusedBatch(key)?.problem ?? null)).toEqual([null, 'bad_compression']);
  });

  test('one of too many records is not read at all, and is known', async () => {
    await expect(decompress(types.GZIP, batchOf(Buffer.from('damaged'), 2_000_000, 7000))).rejects.toMatchObject({ name: 'KafkaJSPartialMessageError' });
    expect([6999, 7000, 2_007_000, 2_007_005].map(isUnreadable)).toEqual([false, true, true, false]);
  });

  test('nobody can forge the mark', () => {
    expect(refusedBatch(Buffer.alloc(21))).toBeNull();
    expect(refusedBatch(null)).toBeNull();
  });

  test('batches of one partition in one answer do not grow beyond the limit together', async () => {
    const one = batchOf(gzipSync(Buffer.alloc(limit - 100)), 1);
    const whole = Buffer.concat(Array.from({ length: 3 }, () => Buffer.from(one.buffer, one.byteOffset - 61, one.length + 61)));
    const records = [0, 1, 2].map((i) => whole.subarray(i * (one.length + 61) + 61, (i + 1) * (one.length + 61)));
    const first = await decompress(types.GZIP, records[0]!);
    const second = await decompress(types.GZIP, records[1]!);
    expect([first.length, second.length]).toEqual([limit - 100, limit - 100]);
    await expect(decompress(types.GZIP, records[2]!)).rejects.toMatchObject({ name: 'KafkaJSPartialMessageError' });
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
