import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
// @ts-expect-error: the package has no types.
import createSnappy from 'kafkajs-snappy';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { lz4MaxSize, snappyBlocks, snappyBlockSize } from './output-size.ts';

/** Records of one batch take at most this much memory when decompressed. */
export const defaultMaxDecompressedBytes = 16 * 1024 * 1024;

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

const types = kafkajs.CompressionTypes;
/** By the number that stands in a batch. */
const codecs: ReadonlyMap<number, Codec> = new Map([[types.GZIP, gzip], [types.Snappy, snappyInBlocks], [types.LZ4, lz4], [types.ZSTD, zstd]]);

/** Decompresses the records of a batch, or says why that cannot be done. Never throws. */
export async function unpack(type: number, bytes: Buffer, maxBytes: number): Promise<Buffer | 'too_large' | 'bad_compression'> {
  try {
    return await codecs.get(type)?.decompress(bytes, maxBytes) ?? 'bad_compression';
  } catch (error) {
    return error instanceof TooLarge ? 'too_large' : 'bad_compression';
  }
}

/** Teaches kafkajs the same compressions, for what it writes, and for messages in formats from before Kafka 0.11. */
export function registerCodecs(maxBytes: number): void {
  for (const [type, codec] of codecs) {
    const own = {
      compress: async ({ buffer }: { buffer: Buffer }) => codec.compress(buffer),
      decompress: async (bytes: Buffer) => codec.decompress(bytes, maxBytes),
    };
    kafkajs.CompressionCodecs[type as kafkajs.CompressionTypes.GZIP] = () => own;
  }
}
