import { backup, DatabaseSync, type StatementSync } from 'node:sqlite';
import { explain } from './error.ts';

export type Value = string | number | Uint8Array;
export type Row = Record<string, unknown>;

/** Pages copied at a time: all of them, so that a writer cannot make the copy begin anew for ever. */
const wholeFile = 0x7fffffff;

export interface ConnectionOptions {
  readonly readOnly?: boolean;
  /** Commits survive a power cut. False only for a store that is thrown away in the end. Default: true. */
  readonly durable?: boolean;
  /** How long to wait for another connection that writes. */
  readonly waitMs?: number;
}

/** A connection to one file with its prepared statements. Whatever SQLite throws comes out as a `StoreError` that names the file. */
export class Connection {
  readonly file: string;
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();

  constructor(file: string, options: ConnectionOptions = {}) {
    this.file = file;
    this.database = this.guard(() => new DatabaseSync(file, { readOnly: options.readOnly ?? false, timeout: options.waitMs ?? 5000 }));
    if (options.readOnly === true) return;
    try {
      this.execute(`PRAGMA synchronous = ${options.durable === false ? 'OFF' : 'FULL'}; PRAGMA journal_size_limit = 67108864`);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Writes the file as it is now to another place, page by page, also while somebody else writes to it. */
  async copyTo(file: string): Promise<void> {
    try {
      await backup(this.database, file, { rate: wholeFile });
    } catch (error) {
      throw explain(error, this.file);
    }
  }

  execute(sql: string): void {
    this.guard(() => this.database.exec(sql));
  }

  /** How many rows it changed. */
  run(sql: string, ...values: Value[]): number {
    return Number(this.guard(() => this.prepared(sql).run(...values)).changes);
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.guard(() => this.prepared(sql).get(...values));
  }

  /** Row by row, with a statement of its own, so that two walks can be under way at once. */
  *each(sql: string, ...values: Value[]): Iterable<Row> {
    try {
      yield* this.database.prepare(sql).iterate(...values);
    } catch (error) {
      throw explain(error, this.file);
    }
  }

  /** The same, each row as the values of its columns: where there are hundreds of thousands, making objects of them takes a third of the reading. */
  *eachTuple(sql: string, ...values: Value[]): Iterable<readonly unknown[]> {
    try {
      const statement = this.database.prepare(sql);
      statement.setReturnArrays(true);
      // Its type knows only objects.
      yield* statement.iterate(...values) as Iterable<unknown> as Iterable<readonly unknown[]>;
    } catch (error) {
      throw explain(error, this.file);
    }
  }

  pragma(name: string): unknown {
    return Object.values(this.get(`PRAGMA ${name}`) ?? {})[0];
  }

  /** Runs `work` in one transaction; undone as a whole when it throws. */
  transaction(work: () => void): void {
    this.execute('BEGIN IMMEDIATE');
    try {
      work();
      this.execute('COMMIT');
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Closing twice does no harm. */
  close(): void {
    if (this.database.isOpen) this.database.close();
  }

  private prepared(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  private guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explain(error, this.file);
    }
  }
}
