import type { Stats } from 'node:fs';
import { glob, open, stat } from 'node:fs/promises';
import type { Delivery, LiveSource, Receiver, SourceHealth } from '../live.ts';
import { defaultMaxRecordBytes } from '../split/splitter.ts';
import { examine, inodeOf } from './examine.ts';
import { TailedFile } from './file.ts';
import { Orphans } from './orphans.ts';
import { PackedQueue } from './packed-queue.ts';
import type { PackedFile } from './packed.ts';
import { remember } from './remember.ts';
import { Troubles } from './troubles.ts';

export interface TailOptions {
  readonly name: string;
  /** Paths, `*` standing for any run of characters within a name and `**` for any folders. */
  readonly paths: readonly string[];
  /** How often files are looked at. They are looked for four times less often. */
  readonly pollMs?: number;
  /** A file that has not changed for so long is taken to be finished, where its end matters. */
  readonly quietMs?: number;
  readonly maxRecordBytes?: number;
  readonly now?: () => number;
}

/** So many files are followed at once; the rest is told by `health`. */
const maxFiles = 1000;
const looksPerSearch = 4;

/**
 * Follows log files as they grow. By polling, since not every file system tells of changes.
 *
 * A file is known by what it holds, not by its name: see `claim`. Renamed, it is read to its end under its new
 * name or none; a new file under the old name is another feed. Emptied in place (copy-truncate), it begins anew as another
 * feed, and the copy, if its name is followed too, is known to have been read. A line without its newline waits. Compressed
 * files are read through once, as far as they were not read before they were compressed.
 *
 * What cannot be told apart: what was written and removed between two looks; and a copy that only holds
 * the same first lines as a file of which no more has been read yet waits until they differ.
 */
export class TailSource implements LiveSource {
  readonly name: string;
  readonly maxRecordBytes: number;
  readonly now: () => number;
  readonly #options: Required<TailOptions>;
  /** By inode, and by feed. */
  readonly #files = new Map<string, TailedFile>();
  readonly #feeds = new Map<string, TailedFile>();
  readonly #orphans = new Orphans();
  /** Inode of a file that is not followed -> what it was like when that was decided. */
  readonly #examined = new Map<string, string>();
  /** Positions delivered since the start: newer than those of the store. */
  readonly #positions = new Map<string, string>();
  readonly #troubles = new Troubles();
  readonly #packed = new PackedQueue(this, this.#troubles);
  #receiver: Receiver | null = null;
  #timer: NodeJS.Timeout | null = null;
  #polling: Promise<void> = Promise.resolve();
  readonly #working = new Set<Promise<void>>();
  #paused = false;
  #looks = 0;
  #tooMany = 0;
  #lastSearchMs: number | null = null;

