import { randomBytes } from 'node:crypto';
import type { QuarantineReason } from '../../model/quarantine.ts';

/** Bytes of a record batch (format 2) before its records. https://kafka.apache.org/documentation/#recordbatch */
const headerBytes = 61;
const at = { firstOffset: 0, length: 8, magic: 16, lastOffsetDelta: 23, count: 57 } as const;
/** Bytes of the header that its own length counts. */
const countedBytes = 49;

/** What the header before some compressed records says. */
export interface BatchHeader {
  readonly firstOffset: number;
  readonly lastOffsetDelta: number;
  readonly count: number;
}

/**
 * The header of the batch that compressed records belong to. kafkajs hands them out as a view of the broker's answer, in which
 * the header stands before them. `null` where that is not so.
 */
export function headerBefore(records: Buffer): BatchHeader | null {
  if (records.byteOffset < headerBytes) return null;
  const header = Buffer.from(records.buffer, records.byteOffset - headerBytes, headerBytes);
  if (header[at.magic] !== 2 || header.readInt32BE(at.length) !== countedBytes + records.length) return null;
  return {
    firstOffset: Number(header.readBigInt64BE(at.firstOffset)),
    lastOffsetDelta: header.readInt32BE(at.lastOffsetDelta),
    count: header.readInt32BE(at.count),
  };
}

/** Marks our stand-in records; nobody outside can know it. */
const mark = randomBytes(16);
const reasons = ['too_large', 'bad_compression'] as const satisfies readonly QuarantineReason[];

export type BatchProblem = (typeof reasons)[number];

/** Records that stand in for those of a refused batch: as many of them, all empty, the last one with the mark. */
export function standIns({ count, lastOffsetDelta }: BatchHeader, problem: BatchProblem, compressedBytes: number): Buffer {
  const key = Buffer.alloc(mark.length + 5);
  mark.copy(key);
  key[mark.length] = reasons.indexOf(problem);
  key.writeUInt32BE(compressedBytes, mark.length + 1);
  const records = Array.from({ length: count }, (_, i) => (i < count - 1 ? record(i, null) : record(lastOffsetDelta, key)));
  return Buffer.concat(records);
}

/** Why the batch that a record stands for was refused, and its compressed length; `null` for an ordinary record. */
export function refusedBatch(key: Buffer | null): { readonly problem: BatchProblem; readonly length: number } | null {
  if (key === null || key.length !== mark.length + 5 || mark.compare(key, 0, mark.length) !== 0) return null;
  return { problem: reasons[key[mark.length]!]!, length: key.readUInt32BE(mark.length + 1) };
}

/** Length, attributes, time delta, offset delta, key, value, headers; numbers in zigzag groups of 7 bits, -1 for what is absent. */
function record(offsetDelta: number, key: Buffer | null): Buffer {
  const keyPart = key === null ? varint(-1) : Buffer.concat([varint(key.length), key]);
  const body = Buffer.concat([Buffer.from([0, 0]), varint(offsetDelta), keyPart, varint(-1), varint(0)]);
  return Buffer.concat([varint(body.length), body]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}
