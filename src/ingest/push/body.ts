import type { Refusal } from '../../model/quarantine.ts';
import { CompressionError, decompress, type Compression } from '../decompress.ts';
import type { Origin, RawRecord } from '../record.ts';
import { Collector } from '../split/collect.ts';
import { Splitter } from '../split/splitter.ts';

/** How a body may be packed, as `Content-Encoding` names it. */
const encodings: ReadonlyMap<string, Compression> = new Map([
  ['', null], ['identity', null], ['gzip', 'gzip'], ['x-gzip', 'gzip'], ['zstd', 'zstd'],
]);

/** The bytes of one batch, or why they cannot be taken: a word and the status that goes with it. */
export type Unpacked = { readonly bytes: Buffer } | BodyProblem;
export interface BodyProblem { readonly status: number; readonly problem: string }

/** Opens a body. Never holds more than `maxBytes` of what comes out of it. */
export async function unpack(body: Uint8Array, encoding: string, maxBytes: number): Promise<Unpacked> {
  const compression = encodings.get(encoding.trim().toLowerCase());
  if (compression === undefined) return { status: 415, problem: 'unknown_encoding' };
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of decompress(once(body), compression)) {
      length += chunk.length;
      if (length > maxBytes) return { status: 413, problem: 'too_large' };
      chunks.push(Buffer.from(chunk));
    }
  } catch (error) {
    if (error instanceof CompressionError) return { status: 400, problem: 'bad_compression' };
    throw error;
  }
  return { bytes: Buffer.concat(chunks) };
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body;
}

const sliceBytes = 1 << 16;

/**
 * The records of a batch, a slice at a time, so that a large one holds nobody else up. What is given out is valid
 * until the next slice.
 */
export async function* recordsOf(bytes: Buffer, origin: Origin): AsyncGenerator<(RawRecord | Refusal)[]> {
  const collector = new Collector(origin);
  const splitter = new Splitter(collector);
  for (let start = 0; start < bytes.length; start += sliceBytes) {
    splitter.push(bytes.subarray(start, start + sliceBytes));
    yield collector.take();
    await new Promise<void>((resolve) => { setImmediate(resolve); });
  }
  splitter.end();
  yield collector.take();
}
