import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
// @ts-expect-error: the package has no types.
import createSnappy from 'kafkajs-snappy';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { lz4MaxSize, snappyBlocks, snappyBlockSize } from './output-size.ts';
import { headerBefore, standIns, type BatchProblem } from './refused-batch.ts';

/** Records of one batch take at most this much memory when decompressed. */
export const defaultMaxDecompressedBytes = 16 * 1024 * 1024;
/** A refused batch of more records than this has no stand-ins: reading ends before it. */
const maxStandIns = 1_000_000;
const maxUnreadable = 64;

class TooLarge extends Error {}

interface Codec {
  compress(bytes: Buffer): Buffer | Promise<Buffer>;
  /** At most `maxBytes`; throws `TooLarge` beyond that, something else for damaged data. */
  decompress(bytes: Buffer, maxBytes: number): Buffer | Promise<Buffer>;
}

const snappy = (createSnappy as () => { compress(encoder: { buffer: Buffer }): Promise<Buffer>; decompress(bytes: Buffer): Promise<Buffer> })();

const gzip: Codec = {
  compress: (bytes) => gzipSync(bytes),
  decompress: (bytes, maxBytes) => limited(() => gunzipSync(bytes, { maxOutputLength: maxBytes })),
};

const zstd: Codec = {
  compress: (bytes) => zstdCompressSync(bytes),
  decompress: (bytes, maxBytes) => limited(() => zstdDecompressSync(bytes, { maxOutputLength: maxBytes })),
};

const lz4: Codec = {
  compress: (bytes) => compressFrameSync(bytes),
  decompress(bytes, maxBytes) {
    if ((lz4MaxSize(bytes) ?? 0) > maxBytes) throw new TooLarge();
    return decompressFrameSync(bytes);
  },
};

const snappyInBlocks: Codec = {
  compress: (buffer) => snappy.compress({ buffer }),
  async decompress(bytes, maxBytes) {
    const blocks = snappyBlocks(bytes) ?? [];
    const size = blocks.reduce((sum, block) => sum + (snappyBlockSize(block) ?? NaN), 0);
    if (size > maxBytes) throw new TooLarge();
    if (!(size >= 0) || blocks.length === 0) throw new Error('damaged');
    return Buffer.concat(await Promise.all(blocks.map((block) => snappy.decompress(block))));
  },
};

function limited(decompress: () => Buffer): Buffer {
  try {
    return decompress();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new TooLarge();
    throw error;
  }
}

/** Offsets of batches that could neither be read nor be stood in for. */
const unreadable: { readonly first: number; readonly last: number }[] = [];

/** Was a batch met lately that covers this offset and cannot be read at all? */
export function isUnreadable(offset: number): boolean {
  return unreadable.some(({ first, last }) => first <= offset && offset <= last);
}

/**
 * Teaches kafkajs all compressions of Kafka, with a limit on what a batch may grow to; the limit is the process's, the
 * last one given. A batch beyond it, or damaged, does not fail the whole answer of the broker: records that stand in for
 * it come out in its place, which `refusedBatch` tells from others.
 */
export function registerCodecs(maxBytes: number): void {
  const types = kafkajs.CompressionTypes;
  for (const [type, codec] of [[types.GZIP, gzip], [types.Snappy, snappyInBlocks], [types.LZ4, lz4], [types.ZSTD, zstd]] as const) {
    const guarded = guard(codec, maxBytes);
    kafkajs.CompressionCodecs[type] = () => guarded;
  }
}

function guard(codec: Codec, maxBytes: number): { compress(encoder: { buffer: Buffer }): Promise<Buffer>; decompress(bytes: Buffer): Promise<Buffer> } {
  const budget = new AnswerBudget(maxBytes);
  return {
    compress: async ({ buffer }) => codec.compress(buffer),
    async decompress(bytes) {
      if (!budget.hasRoom(bytes)) throw incomplete();
      let out: Buffer;
      try {
        out = await codec.decompress(bytes, maxBytes);
      } catch (error) {
        out = refuse(bytes, error instanceof TooLarge ? 'too_large' : 'bad_compression');
      }
      budget.take(bytes, out.length);
      return out;
    },
  };
}

function refuse(bytes: Buffer, problem: BatchProblem): Buffer {
  const header = headerBefore(bytes);
  if (header !== null && header.count > 0 && header.count <= maxStandIns) return standIns(header, problem, bytes.length);
  if (header !== null) {
    unreadable.push({ first: header.firstOffset, last: header.firstOffset + header.lastOffsetDelta });
    if (unreadable.length > maxUnreadable) unreadable.shift();
  }
  throw incomplete();
}

/** kafkajs takes such an error for the cut-off end of an answer: it hands out what came before, and asks for the rest again. */
function incomplete(): Error {
  return Object.assign(new Error('the batch is left for the next request'), { name: 'KafkaJSPartialMessageError' });
}

/**
 * Many small batches of one partition may follow each other in one answer. Once they have grown to the limit together, the
 * rest waits for the next request.
 */
class AnswerBudget {
  readonly #maxBytes: number;
  /** By the answer's memory: where the last batch ended, and what those in a row up to it have grown to. */
  readonly #rows = new WeakMap<ArrayBufferLike, { end: number; bytes: number }>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  hasRoom(batch: Buffer): boolean {
    const row = this.#rowBefore(batch);
    return row === null || row.bytes < this.#maxBytes;
  }

  take(batch: Buffer, bytes: number): void {
    const before = this.#rowBefore(batch)?.bytes ?? 0;
    this.#rows.set(batch.buffer, { end: batch.byteOffset + batch.length, bytes: before + bytes });
  }

  /** Only a header stands between two batches of one partition; between partitions there is more. */
  #rowBefore(batch: Buffer): { end: number; bytes: number } | null {
    const row = this.#rows.get(batch.buffer);
    return row !== undefined && batch.byteOffset - row.end === 61 ? row : null;
  }
}
