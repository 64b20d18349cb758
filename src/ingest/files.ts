import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compressionOf, CompressionError, decompress } from './decompress.ts';
import type { Origin } from './record.ts';
import { Collector } from './split/collect.ts';
import type { ReadItem } from './split/collect.ts';
import { defaultMaxRecordBytes, Splitter } from './split/splitter.ts';

export type { ReadItem, Refused } from './split/collect.ts';
export { isRefused } from './split/collect.ts';

const chunkBytes = 1 << 18;
const headBytes = 4096;
/** Folders nested deeper than this are not walked. */
const maxFolderDepth = 64;

/** A path on the command line that is not there: wrong usage. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

export interface ReadOptions {
  /** What `-` reads; standard input by default. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Name of the configured source that all of these inputs belong to. */
  readonly source?: string | null;
  readonly maxRecordBytes?: number;
}

/** Something to read: a path as it is named in `log.file.path`, and its bytes as stored. */
interface Input {
  readonly path: string;
  /** Length as stored; `null` for a stream. */
  readonly length: number | null;
  readonly modifiedMs: number | null;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Reads all records of files, folders (walked in byte order of their names) and `-`, in batches.
 * A batch's bytes are valid until the next batch is asked for. What cannot be read is refused in its place;
 * a path that does not exist throws an `InputError` before anything is read.
 */
export async function* readRecords(paths: readonly string[], options: ReadOptions = {}): AsyncGenerator<ReadItem[]> {
  for (const path of paths) {
    if (path !== '-') await stat(path).catch(() => { throw new InputError(`There is no file or folder at ${path}.`); });
  }
  for (const path of paths) {
    if (path === '-') yield* readInput({ path, length: null, modifiedMs: null, chunks: options.stdin ?? process.stdin }, options);
    else yield* walk(path, [], options);
  }
}

/** One path: a file, or a folder with what is in it. `above` are the folders on the way, against loops of links. */
async function* walk(path: string, above: readonly string[], options: ReadOptions): AsyncGenerator<ReadItem[]> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return yield* readInput(fileInput(path, found, above.length === 0), options);
    const real = await realpath(path);
    if (above.includes(real)) return;
    if (above.length === maxFolderDepth) return yield refused(path, 'Folders are nested too deep.');
    const names = (await readdir(path)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const name of names) yield* walk(join(path, name), [...above, real], options);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    yield refused(path, `The system cannot read it (${error.code}).`);
  }
}

/** A file of bytes; or, where the user named it outright, anything that can be read as a stream. */
function fileInput(path: string, found: Stats, isNamed: boolean): Input {
  if (!found.isFile() && !isNamed) throw Object.assign(new Error('not a file'), { code: 'ENOTSUP', syscall: 'open' });
  const chunks = createReadStream(path, { highWaterMark: chunkBytes });
  return { path, length: found.isFile() ? found.size : null, modifiedMs: found.isFile() ? found.mtimeMs : null, chunks };
}

async function* readInput(input: Input, options: ReadOptions): AsyncGenerator<ReadItem[]> {
  const { head, chunks } = await peek(input.chunks);
  const origin: Origin = { path: input.path, identity: identityOf(input, head), source: options.source ?? null, modifiedMs: input.modifiedMs };
  const collector = new Collector(origin);
  const splitter = new Splitter(collector, options.maxRecordBytes ?? defaultMaxRecordBytes);
  const opened = await peek(decompress(chunks, compressionOf(input.path, head)));
  let position = 0;
  try {
    if (isBinary(opened.head)) {
      collector.refuse('unknown_format', 'binary', 0, input.length ?? opened.head.length);
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
  }
  yield collector.take();
}

/** The first 4 KiB of a stream, and the whole of it again. An error that comes so early waits its turn. */
async function peek(source: AsyncIterable<Uint8Array>): Promise<{ head: Buffer; chunks: AsyncGenerator<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let length = 0;
  let failure: Error | null = null;
  try {
    while (length < headBytes) {
      const next = await iterator.next();
      if (next.done === true) break;
      taken.push(next.value);
      length += next.value.length;
    }
  } catch (error) {
    failure = error as Error;
  }
  return { head: Buffer.concat(taken).subarray(0, headBytes), chunks: again(taken, failure, iterator) };
}

async function* again(taken: readonly Uint8Array[], failure: Error | null, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* taken;
    if (failure !== null) throw failure;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** Same length and same first 4 KiB as stored are the same input, whatever the path. */
function identityOf(input: Input, head: Uint8Array): string {
  return createHash('sha256').update(input.length === null ? 'stdin' : `${input.length}`).update('\n').update(head)
    .digest().subarray(0, 16).toString('base64url');
}

/** Bytes that are no text: a NUL near the start, unless JSON begins there, whose reader refuses line by line. */
function isBinary(head: Buffer): boolean {
  return head[0] !== 123 && head.includes(0);
}

function refused(path: string, detail: string): ReadItem[] {
  const origin: Origin = { path, identity: '', source: null, modifiedMs: null };
  return [{ refusal: { path, offset: 0, index: null, length: 0, reason: 'unreadable', detail }, origin, ordinal: 0 }];
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
