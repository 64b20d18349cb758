import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { compressionOf, CompressionError, decompress } from './decompress.ts';
import type { Origin } from './record.ts';
import { Collector } from './split/collect.ts';
import type { ReadItem } from './split/collect.ts';
import { defaultMaxRecordBytes, Splitter } from './split/splitter.ts';
import { checkPaths, isSystemError, walk } from './walk.ts';
import type { Found } from './walk.ts';

export { InputError } from './walk.ts';
export type { ReadItem } from './split/collect.ts';

const chunkBytes = 1 << 18;
const headBytes = 4096;

export interface ReadOptions {
  /** What `-` reads; standard input by default. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Name of the configured source that a path belongs to; by default there is none. */
  readonly sourceOf?: (path: string) => string | null;
  /** Longer records are refused. */
  readonly maxRecordBytes?: number;
}

/** Reads all records of files, folders and `-`, in batches: see `Reading`. */
export function readRecords(paths: readonly string[], options: ReadOptions = {}): Reading {
  return new Reading(paths, options);
}

/**
 * The records of some paths, to be iterated over once. A batch's bytes are valid until the next batch is
 * asked for. What cannot be read is refused in its place and the rest goes on; a path that does not
 * exist throws an `InputError` before anything is read.
 */
export class Reading implements AsyncIterable<ReadItem[]> {
  /** Bytes read so far, as stored. */
  bytesRead = 0;
  /** Bytes to be read in all, as stored; `null` before the first batch, and where a stream is among the inputs. */
  bytesTotal: number | null = null;
  private readonly paths: readonly string[];
  private readonly options: ReadOptions;
  private inputs = 0;

  constructor(paths: readonly string[], options: ReadOptions) {
    this.paths = paths;
    this.options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReadItem[]> {
    await checkPaths(this.paths);
    this.bytesTotal = await totalBytes(this.paths);
    for await (const found of walk(this.paths)) yield* this.read(found);
  }

  private async *read(found: Found): AsyncGenerator<ReadItem[]> {
    const stored = await peek(this.counted(this.bytesOf(found)));
    const collector = new Collector(this.originOf(found, stored.head));
    if (found.unreadable !== null) collector.refuse('unreadable', found.unreadable, 0, 0);
    const splitter = new Splitter(collector, this.options.maxRecordBytes ?? defaultMaxRecordBytes);
    const opened = await peek(decompress(stored.chunks, compressionOf(found.path, stored.head)));
    let position = 0;
    try {
      if (isBinary(opened.head)) {
        collector.refuse('unknown_format', 'The file is binary.', 0, found.length ?? opened.head.length);
        return yield collector.take();
      }
      for await (const chunk of opened.chunks) {
        position += chunk.length;
        splitter.push(chunk);
        yield collector.take();
      }
      splitter.end();
    } catch (error) {
      splitter.end();
      if (error instanceof CompressionError) collector.refuse('bad_compression', 'The compressed data is damaged or cut off.', position, 0);
      else if (isSystemError(error)) collector.refuse('unreadable', `Reading stopped (${error.code}).`, position, 0);
      else throw error;
    } finally {
      await opened.chunks.return(undefined);
    }
    yield collector.take();
  }

  private bytesOf(found: Found): AsyncIterable<Uint8Array> {
    if (found.unreadable !== null) return nothing();
    if (found.path === '-') return this.options.stdin ?? process.stdin;
    return createReadStream(found.path, { highWaterMark: chunkBytes });
  }

  private originOf(found: Found, head: Uint8Array): Origin {
    const source = this.options.sourceOf?.(found.path) ?? null;
    return { path: found.path, place: this.inputs++, identity: identityOf(found.length, head), source, modifiedMs: found.modifiedMs };
  }

  private async *counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.bytesRead += chunk.length;
      yield chunk;
    }
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function totalBytes(paths: readonly string[]): Promise<number | null> {
  let total = 0;
  for await (const found of walk(paths)) {
    if (found.length === null && found.unreadable === null) return null;
    total += found.length ?? 0;
  }
  return total;
}

/** The first 4 KiB of a stream, and the whole of it again. An error that comes so early waits its turn. */
async function peek(source: AsyncGenerator<Uint8Array>): Promise<{ head: Buffer; chunks: AsyncGenerator<Uint8Array> }> {
  const taken: Uint8Array[] = [];
  let length = 0;
  let failure: Error | null = null;
  try {
    while (length < headBytes) {
      const next = await source.next();
      if (next.done === true) break;
      taken.push(next.value);
      length += next.value.length;
    }
  } catch (error) {
    failure = error as Error;
  }
  return { head: Buffer.concat(taken).subarray(0, headBytes), chunks: again(taken, failure, source) };
}

async function* again(taken: readonly Uint8Array[], failure: Error | null, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* taken;
    if (failure !== null) throw failure;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** Same length and same first 4 KiB as stored are the same input, whatever the path. */
function identityOf(length: number | null, head: Uint8Array): string {
  return createHash('sha256').update(length === null ? 'stdin' : `${length}`).update('\n').update(head)
    .digest().subarray(0, 16).toString('base64url');
}

/** Bytes that are no text: a NUL near the start, unless JSON begins there, whose reader refuses line by line. */
function isBinary(head: Buffer): boolean {
  return head[0] !== 123 && head.includes(0);
}