  constructor(options: TailOptions) {
    this.#options = { pollMs: 250, quietMs: 5000, maxRecordBytes: defaultMaxRecordBytes, now: Date.now, ...options };
    ({ name: this.name, now: this.now, maxRecordBytes: this.maxRecordBytes } = this.#options);
  }

  async start(receiver: Receiver): Promise<void> {
    this.#receiver = receiver;
    await this.#poll();
    this.#again();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** Nobody else wants to know: files have no memory of their readers. */
  async checkpointed(): Promise<void> {}

  health(): SourceHealth {
    const problems = [
      this.#lastSearchMs === null ? 'no look at the files has succeeded yet' : null,
      this.#tooMany > 0 ? `${this.#tooMany} files beyond the ${maxFiles} that are followed at once` : null,
      this.#troubles.text,
    ].filter((problem) => problem !== null);
    const detail = problems.join('; ') || `files followed: ${this.#files.size}`;
    return { ok: problems.length === 0, lastFetchMs: this.#lastSearchMs, lag: this.#isAllRead() ? 0 : null, detail };
  }

  async stop(): Promise<void> {
    this.#receiver = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#polling;
    await Promise.allSettled(this.#working);
    await Promise.all([...this.#files.values()].map((file) => file.close()));
    this.#files.clear();
    this.#feeds.clear();
  }

  isReading(): boolean {
    return this.#receiver !== null && !this.#paused;
  }

  async deliver(batch: Delivery[]): Promise<boolean> {
    // What was read before a pause began may still go out; the next look sees the pause.
    const receiver = this.#receiver;
    if (receiver === null) return false;
    if (batch.length > 0) await receiver.deliver(batch);
    for (const { feed, position } of batch) remember(this.#positions, feed, position);
    return this.#receiver !== null;
  }

  positionOf(feed: string): string | null {
    return this.#positions.get(feed) ?? this.#receiver?.positionOf(feed) ?? null;
  }

  followed(feed: string): TailedFile | undefined {
    return this.#feeds.get(feed);
  }

  #again(): void {
    if (this.#receiver === null) return;
    this.#timer = setTimeout(() => {
      this.#polling = this.#poll().finally(() => this.#again());
    }, this.#options.pollMs);
  }

  async #poll(): Promise<void> {
    if (this.#looks++ % looksPerSearch === 0) await this.#search();
    if (this.#isAllRead()) for (const { feed, lookedMs } of this.#files.values()) this.#receiver?.caughtUp(feed, lookedMs);
    for (const file of this.#files.values()) if (!file.isBusy) this.#work(this.#look(file));
    const emptiedMs = this.now() - 2 * this.#options.quietMs;
    if (this.isReading()) for (const file of this.#orphans.takeOlder(emptiedMs)) this.#work(this.#bury(file));
    this.#work(this.#packed.readAll());
  }

  #work(work: Promise<void>): void {
    this.#working.add(work);
    // What a receiver does not take is not counted as delivered, so it comes again.
    work.catch(() => undefined).finally(() => this.#working.delete(work)).catch(() => undefined);
  }

  #isAllRead(): boolean {
    return this.#packed.size === 0 && [...this.#files.values()].every((file) => file.isAtEnd);
  }

  /** Looks what files there are. A file that is followed and no longer found has been rotated away. */
  async #search(): Promise<void> {
    const found = new Set<string>();
    const paths = new Set<string>();
    this.#tooMany = 0;
    const isWhole = await this.#troubles.guard('finding', '', async () => {
      for await (const path of glob([...this.#options.paths])) {
        paths.add(path);
        await this.#troubles.guard('finding', path, async () => {
          const stats = await stat(path);
          if (!stats.isFile()) return;
          found.add(inodeOf(stats));
          await this.#meet(path, stats);
        });
      }
    });
    if (!isWhole) return;
    this.#troubles.keep(paths);
    for (const file of this.#files.values()) {
      if (file.isRotated || found.has(file.inode)) continue;
      file.isRotated = true;
      file.lastChangeMs = this.now();
    }
    this.#lastSearchMs = this.now();
  }

  async #meet(path: string, stats: Stats): Promise<void> {
    const inode = inodeOf(stats);
    const followed = this.#files.get(inode);
    if (followed !== undefined) {
      followed.path = path;
      followed.isRotated = false;
      return;
    }
    if (stats.size === 0 || this.#packed.has(inode)) return;
    // Once for each size, and once more when it has been quiet for a while.
    const isQuiet = this.now() - stats.mtimeMs >= this.#options.quietMs;
    const shape = `${stats.size} ${isQuiet}`;
    if (this.#examined.get(inode) === shape) return;
    if (this.#files.size >= maxFiles) return void this.#tooMany++;
    remember(this.#examined, inode, shape);
    await this.#open(path, isQuiet);
  }

  async #open(path: string, isQuiet: boolean): Promise<void> {
    const handle = await open(path, 'r');
    let found: TailedFile | PackedFile | null = null;
    try {
      found = await examine(path, handle, isQuiet, this);
    } finally {
      if (!(found instanceof TailedFile)) await handle.close();
    }
    if (found instanceof TailedFile) {
      this.#files.set(found.inode, found);
      this.#feeds.set(found.feed, found);
      this.#orphans.adopted(found.feed);
    } else if (found !== null) {
      this.#packed.add(found);
    }
  }

  async #look(file: TailedFile): Promise<void> {
    file.isBusy = true;
    file.isAtEnd = false;
    file.lookedMs = this.now();
    const isRead = await this.#troubles.guard('reading', file.path, async () => {
      const result = await file.look();
      file.isAtEnd = result === 'end';
      const isQuiet = this.now() - file.lastChangeMs >= this.#options.quietMs;
      if (result === 'rewritten') {
        await this.#drop(file);
        this.#orphans.add(file, this.now());
      } else if (result === 'end' && file.isRotated && isQuiet) {
        await this.#drop(file);
        await this.#bury(file);
      } else if (result === 'end' && isQuiet) {
        await file.finishWhole(this.maxRecordBytes);
      }
    });
    // Opened anew, it may be readable again; it goes on where the last delivery ended.
    if (!isRead) await this.#drop(file);
    file.isBusy = false;
  }

  /** Nobody will write the end of its last line. */
  async #bury(file: TailedFile): Promise<void> {
    await file.finish();
    this.#receiver?.gone(file.feed);
  }

  async #drop(file: TailedFile): Promise<void> {
    this.#files.delete(file.inode);
    this.#feeds.delete(file.feed);
    // Copies of it may now be what is left of it.
    this.#examined.clear();
    await file.close();
  }
}
