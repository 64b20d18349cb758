import { randomBytes } from 'node:crypto';
import type { Connection } from './connection.ts';
import { openDatabase, type Schema } from './database.ts';

const schema: Schema = {
  applicationId: 0x746b7370,
  migrations: [`
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE entries (sequence INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, received_ms REAL NOT NULL,
      payload TEXT NOT NULL);
    CREATE INDEX entries_by_source ON entries (source, sequence);
    CREATE TABLE batches (source TEXT NOT NULL, batch TEXT NOT NULL, received_ms REAL NOT NULL, content TEXT NOT NULL, answer TEXT NOT NULL,
      PRIMARY KEY (source, batch)) WITHOUT ROWID;
    CREATE INDEX batches_by_time ON batches (received_ms);`],
};

const rememberedMs = 24 * 3_600_000;
/** What a batch takes besides its payload. */
const overheadBytes = 256;

interface Entry {
  readonly source: string;
  readonly batchId: string;
  readonly contentHash: string;
  readonly answer: string;
  readonly receivedMs: number;
  readonly payload: string;
}

interface SpooledRow { readonly sequence: number; readonly receivedMs: number; readonly payload: string }

export interface SpoolOptions {
  /** Room for payloads. The file may be larger by what SQLite needs. */
  readonly capacityBytes?: number;
  /** Ids of batches are remembered for a day, but no more of them than this: then the oldest tenth goes. */
  readonly maxRemembered?: number;
}

/** Opens `spool.db`: pushed batches that were acknowledged and are not covered by a checkpoint yet. Throws `StoreError`. */
export function openSpool(file: string, options: SpoolOptions = {}): SqliteSpool {
  return new SqliteSpool(openDatabase(file, schema, { readOnly: false, durable: true }), options);
}

/** See `Spool` in the folder of the push source, which it is passed to. */
export class SqliteSpool {
  readonly id: string;
  readonly capacityBytes: number;
  #usedBytes: number;
  #remembered: number;
  readonly #maxRemembered: number;
  readonly #connection: Connection;

  constructor(connection: Connection, { capacityBytes = 256 << 20, maxRemembered = 200_000 }: SpoolOptions) {
    this.#connection = connection;
    this.capacityBytes = capacityBytes;
    this.#maxRemembered = maxRemembered;
    connection.run("INSERT INTO meta VALUES ('id', ?) ON CONFLICT DO NOTHING", randomBytes(8).toString('hex'));
    this.id = connection.get("SELECT value FROM meta WHERE key = 'id'")!['value'] as string;
    this.#usedBytes = this.#sum('');
    this.#remembered = this.#count();
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get freeBytes(): number {
    return Math.max(0, this.capacityBytes - this.#usedBytes);
  }

  after(source: string, sequence: number, maxBytes: number): SpooledRow[] {
    const found: SpooledRow[] = [];
    let bytes = 0;
    const sql = 'SELECT sequence, received_ms, payload FROM entries WHERE source = ? AND sequence > ? ORDER BY sequence';
    for (const row of this.#connection.each(sql, source, sequence)) {
      const payload = row['payload'] as string;
      found.push({ sequence: row['sequence'] as number, receivedMs: row['received_ms'] as number, payload });
      if ((bytes += sizeOf(payload)) >= maxBytes) break;
    }
    return found;
  }

  waiting(source: string, sequence: number): number {
    return this.#connection.get('SELECT count(*) AS n FROM entries WHERE source = ? AND sequence > ?', source, sequence)!['n'] as number;
  }

  known(source: string, batchId: string): { contentHash: string; answer: string } | null {
    const row = this.#connection.get('SELECT content, answer FROM batches WHERE source = ? AND batch = ?', source, batchId);
    return row === undefined ? null : { contentHash: row['content'] as string, answer: row['answer'] as string };
  }

  append({ source, batchId, contentHash, answer, receivedMs, payload }: Entry): void {
    this.#connection.transaction(() => {
      this.#forget(receivedMs);
      this.#connection.run('INSERT INTO batches VALUES (?, ?, ?, ?, ?)', source, batchId, receivedMs, contentHash, answer);
      this.#connection.run('INSERT INTO entries (source, received_ms, payload) VALUES (?, ?, ?)', source, receivedMs, payload);
    });
    this.#remembered++;
    this.#usedBytes += sizeOf(payload);
  }

  consumed(source: string, sequence: number): void {
    const freed = this.#sum('WHERE source = ? AND sequence <= ?', source, sequence);
    if (freed === 0) return;
    this.#connection.run('DELETE FROM entries WHERE source = ? AND sequence <= ?', source, sequence);
    this.#usedBytes -= freed;
  }

  close(): void {
    this.#connection.close();
  }

  /** Ids that are too old, and the oldest of too many. */
  #forget(nowMs: number): void {
    this.#connection.run('DELETE FROM batches WHERE received_ms < ?', nowMs - rememberedMs);
    if (this.#remembered < this.#maxRemembered) return;
    if (this.#count() >= this.#maxRemembered) {
      const sql = 'DELETE FROM batches WHERE (source, batch) IN (SELECT source, batch FROM batches ORDER BY received_ms LIMIT ?)';
      this.#connection.run(sql, Math.ceil(this.#maxRemembered / 10));
    }
    this.#remembered = this.#count();
  }

  #sum(where: string, ...values: (string | number)[]): number {
    const sql = `SELECT coalesce(sum(octet_length(payload) + ${overheadBytes}), 0) AS n FROM entries ${where}`;
    return this.#connection.get(sql, ...values)!['n'] as number;
  }

  #count(): number {
    return this.#connection.get('SELECT count(*) AS n FROM batches')!['n'] as number;
  }
}

function sizeOf(payload: string): number {
  return Buffer.byteLength(payload) + overheadBytes;
}
