import { once } from 'node:events';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

export type Compression = 'gzip' | 'zstd' | null;

/** Compressed bytes that cannot be opened, or end too early. What came out before them counts. */
export class CompressionError extends Error {
  override readonly name = 'CompressionError';
}

/** How a file is compressed: by its first bytes, or by the name it was given. */
export function compressionOf(name: string, head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  if (name.endsWith('.gz')) return 'gzip';
  return name.endsWith('.zst') ? 'zstd' : null;
}

/**
 * The decompressed bytes, in chunks, never more than a few at a time however well they were packed.
 * Everything that could be opened is given out before a `CompressionError` is thrown.
 */
export async function* decompress(chunks: AsyncIterable<Uint8Array>, compression: Compression): AsyncGenerator<Uint8Array> {
  if (compression === null) return yield* chunks;
  const opened = compression === 'gzip' ? createGunzip({ chunkSize: 1 << 17 }) : createZstdDecompress({ chunkSize: 1 << 17 });
  const source = Readable.from(chunks, { objectMode: true });
  let failure: Error | null = null;
  opened.on('error', (error) => { failure ??= new CompressionError(error.message); });
  source.on('error', (error) => { failure = error; opened.destroy(); });
  source.pipe(opened);
  try {
    while (true) {
      const chunk = opened.read() as Uint8Array | null;
      if (chunk !== null) yield chunk;
      else if (failure !== null) throw failure as Error;
      else if (opened.readableEnded || opened.destroyed) return;
      else await change(opened);
    }
  } finally {
    source.destroy();
    opened.destroy();
  }
}

/** Resolves when the stream has something new to say: bytes, its end, or an error. */
async function change(stream: Readable): Promise<void> {
  const waiting = new AbortController();
  const news = ['readable', 'end', 'close'].map((event) => once(stream, event, { signal: waiting.signal }).catch(() => {}));
  await Promise.race(news);
  waiting.abort();
}
