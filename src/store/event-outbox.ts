import { checksum } from './checksum.ts';
import type { Connection } from './connection.ts';
import { damaged } from './error.ts';
import type { EventOutbox, EventRecord, Settled, Subscriber, WaitingEvent } from './port.ts';

/** Events wait in chunks, because a row for each would cost more than to judge it. `documents`: id and JSON by turns, a line each. */
export const eventTables = `
    CREATE TABLE event_chunks (number INTEGER PRIMARY KEY, sink TEXT NOT NULL, count INTEGER NOT NULL, bytes INTEGER NOT NULL, documents TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE INDEX event_chunks_by_sink ON event_chunks (sink, number, count, bytes);
    CREATE TABLE dead_events (sink TEXT NOT NULL, id TEXT NOT NULL, reason TEXT NOT NULL, time_ms REAL NOT NULL, document TEXT NOT NULL, PRIMARY KEY (sink, id));`;

/** Documents that may wait for all sinks together. */
export const defaultMaxBytes = 512 << 20;
const maxChunkEvents = 500;
const maxChunkBytes = 1 << 20;
/** Of one sink in memory at once, but for one chunk more. */
const maxHeldEvents = 4000;
const maxHeldBytes = 8 << 20;

const sumStored = 'SELECT coalesce(sum(count), 0) AS count, coalesce(sum(bytes), 0) AS bytes FROM event_chunks WHERE sink = ?';
const sumDead = 'SELECT count(*) AS count, coalesce(sum(octet_length(document)), 0) AS bytes FROM dead_events WHERE sink = ?';
const nextChunk = 'SELECT number, count, bytes, documents, checksum FROM event_chunks WHERE sink = ? AND number > ? ORDER BY number LIMIT 1';

interface Sum { count: number; bytes: number }
interface Chunk extends Readonly<Sum> { readonly number: number; left: number }
interface Entry extends EventRecord { readonly chunk: Chunk; attempts: number; notBeforeMs: number }

/** One sink's chunks: some of them are in memory, in part settled. A chunk leaves the file when all of it is settled. */
interface Lane {
  readonly sink: string;
  readonly wake: () => void;
  readonly entries: Map<string, Entry>;
  readonly chunks: Set<Chunk>;
  heldBytes: number;
  /** Of the last chunk that was taken into memory. */
  lastNumber: number;
  /** In the file; `null` when it must be counted anew. */
  stored: Sum | null;
  dead: Sum | null;
  isRetired: boolean;
}

