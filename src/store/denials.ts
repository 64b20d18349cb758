import type { Denial } from '../model/denial.ts';
import { checksum } from './checksum.ts';
import type { Connection, Row } from './connection.ts';
import { damaged } from './error.ts';
import type { DenialStore, DenyListState, PutLimits } from './denial-port.ts';

export const denialTables = `
    CREATE TABLE deny_lists (name TEXT PRIMARY KEY, number INTEGER NOT NULL, changed_ms REAL NOT NULL) WITHOUT ROWID;
    CREATE TABLE denials (list TEXT NOT NULL, intent TEXT NOT NULL, number INTEGER NOT NULL, until_ms REAL NOT NULL, document TEXT NOT NULL, checksum INTEGER NOT NULL,
      PRIMARY KEY (list, intent)) WITHOUT ROWID;
    CREATE INDEX denials_by_end ON denials (list, until_ms);
    CREATE TABLE deny_list_holders (list TEXT NOT NULL, gateway TEXT NOT NULL, number INTEGER NOT NULL, time_ms REAL NOT NULL,
      PRIMARY KEY (list, gateway)) WITHOUT ROWID;`;

/** What `until_ms` holds for an entry that ends only when it is taken back. */
const never = Number.MAX_SAFE_INTEGER;
const putSql = 'INSERT INTO denials VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
const renumberSql = 'INSERT INTO deny_lists VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET number = excluded.number, changed_ms = excluded.changed_ms';
const holdSql = 'INSERT INTO deny_list_holders VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET number = excluded.number, time_ms = excluded.time_ms';

export class SqliteDenials implements DenialStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  state(list: string): DenyListState {
    const row = this.#connection.get('SELECT number, changed_ms FROM deny_lists WHERE name = ?', list);
    return { number: row?.['number'] as number | undefined ?? 0, changedMs: row?.['changed_ms'] as number | undefined ?? 0 };
  }

  entry(list: string, intentId: string): Denial | null {
    const row = this.#connection.get('SELECT * FROM denials WHERE list = ? AND intent = ?', list, intentId);
    return row === undefined ? null : this.#parse(row);
  }

  entries(list: string): Denial[] {
    return [...this.#connection.each('SELECT * FROM denials WHERE list = ? ORDER BY number, intent', list)].map((row) => this.#parse(row));
  }

  put(list: string, denial: Omit<Denial, 'number'>, { nowMs, endedMs, maxEntries }: PutLimits): 'put' | 'known' | 'full' {
    let outcome: 'put' | 'known' | 'full' = 'known';
    this.#connection.transaction(() => {
      if (this.entry(list, denial.intentId) !== null) return;
      const ended = this.#connection.run('DELETE FROM denials WHERE list = ? AND until_ms <= ?', list, endedMs);
      const held = this.#connection.get('SELECT count(*) AS held FROM denials WHERE list = ?', list)!['held'] as number;
      outcome = held >= maxEntries ? 'full' : 'put';
      if (outcome === 'full' && ended === 0) return;
      const number = this.#renumber(list, nowMs);
      if (outcome === 'full') return;
      const document = JSON.stringify({ ...denial, number });
      const sum = checksum(list, denial.intentId, number, document);
      this.#connection.run(putSql, list, denial.intentId, number, denial.untilMs ?? never, document, sum);
    });
    return outcome;
  }

  remove(list: string, intentId: string, nowMs: number): boolean {
    let removed = false;
    this.#connection.transaction(() => {
      removed = this.#connection.run('DELETE FROM denials WHERE list = ? AND intent = ?', list, intentId) > 0;
      if (removed) this.#renumber(list, nowMs);
    });
    return removed;
  }

  hold(list: string, gateway: string, number: number, nowMs: number): void {
    this.#connection.run(holdSql, list, gateway, number, nowMs);
  }

  holders(list: string): Map<string, number> {
    const rows = this.#connection.each('SELECT gateway, number FROM deny_list_holders WHERE list = ?', list);
    return new Map([...rows].map((row) => [row['gateway'] as string, row['number'] as number]));
  }

  /** Never below the clock's seconds: a store restored from a backup uses no number again that gateways have seen. */
  #renumber(list: string, nowMs: number): number {
    const number = Math.max(this.state(list).number + 1, Math.floor(nowMs / 1000));
    this.#connection.run(renumberSql, list, number, nowMs);
    return number;
  }

  #parse(row: Row): Denial {
    const { list, intent, number, document } = row as unknown as { list: string; intent: string; number: number; document: string };
    if (checksum(list, intent, number, document) !== row['checksum']) throw damaged(this.#connection.file, `denials ${intent}`);
    return JSON.parse(document) as Denial;
  }
}
