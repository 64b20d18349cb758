import type { SealedToken } from '../model/sealed.ts';
import type { Connection } from './connection.ts';
import type { SealedStore } from './denial-port.ts';

export const sealedTables = `
    CREATE TABLE sealed_tokens (token TEXT PRIMARY KEY, until_ms REAL NOT NULL, box BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX sealed_tokens_by_end ON sealed_tokens (until_ms);`;

const putSql = `INSERT INTO sealed_tokens VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET until_ms = excluded.until_ms, box = excluded.box WHERE excluded.until_ms > until_ms`;
const dropFirstSql = 'DELETE FROM sealed_tokens WHERE token IN (SELECT token FROM sealed_tokens ORDER BY until_ms LIMIT ?)';

const forgetEveryMs = 60_000;

/** Tokens sealed to the executor's key. Nothing here can open one. */
export class SqliteSealed implements SealedStore {
  readonly #connection: Connection;
  readonly #maxTokens: number;
  readonly #now: () => number;
  #held: number | null = null;
  #forgottenMs = 0;

  constructor(connection: Connection, maxTokens = 100_000, now: () => number = Date.now) {
    this.#connection = connection;
    this.#now = now;
    this.#maxTokens = maxTokens;
  }

  /** Inside a transaction. */
  put({ token, untilMs, box }: SealedToken): void {
    if (this.#now() - this.#forgottenMs > forgetEveryMs) this.forgetEnded(this.#now());
    this.#connection.run(putSql, token, untilMs, box);
    // Replacing one counts too much until the next count: that only counts sooner.
    this.#held = (this.#held ?? this.#count()) + 1;
    if (this.#held <= this.#maxTokens) return;
    this.#held = this.#count();
    if (this.#held > this.#maxTokens) this.#drop(this.#held - this.#maxTokens + Math.floor(this.#maxTokens / 20));
  }

  get(token: string, nowMs: number): Uint8Array | null {
    const row = this.#connection.get('SELECT box FROM sealed_tokens WHERE token = ? AND until_ms > ?', token, nowMs);
    return row?.['box'] as Uint8Array | undefined ?? null;
  }

  *tokens(nowMs: number): Iterable<string> {
    for (const row of this.#connection.each('SELECT token FROM sealed_tokens WHERE until_ms > ?', nowMs)) yield row['token'] as string;
  }

  forgetEnded(nowMs: number): number {
    this.#held = null;
    this.#forgottenMs = nowMs;
    return this.#connection.run('DELETE FROM sealed_tokens WHERE until_ms <= ?', nowMs);
  }

  #drop(count: number): void {
    this.#connection.run(dropFirstSql, count);
    this.#held = this.#count();
  }

  #count(): number {
    return this.#connection.get('SELECT count(*) AS held FROM sealed_tokens')!['held'] as number;
  }
}
