import { isReadThrough, readPacked, type PackedFile, type PackedReader } from './packed.ts';
import type { Troubles } from './troubles.ts';

/** Packed files that wait to be read, one after another, oldest first. */
export class PackedQueue {
  readonly #files = new Map<string, PackedFile>();
  readonly #reader: PackedReader;
  readonly #troubles: Troubles;
  #isReading = false;

  constructor(reader: PackedReader, troubles: Troubles) {
    this.#reader = reader;
    this.#troubles = troubles;
  }

  get size(): number {
    return this.#files.size;
  }

  has(inode: string): boolean {
    return this.#files.has(inode);
  }

  /** One that was read through before is not read again. */
  add(file: PackedFile): void {
    if (!isReadThrough(file, this.#reader)) this.#files.set(file.inode, file);
  }

  /** Reads those that wait now. What cannot be read is left; it is met again when it changes. */
  async readAll(): Promise<void> {
    if (this.#isReading || this.#files.size === 0) return;
    this.#isReading = true;
    for (const file of [...this.#files.values()].sort((a, b) => a.modifiedMs - b.modifiedMs)) {
      if (!this.#reader.isReading()) break;
      let result: 'done' | 'waits' | 'halted' = 'done';
      await this.#troubles.guard('reading', file.path, async () => { result = await readPacked(file, this.#reader); });
      if (result === 'done') this.#files.delete(file.inode);
    }
    this.#isReading = false;
  }
}
