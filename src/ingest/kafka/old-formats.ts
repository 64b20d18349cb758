import type { KafkaMessage } from 'kafkajs';
import type { RecordBatch } from './batches.ts';

/** A message that was written in a format from before Kafka 0.11, which kafkajs takes apart, as a batch of one record. */
export function packed({ offset, timestamp, key, value }: Pick<KafkaMessage, 'offset' | 'timestamp' | 'key' | 'value'>): RecordBatch {
  const bytes = recordOf(key, value);
  return {
    firstOffset: Number(offset), lastOffset: Number(offset), timeMs: Number(timestamp), isBrokerTime: false,
    count: 1, bytes, start: 0, end: bytes.length, problem: null, packedBytes: bytes.length, producerId: '-1', isTransactional: false, isControl: false,
  };
}

/** Length, attributes, time delta, offset delta, key, value, no headers. */
function recordOf(key: Buffer | null, value: Buffer | null): Buffer {
  const body = Buffer.concat([Buffer.alloc(3), ...field(key), ...field(value), Buffer.alloc(1)]);
  return Buffer.concat([number(body.length), body]);
}

function field(bytes: Buffer | null): Buffer[] {
  return bytes === null ? [number(-1)] : [number(bytes.length), bytes];
}

/** In groups of 7 bits, the lowest first, the sign in the lowest bit of all. */
function number(value: number): Buffer {
  const groups: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest >= 0x80; rest >>>= 7) groups.push((rest & 0x7f) | 0x80);
  return Buffer.from([...groups, rest]);
}
