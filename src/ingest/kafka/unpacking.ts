import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import type { KafkaMessage } from 'kafkajs';
import { batchesIn, holdsBatches, type RecordBatch } from './batches.ts';
import { packed } from './old-formats.ts';
import { RecordStream } from './records.ts';

/** What the decoder of an answer needs of kafkajs' own. */
interface Decoder {
  offset: number;
  readonly buffer: Buffer;
  readInt32(): number;
  canReadBytes(length: number): boolean;
  readBytes(length: number): Buffer;
}
type DecodeMessages = (decoder: Decoder) => Promise<readonly object[]>;

/** Where kafkajs 2 takes the records of a partition out of an answer, from its protocol's version 4 on. */
const decoderName = 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js';

/** To how much a batch may grow, where the one who reads wants batches. */
const wanted = new AsyncLocalStorage<number>();

/**
 * kafkajs makes several objects and texts of each record, which costs more than to judge it. Within `read` its consumers get one message for
 * each batch instead, under the batch's last offset, which is all that kafkajs asks of it; `batchesOf` takes the batches out again. Batches
 * that cannot be decompressed come out as refused. Other consumers of the process are left as they are.
 */
export function readingBatches<T>(maxBytes: number, read: () => T): T {
  return wanted.run(maxBytes, read);
}

/** The batches of what kafkajs handed out. */
export function batchesOf(messages: readonly KafkaMessage[]): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (const message of messages) batches.push((message as { recordBatch?: RecordBatch }).recordBatch ?? packed(message));
  return batches;
}

function messageOf(recordBatch: RecordBatch): object {
  const { lastOffset, timeMs, producerId, isTransactional, isControl } = recordBatch;
  return {
    // By its key kafkajs tells the mark that ends a transaction in vain.
    offset: `${lastOffset}`, timestamp: `${timeMs}`, key: isControl ? firstKey(recordBatch) : null, value: null, headers: {}, isControlRecord: isControl,
    batchContext: { producerId, inTransaction: isTransactional }, recordBatch,
  };
}

function firstKey(batch: RecordBatch): Buffer | null {
  const records = new RecordStream([batch]);
  return records.next() ? records.key : null;
}

function replacing(original: DecodeMessages): DecodeMessages {
  return async (decoder) => {
    const maxBytes = wanted.getStore();
    const { offset } = decoder;
    if (maxBytes === undefined) return original(decoder);
    const length = decoder.readInt32();
    if (length <= 0 || !decoder.canReadBytes(length)) return [];
    const answer = decoder.readBytes(length);
    if (holdsBatches(answer)) return (await batchesIn(answer, maxBytes)).map(messageOf);
    decoder.offset = offset;
    return original(decoder);
  };
}

/** Once, before anything is fetched: kafkajs loads what reads answers only then. */
function install(): void {
  const require = createRequire(import.meta.url);
  const original = require(decoderName) as DecodeMessages;
  const module = require.cache[require.resolve(decoderName)];
  if (module === undefined) throw new Error('kafkajs is none that can be read from in batches');
  module.exports = replacing(original);
}

install();
