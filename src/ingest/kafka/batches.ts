import type { QuarantineReason } from '../../model/quarantine.ts';
import { unpack } from './codecs.ts';

/** Where things stand in a record batch (format 2). https://kafka.apache.org/documentation/#recordbatch */
const at = {
  firstOffset: 0, length: 8, magic: 16, attributes: 21, lastOffsetDelta: 23, firstTime: 27, maxTime: 35, producerId: 43, count: 57, records: 61,
} as const;
/** What stands before the bytes that a batch's length counts. */
const uncountedBytes = 12;
const attribute = { codec: 0x07, brokerTime: 0x08, transactional: 0x10, control: 0x20 } as const;

/** Why a batch was refused as a whole. */
export type BatchProblem = Extract<QuarantineReason, 'too_large' | 'bad_compression' | 'bad_envelope'>;

/** Records that were written together, unpacked and not yet taken apart: see `RecordStream`. */
export interface RecordBatch {
  readonly firstOffset: number;
  /** Also of a record that is no longer there. */
  readonly lastOffset: number;
  /** Of the first record; of all of them where it is the broker's. Epoch ms. */
  readonly timeMs: number;
  /** It is the time at which the broker took the batch, not what a producer said. */
  readonly isBrokerTime: boolean;
  readonly count: number;
  /** `bytes[start, end)` are the records. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Why it cannot be read; then there are no bytes. */
  readonly problem: BatchProblem | null;
  /** Bytes of the records as they were sent. */
  readonly packedBytes: number;
  readonly producerId: string;
  readonly isTransactional: boolean;
  /** A mark of a transaction: nothing that anybody wrote. */
  readonly isControl: boolean;
}

/** Does an answer hold batches, not messages in a format from before Kafka 0.11? */
export function holdsBatches(answer: Buffer): boolean {
  return answer[at.magic] === 2;
}

/**
 * The batches of one partition in a broker's answer, whose last one may be cut off. Each grows to at most `maxBytes`, else it is refused; once
 * they have grown to that together, the rest is left for the next request.
 */
export async function batchesIn(answer: Buffer, maxBytes: number): Promise<RecordBatch[]> {
  const found: RecordBatch[] = [];
  let grownBytes = 0;
  for (let start = 0; start + at.records <= answer.length;) {
    const end = start + uncountedBytes + answer.readInt32BE(start + at.length);
    if (end > answer.length || end < start + at.records) break;
    const batch = batchAt(answer, start, end);
    const codec = answer.readInt16BE(start + at.attributes) & attribute.codec;
    if (codec !== 0) {
      if (grownBytes >= maxBytes) break;
      const unpacked = await unpack(codec, answer.subarray(batch.start, end), maxBytes);
      found.push(unpackedFrom(batch, unpacked));
      grownBytes += unpacked.length;
    } else found.push(batch);
    start = end;
  }
  return found;
}

function batchAt(answer: Buffer, start: number, end: number): RecordBatch {
  const attributes = answer.readInt16BE(start + at.attributes);
  const firstOffset = Number(answer.readBigInt64BE(start + at.firstOffset));
  const isBrokerTime = (attributes & attribute.brokerTime) !== 0;
  return {
    firstOffset, lastOffset: firstOffset + answer.readInt32BE(start + at.lastOffsetDelta),
    timeMs: Number(answer.readBigInt64BE(start + (isBrokerTime ? at.maxTime : at.firstTime))), isBrokerTime,
    count: answer.readInt32BE(start + at.count), bytes: answer, start: start + at.records, end,
    problem: null, packedBytes: end - start - at.records,
    producerId: `${answer.readBigInt64BE(start + at.producerId)}`,
    isTransactional: (attributes & attribute.transactional) !== 0, isControl: (attributes & attribute.control) !== 0,
  };
}

function unpackedFrom(batch: RecordBatch, unpacked: Buffer | BatchProblem): RecordBatch {
  return typeof unpacked === 'string'
    ? { ...batch, problem: unpacked, count: 0, start: 0, end: 0 } : { ...batch, bytes: unpacked, start: 0, end: unpacked.length };
}
