import { once } from 'node:events';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Gunzip, ZstdDecompress } from 'node:zlib';

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
export async function* decompress(chunks: AsyncGenerator<Uint8Array>, compression: Compression): AsyncGenerator<Uint8Array> {
  if (compression === null) return yield* chunks;
  const input = new Input(chunks);
  try {
    if (compression === 'gzip') return yield* openOne(createGunzip(), input);
    // Node's zstd stream ends with the first frame; a file may have many.
    do yield* openOne(createZstdDecompress({ chunkSize: 1 << 16 }), input); while (await input.more());
  } finally {
    await chunks.return(undefined);
  }
}

type Decompressor = Gunzip | ZstdDecompress;

/** Compressed bytes that wait for their decompressor. */
class Input {
  private readonly chunks: AsyncGenerator<Uint8Array>;
  private held: Uint8Array | null = null;

  constructor(chunks: AsyncGenerator<Uint8Array>) {
    this.chunks = chunks;
  }

  /** Is anything left? */
  async more(): Promise<boolean> {
    if (this.held === null || this.held.length === 0) {
      const next = await this.chunks.next();
      this.held = next.done === true ? null : next.value;
    }
    return this.held !== null;
  }

  /** Feeds a decompressor until it is content or there is no more; what it leaves stays here. */
  async feed(stream: Decompressor): Promise<void> {
    while (await this.more()) {
      const before = stream.bytesWritten;
      await new Promise<void>((resolve) => {
        stream.once('close', resolve);
        stream.write(this.held!, () => { stream.off('close', resolve); resolve(); });
      });
      this.held = this.held!.subarray(stream.bytesWritten - before);
      if (this.held.length > 0 || stream.destroyed) return;
    }
    stream.end();
  }
}

async function* openOne(stream: Decompressor, input: Input): AsyncGenerator<Uint8Array> {
  let failure: Error | null = null;
  stream.on('error', (error) => { failure ??= new CompressionError(error.message); });
  const feeding = input.feed(stream).catch((error: unknown) => { failure = error as Error; stream.destroy(); });
  try {
    while (true) {
      const chunk = stream.read() as Uint8Array | null;
      if (chunk !== null) yield chunk;
      else if (failure !== null) throw failure as Error;
      else if (stream.readableEnded || stream.destroyed) return await feeding;
      else await change(stream);
    }
  } finally {
    stream.destroy();
  }
}

/** Resolves when the stream has something new to say: bytes, its end, or an error. */
async function change(stream: Decompressor): Promise<void> {
  const waiting = new AbortController();
  const news = ['readable', 'end', 'close'].map((event) => once(stream, event, { signal: waiting.signal }).catch(() => {}));
  await Promise.race(news);
  waiting.abort();
}
