import type { FileHandle } from 'node:fs/promises';
import type { Delivery } from '../live.ts';
import type { Cutter } from './cutter.ts';
import { isWholeJson } from './identity.ts';
import { markBytes } from './position.ts';

const chunkBytes = 1 << 16;
const dayMs = 86_400_000;

/**
 * How one look at a file ended.
 * - `end`: all that is there has been delivered.
 * - `rewritten`: it no longer holds what was read, so it was emptied or replaced in place. Nothing more is read of it here.
 * - `halted`: there is more, but the source was paused or stopped.
 */
export type LookResult = 'end' | 'rewritten' | 'halted';

/** What a file needs of its source. */
export interface FileOwner {
  now(): number;
  /** Waits for the receiver; false once the source stops. */
  deliver(batch: Delivery[]): Promise<boolean>;
  /** False while the source is paused or stopping. */
  isReading(): boolean;
}

/** One growing file, held open so that it is read to its end even after it was renamed or removed. */
export class TailedFile {
  path: string;
  readonly inode: string;
  readonly feed: string;
  readonly cutter: Cutter;
  /** It is no longer found under any path that is followed. */
  isRotated = false;
  isBusy = false;
  /** All that was there when it was last looked at has been delivered. */
  isAtEnd = false;
  lookedMs = 0;
  /** When it last grew, or was found to be rotated. */
  lastChangeMs: number;
  readonly #handle: FileHandle;
  readonly #owner: FileOwner;
  #seen = '';
  /** Where its end was last tried as a whole value. */
  #triedAt = -1;

  constructor(path: string, inode: string, feed: string, handle: FileHandle, cutter: Cutter, owner: FileOwner) {
    this.path = path;
    this.inode = inode;
    this.feed = feed;
    this.cutter = cutter;
    this.lastChangeMs = owner.now();
    this.#handle = handle;
    this.#owner = owner;
  }

  /** Delivers what has come since the last look. Throws errors of the system. */
  async look(): Promise<LookResult> {
    while (true) {
      const { size, mtimeMs } = await this.#handle.stat();
      const seen = `${size} ${mtimeMs}`;
      if (size < this.cutter.fed) return 'rewritten';
      if (seen === this.#seen && size === this.cutter.fed) return 'end';
      if (!this.#owner.isReading()) return 'halted';
      if (mtimeMs - (this.cutter.origin.modifiedMs ?? 0) > dayMs) this.cutter.origin = { ...this.cutter.origin, modifiedMs: mtimeMs };
      const read = await this.#read();
      if (read === 'rewritten') return read;
      if (read > 0) this.lastChangeMs = this.#owner.now();
      this.#seen = this.cutter.fed === size ? seen : '';
    }
  }

  /** Closes off what is unfinished: nobody will write its end. */
  async finish(): Promise<void> {
    const deliveries = this.cutter.finish(this.#owner.now());
    if (deliveries.length > 0) await this.#owner.deliver(deliveries);
  }

  /** Takes a JSON value at the end of a file that nobody writes any more, though it has no newline. */
  async finishWhole(maxBytes: number): Promise<void> {
    const length = this.cutter.unfinishedBytes;
    if (length === 0 || length > maxBytes || this.cutter.fed === this.#triedAt) return;
    this.#triedAt = this.cutter.fed;
    const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafe(length), 0, length, this.cutter.fed - length);
    if (bytesRead === length && isWholeJson(buffer)) await this.finish();
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  /** The up to 64 bytes that end before `offset`. */
  async before(offset: number): Promise<Buffer> {
    return bytesBefore(this.#handle, offset);
  }

  close(): Promise<void> {
    return this.#handle.close().catch(() => undefined);
  }

  /** Reads the next chunk together with what stands before it, which must be as it was. Answers the number of new bytes. */
  async #read(): Promise<number | 'rewritten'> {
    const { cutter } = this;
    const { context } = cutter;
    const buffer = Buffer.allocUnsafe(context.length + chunkBytes);
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, cutter.fed - context.length);
    if (bytesRead < context.length || context.compare(buffer, 0, context.length) !== 0) return 'rewritten';
    const bytes = buffer.subarray(0, bytesRead);
    const deliveries = cutter.push(bytes, context.length, this.#owner.now());
    if (deliveries.length > 0) await this.#owner.deliver(deliveries);
    return bytesRead - context.length;
  }
}

/** The up to 64 bytes of an open file that end before `offset`; fewer where the file is shorter than that. */
export async function bytesBefore(handle: FileHandle, offset: number): Promise<Buffer> {
  const length = Math.min(markBytes, offset);
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, offset - length);
  return buffer.subarray(0, bytesRead);
}
