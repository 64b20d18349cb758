import type { Stats } from 'node:fs';
import { glob, open, stat } from 'node:fs/promises';
import type { Delivery, LiveSource, Receiver, SourceHealth } from '../live.ts';
import { defaultMaxRecordBytes } from '../split/splitter.ts';
import { isSystemError } from '../walk.ts';
import { examine, inodeOf } from './examine.ts';
import { TailedFile } from './file.ts';
import { isReadThrough, readPacked, type PackedFile } from './packed.ts';
import { remember } from './remember.ts';

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
  readonly #options: TailOptions;
  readonly #pollMs: number;
  readonly #quietMs: number;
  /** By inode, and by feed. */
  readonly #files = new Map<string, TailedFile>();
  readonly #feeds = new Map<string, TailedFile>();
  /** Files that were emptied a moment ago, by feed. */
  readonly #orphans = new Map<string, TailedFile>();
  /** Inode of a file that is not followed -> what it was like when that was decided. */
  readonly #examined = new Map<string, string>();
  /** Positions delivered since the start: newer than those of the store. */
  readonly #positions = new Map<string, string>();
  readonly #packed = new Map<string, PackedFile>();
  readonly #unreadable = new Map<string, string>();
  #receiver: Receiver | null = null;
  #timer: NodeJS.Timeout | null = null;
  #polling: Promise<void> = Promise.resolve();
  readonly #working = new Set<Promise<void>>();
  #isPacking = false;
  #paused = false;
  #looks = 0;
  #tooMany = 0;
  #lastSearchMs: number | null = null;

  constructor(options: TailOptions) {
    this.name = options.name;
    this.now = options.now ?? Date.now;
    this.maxRecordBytes = options.maxRecordBytes ?? defaultMaxRecordBytes;
    this.#options = options;
    this.#pollMs = options.pollMs ?? 250;
    this.#quietMs = options.quietMs ?? 5000;
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
    const codes = [...new Set(this.#unreadable.values())];
    const problems = [
      ...(this.#lastSearchMs === null ? ['no look at the files has succeeded yet'] : []),
      ...(this.#tooMany > 0 ? [`${this.#tooMany} files beyond the ${maxFiles} that are followed at once`] : []),
      ...(this.#unreadable.size > 0 ? [`${this.#unreadable.size} files cannot be read (${codes.join(', ')})`] : []),
    ];
    const detail = problems.length > 0 ? problems.join('; ') : `follows ${this.#files.size} files`;
    return { ok: problems.length === 0, lastFetchMs: this.#lastSearchMs, lag: this.#isAllRead() ? 0 : null, detail };
  }

  async stop(): Promise<void> {
    this.#receiver = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#polling;
    await Promise.all(this.#working);
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
    }, this.#pollMs);
  }

  async #poll(): Promise<void> {
    if (this.#looks++ % looksPerSearch === 0) await this.#search();
    const askedMs = this.now();
    for (const file of this.#files.values()) if (!file.isBusy) this.#work(this.#look(file));
    if (this.#orphans.size > 0) this.#work(this.#buryOrphans());
    if (!this.#isPacking && this.isReading() && this.#packed.size > 0) this.#work(this.#unpack());
    if (this.#isAllRead()) for (const feed of this.#feeds.keys()) this.#receiver?.caughtUp(feed, askedMs);
  }

  #work(work: Promise<void>): void {
    this.#working.add(work);
    void work.finally(() => this.#working.delete(work));
  }

  #isAllRead(): boolean {
    return this.#packed.size === 0 && [...this.#files.values()].every((file) => file.isAtEnd);
  }

  /** Looks what files there are. A file that is followed and no longer found has been rotated away. */
  async #search(): Promise<void> {
    const found = new Set<string>();
    const paths = new Set<string>();
    this.#tooMany = 0;
    for await (const path of glob([...this.#options.paths])) {
      paths.add(path);
      await this.#guard(path, async () => {
        const stats = await stat(path);
        if (stats.isFile()) found.add(inodeOf(stats));
        if (stats.isFile()) await this.#meet(path, stats);
      });
      if (this.#receiver === null) return;
    }
    for (const path of this.#unreadable.keys()) if (!paths.has(path)) this.#unreadable.delete(path);
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
    const isQuiet = this.now() - stats.mtimeMs >= this.#quietMs;
    const shape = `${stats.size} ${isQuiet}`;
    if (this.#examined.get(inode) === shape) return;
    if (this.#files.size >= maxFiles) {
      this.#tooMany++;
      return;
    }
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
      this.#orphans.delete(found.feed);
    } else if (found !== null && !isReadThrough(found, this)) {
      this.#packed.set(found.inode, found);
    }
  }

  async #look(file: TailedFile): Promise<void> {
    file.isBusy = true;
    await this.#guard(file.path, async () => {
      const result = await file.look();
      file.isAtEnd = result === 'end';
      const isQuiet = this.now() - file.lastChangeMs >= this.#quietMs;
      if (result === 'rewritten') {
        await this.#drop(file);
        file.lastChangeMs = this.now();
        this.#orphans.set(file.feed, file);
      } else if (result === 'end' && file.isRotated && isQuiet) {
        await this.#drop(file);
        await this.#bury(file);
      } else if (result === 'end' && isQuiet) {
        await file.finishWhole(this.maxRecordBytes);
      }
    }, async (code) => {
      await this.#drop(file);
      this.#receiver?.stopped(file.feed, `The file cannot be read (${code}).`);
    });
    file.isBusy = false;
  }

  /** Nobody will write the end of its last line. */
  async #bury(file: TailedFile): Promise<void> {
    await file.finish();
    this.#receiver?.gone(file.feed);
  }

  /** Emptied files of which no copy was found that holds the rest. */
  async #buryOrphans(): Promise<void> {
    for (const [feed, file] of this.#orphans) {
      if (this.now() - file.lastChangeMs < 2 * this.#quietMs || !this.isReading()) continue;
      this.#orphans.delete(feed);
      await this.#bury(file);
    }
  }

  async #drop(file: TailedFile): Promise<void> {
    this.#files.delete(file.inode);
    this.#feeds.delete(file.feed);
    // Copies of it may now be what is left of it.
    this.#examined.clear();
    await file.close();
  }

  /** Reads the packed files that wait, one after another. */
  async #unpack(): Promise<void> {
    this.#isPacking = true;
    for (const [inode, file] of [...this.#packed].sort(([, a], [, b]) => a.modifiedMs - b.modifiedMs)) {
      if (!this.isReading()) break;
      let result: 'done' | 'waits' | 'halted' = 'done';
      await this.#guard(file.path, async () => { result = await readPacked(file, this); });
      if (result === 'done') this.#packed.delete(inode);
    }
    this.#isPacking = false;
  }

  /** What the system refuses is told by `health`; a file that is gone meanwhile is no error. */
  async #guard(path: string, work: () => Promise<void>, onFailure?: (code: string) => Promise<void>): Promise<void> {
    try {
      await work();
      this.#unreadable.delete(path);
    } catch (error) {
      const code = isSystemError(error) ? error.code : 'failed';
      if (code !== 'ENOENT') remember(this.#unreadable, path, code);
      await onFailure?.(code);
    }
  }
}
