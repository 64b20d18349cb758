import { join } from 'node:path';
import { makeTemporaryFolder, type TemporaryFolder } from '../../files/temporary-folder.ts';
import type { TokenEvent } from '../../model/event.ts';
import { merge } from './merge.ts';
import { compareEvents, readRun, writeRun } from './run.ts';
import type { SortedEvent } from './run.ts';

export type { SortedEvent } from './run.ts';

export interface SorterOptions {
  /** So many events are held in memory; more go to sorted files. */
  readonly maxInMemory?: number;
  /** Folder in which a private one is made for these files; the system's by default. */
  readonly folder?: string;
}

/** So many files are merged at a time; when more gather, they are merged into one of the next rank. */
const maxFanIn = 64;
const batchEvents = 1024;

/**
 * Puts events of all inputs in the order of `orderMs`, then input, then record, in bounded memory: an
 * external merge sort. The order does not depend on whether files were needed. `dispose` in any case:
 * it removes what is on disk.
 */
export class EventSorter {
  private readonly maxInMemory: number;
  private readonly parent: string | undefined;
  private folder: TemporaryFolder | null = null;
  private held: SortedEvent[] = [];
  private readonly feeds: string[] = [];
  /** Files by rank: one of rank n has been merged from `maxFanIn` of rank n - 1. */
  private readonly runs: string[][] = [[]];
  private runsWritten = 0;

  constructor(options: SorterOptions = {}) {
    this.maxInMemory = options.maxInMemory ?? 200_000;
    this.parent = options.folder;
  }

  /** `feed` is the identity of input number `input`. May write to disk; errors of the disk are thrown. */
  add(event: TokenEvent, feed: string, input: number, ordinal: number): void {
    this.feeds[input] = feed;
    this.held.push({ event, orderMs: event.orderMs, feed, input, ordinal });
    if (this.held.length >= this.maxInMemory) this.spill();
  }

  /** All events in order, in batches. Ends the sorter: nothing can be added afterwards. */
  *finish(): Generator<SortedEvent[]> {
    const held = this.held.sort(compareEvents);
    this.held = [];
    const runs = this.runs.flat().map((file) => readRun(file, this.feeds));
    let batch: SortedEvent[] = [];
    for (const item of runs.length === 0 ? held : merge([...runs, held])) {
      batch.push(item);
      if (batch.length === batchEvents) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  /** Removes everything on disk. */
  dispose(): void {
    this.held = [];
    this.folder?.remove();
    this.folder = null;
  }

  private spill(): void {
    this.write(0, this.held.sort(compareEvents));
    this.held = [];
    for (let rank = 0; this.runs[rank]!.length >= maxFanIn; rank++) {
      const files = this.runs[rank]!.splice(0);
      this.write(rank + 1, merge(files.map((file) => readRun(file, this.feeds))));
    }
  }

  private write(rank: number, events: Iterable<SortedEvent>): void {
    this.folder ??= makeTemporaryFolder('tokenward-sort-', this.parent);
    const file = join(this.folder.path, `run-${this.runsWritten++}`);
    writeRun(file, events);
    (this.runs[rank] ??= []).push(file);
  }
}