export class SqliteEventOutbox implements EventOutbox {
  readonly #connection: Connection;
  readonly #lanes = new Map<string, Lane>();
  #maxBytes = defaultMaxBytes;
  #hasNews = false;
  /** Numbers are never used again while we run, as SQLite would: a lane looks behind the last one that it took. */
  #lastNumber = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  subscribe(subscribers: readonly Pick<Subscriber, 'sink' | 'wake'>[], maxBytes = defaultMaxBytes): void {
    this.#lanes.clear();
    this.#maxBytes = maxBytes;
    this.#lastNumber = this.#connection.get('SELECT coalesce(max(number), 0) AS number FROM event_chunks')!['number'] as number;
    for (const { sink, wake } of subscribers) {
      const lane = { sink, wake, entries: new Map(), chunks: new Set<Chunk>(), heldBytes: 0, lastNumber: 0, stored: null, dead: null, isRetired: false };
      this.#lanes.set(sink, lane);
      this.#connection.transaction(() => this.#revive(lane));
    }
  }

  retire(sink: string): void {
    this.#lane(sink).isRetired = true;
  }

  /** Only inside `within`. */
  put(events: readonly EventRecord[]): void {
    if (events.length === 0) return;
    for (const lines of chunksOf(events)) {
      for (const lane of this.#lanes.values()) this.#putChunk(lane, lines);
    }
    this.#hasNews = true;
  }

  /** Runs a transaction that may put events; wakes their sinks once it is durable. */
  within(work: () => void): void {
    try {
      work();
      if (this.#hasNews) for (const { wake } of this.#lanes.values()) wake();
    } catch (error) {
      for (const lane of this.#lanes.values()) lane.stored = null;
      throw error;
    } finally {
      this.#hasNews = false;
    }
  }

  take(sink: string, nowMs: number, latestMs: number, limit: number): WaitingEvent[] {
    const lane = this.#lane(sink);
    for (;;) {
      const due: Entry[] = [];
      for (const entry of lane.entries.values()) {
        if (entry.notBeforeMs <= nowMs || entry.notBeforeMs > latestMs) due.push(entry);
        if (due.length === limit) return due;
      }
      if (!this.#load(lane)) return due;
    }
  }

  settle(sink: string, settled: readonly Settled[]): void {
    const lane = this.#lane(sink);
    const over: Chunk[] = [];
    this.#connection.transaction(() => {
      for (const one of settled) {
        const entry = lane.entries.get(one.alertId);
        if (entry === undefined) continue;
        if (one.kind === 'later') {
          entry.attempts++;
          entry.notBeforeMs = one.notBeforeMs;
          continue;
        }
        if (one.kind === 'dead') this.#bury(lane, entry, one.reason, one.timeMs);
        lane.entries.delete(entry.id);
        if (--entry.chunk.left === 0) over.push(entry.chunk);
      }
      for (const { number } of over) this.#connection.run('DELETE FROM event_chunks WHERE number = ?', number);
    });
    for (const chunk of over) this.#forget(lane, chunk);
  }

  nextDueMs(sink: string): number | null {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { notBeforeMs } of this.#lane(sink).entries.values()) nextMs = Math.min(nextMs, notBeforeMs);
    return Number.isFinite(nextMs) ? nextMs : null;
  }

  waiting(sink: string): number {
    const lane = this.#lane(sink);
    let waiting = this.#stored(lane).count;
    for (const { count, left } of lane.chunks) waiting -= count - left;
    return waiting;
  }

  deadCount(sink: string): number {
    return this.#dead(this.#lane(sink)).count;
  }

  isFull(): boolean {
    let bytes = 0;
    for (const lane of this.#lanes.values()) if (!lane.isRetired) bytes += this.#stored(lane).bytes + this.#dead(lane).bytes;
    return bytes >= this.#maxBytes;
  }

  #lane(sink: string): Lane {
    const lane = this.#lanes.get(sink);
    if (lane === undefined) throw new Error(`nothing is kept for the sink ${sink}`);
    return lane;
  }

  #stored(lane: Lane): Sum {
    return lane.stored ??= { ...this.#connection.get(sumStored, lane.sink) } as unknown as Sum;
  }

  #dead(lane: Lane): Sum {
    return lane.dead ??= { ...this.#connection.get(sumDead, lane.sink) } as unknown as Sum;
  }

  #putChunk(lane: Lane, lines: readonly string[]): void {
    const stored = this.#stored(lane);
    const documents = lines.join('\n');
    const [count, bytes] = [lines.length / 2, Buffer.byteLength(documents)];
    this.#connection.run('INSERT INTO event_chunks VALUES (?, ?, ?, ?, ?, ?)', ++this.#lastNumber, lane.sink, count, bytes, documents, checksum(documents));
    stored.count += count;
    stored.bytes += bytes;
  }

  /** Takes the next chunk into memory; false when there is none, or no room. */
  #load(lane: Lane): boolean {
    if (lane.entries.size >= maxHeldEvents || lane.heldBytes >= maxHeldBytes) return false;
    const row = this.#connection.get(nextChunk, lane.sink, lane.lastNumber) as (Sum & { number: number; documents: string; checksum: number }) | undefined;
    if (row === undefined) return false;
    const { number, count, bytes, documents } = row;
    if (checksum(documents) !== row.checksum) throw damaged(this.#connection.file, `events ${number}`);
    const chunk: Chunk = { number, count, bytes, left: 0 };
    const lines = documents.split('\n');
    for (let at = 0; at < lines.length; at += 2) {
      const [id, document] = [lines[at]!, lines[at + 1]!];
      // Read again after a crash: the one that is here stands for both.
      if (lane.entries.has(id)) continue;
      lane.entries.set(id, { id, document, chunk, attempts: 0, notBeforeMs: 0 });
      chunk.left++;
    }
    lane.lastNumber = number;
    lane.heldBytes += bytes;
    lane.chunks.add(chunk);
    if (chunk.left > 0) return true;
    this.#connection.run('DELETE FROM event_chunks WHERE number = ?', number);
    this.#forget(lane, chunk);
    return true;
  }

  #forget(lane: Lane, chunk: Chunk): void {
    const stored = this.#stored(lane);
    lane.chunks.delete(chunk);
    lane.heldBytes -= chunk.bytes;
    stored.count -= chunk.count;
    stored.bytes -= chunk.bytes;
  }

  #bury(lane: Lane, { id, document }: Entry, reason: string, timeMs: number): void {
    this.#connection.run('INSERT OR REPLACE INTO dead_events VALUES (?, ?, ?, ?, ?)', lane.sink, id, reason, timeMs, document);
    lane.dead = null;
  }

  /** What was refused waits again. */
  #revive(lane: Lane): void {
    const dead = [...this.#connection.each('SELECT id, document FROM dead_events WHERE sink = ?', lane.sink)] as unknown as EventRecord[];
    for (const lines of chunksOf(dead)) this.#putChunk(lane, lines);
    this.#connection.run('DELETE FROM dead_events WHERE sink = ?', lane.sink);
  }
}

/** Id and document by turns, as many as one chunk holds. */
function* chunksOf(events: readonly EventRecord[]): Iterable<string[]> {
  let lines: string[] = [];
  let length = 0;
  for (const { id, document } of events) {
    lines.push(id, document);
    length += document.length;
    if (lines.length < 2 * maxChunkEvents && length < maxChunkBytes) continue;
    yield lines;
    [lines, length] = [[], 0];
  }
  if (lines.length > 0) yield lines;
}
