import type { RawRecord } from '../../../src/ingest/record.ts';
import type { Refusal } from '../../../src/model/quarantine.ts';
import { Collector } from '../../../src/ingest/split/collect.ts';
import { Splitter } from '../../../src/ingest/split/splitter.ts';

/** What came out of a stream, as plain values that outlive it. */
export interface Split {
  readonly text: string | null;
  readonly reason: string | null;
  readonly offset: number;
  readonly index: number | null;
  readonly position: string | null;
  readonly timeMs: number | null;
}

/** Splits a stream that comes in chunks of `chunkBytes`. */
export function split(input: string | Uint8Array, chunkBytes = 1 << 18, maxRecordBytes = 1 << 20): Split[] {
  const bytes = Buffer.from(input);
  const collector = new Collector({ path: 'x', place: 0, identity: 'x', source: null, modifiedMs: null });
  const splitter = new Splitter(collector, maxRecordBytes);
  const out: Split[] = [];
  const take = (): void => { for (const item of collector.take()) out.push(plain(item)); };
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    splitter.push(bytes.subarray(at, at + chunkBytes));
    take();
  }
  splitter.end();
  take();
  return out;
}

export function plain(item: RawRecord | Refusal): Split {
  if ('reason' in item) return { text: null, reason: item.reason, offset: item.offset, index: item.index, position: null, timeMs: null };
  const text = Buffer.from(item.bytes).toString('latin1');
  return { text, reason: null, offset: item.offset, index: item.index, position: item.originalPosition, timeMs: item.envelopeTimeMs };
}

/** Records as text and refusals as `!reason`, in order. */
export function brief(input: string | Uint8Array, maxRecordBytes?: number): string[] {
  return split(input, undefined, maxRecordBytes).map((one) => one.text ?? `!${one.reason}`);
}
