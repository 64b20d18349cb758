import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Refusal } from '../../model/quarantine.ts';
import { compressionOf, CompressionError, decompress, type Compression } from '../decompress.ts';
import { begin, feedOf, maxAlike } from './claim.ts';
import { Cutter } from './cutter.ts';
import type { Examiner } from './examiner.ts';
import { headBytes, identityOf, prefixOf } from './identity.ts';
import { markBytes, markOf, parsePosition, type FilePosition } from './position.ts';

/** A compressed file, which does not grow. */
export interface PackedFile {
  readonly path: string;
  readonly inode: string;
  readonly compression: Exclude<Compression, null>;
  readonly modifiedMs: number;
  /** By its packed length and first 4 KiB. Its feed has a position once it was read through. */
  readonly identity: string;
}

/** What the reading of a packed file needs of the source. */
export type PackedReader = Examiner;

const readThrough = 'read';

/** What an open file is as a packed one; `null` if it is not compressed. */
export function packedOf(path: string, inode: string, head: Buffer, size: number, modifiedMs: number): PackedFile | null {
  const compression = compressionOf(path, head);
  if (compression === null) return null;
  const identity = createHash('sha256').update(`packed ${size}\n`).update(head).digest().subarray(0, 16).toString('base64url');
  return { path, inode, compression, modifiedMs, identity };
}

/** Was it read through before? */
export function isReadThrough({ identity }: PackedFile, reader: PackedReader): boolean {
  return reader.positionOf(feedOf(identity)) === readThrough;
}

/**
 * Reads a packed file through. Where it holds what was read before it was packed, only the rest of it counts. `waits`: the
 * same is still followed unpacked, so it has to come again; `halted`: the source stops. Throws errors of the system.
 */
export async function readPacked(file: PackedFile, reader: PackedReader): Promise<'done' | 'waits' | 'halted'> {
  const head = await beginning(file);
  const prefix = prefixOf(head) ?? head;
  for (let number = 0; number < maxAlike; number++) {
    const identity = identityOf(prefix, file.inode, number);
    const feed = feedOf(identity);
    if (reader.followed(feed) !== undefined) return 'waits';
    const position = parsePosition(reader.positionOf(feed)) ?? begin;
    const context = await contextAt(file, position);
    if (context === null) continue;
    const origin = { path: file.path, place: 0, identity, source: reader.name, modifiedMs: file.modifiedMs };
    const options = { feed, source: reader.name, maxRecordBytes: reader.maxRecordBytes };
    return readFrom(file, new Cutter(origin, position, context, options), reader);
  }
  return 'done';
}

/** The unpacked bytes as far as they can be had; `onDamaged` is told when they end too early. */
async function* unpacked({ path, compression }: PackedFile, onDamaged: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  try {
    yield* decompress(stream(path), compression);
  } catch (error) {
    if (!(error instanceof CompressionError)) throw error;
    onDamaged();
  }
}

async function* stream(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: 1 << 16 }) as AsyncIterable<Uint8Array>;
}

async function beginning(file: PackedFile): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for await (const chunk of unpacked(file)) {
    head = Buffer.concat([head, chunk.subarray(0, headBytes - head.length)]);
    if (head.length === headBytes) break;
  }
  return head;
}

/** The bytes before a position; `null` where the file does not hold what was read there. */
async function contextAt(file: PackedFile, { offset, mark }: FilePosition): Promise<Buffer | null> {
  if (offset === 0) return Buffer.alloc(0);
  let held = Buffer.alloc(0);
  let length = 0;
  for await (const chunk of unpacked(file)) {
    held = Buffer.concat([held.subarray(-markBytes), chunk]);
    length += chunk.length;
    if (length < offset) continue;
    const end = held.length - (length - offset);
    return markOf(held, end) === mark ? Buffer.from(held.subarray(Math.max(0, end - markBytes), end)) : null;
  }
  return null;
}

async function readFrom(file: PackedFile, cutter: Cutter, reader: PackedReader): Promise<'done' | 'halted'> {
  let damaged = false;
  let offset = 0;
  for await (const chunk of unpacked(file, () => { damaged = true; })) {
    const start = Math.max(0, cutter.fed - offset);
    offset += chunk.length;
    if (start >= chunk.length) continue;
    const { context } = cutter;
    const deliveries = cutter.push(Buffer.concat([context, chunk.subarray(start)]), context.length, reader.now());
    if (!await reader.deliver(deliveries)) return 'halted';
  }
  const { path, identity } = file;
  const receivedMs = reader.now();
  const detail = 'The compressed data is damaged or cut off.';
  const refusal: Refusal = { path, identity, offset, index: null, length: 0, reason: 'bad_compression', detail };
  const items = damaged ? [refusal] : [];
  const last = { feed: feedOf(identity), source: reader.name, position: readThrough, items, receivedMs, bytes: 0 };
  return await reader.deliver([...cutter.finish(receivedMs), last]) ? 'done' : 'halted';
}
