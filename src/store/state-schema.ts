import type { Schema } from './database.ts';
import type { RowsCopy } from './port.ts';

export const stateSchema: Schema = {
  applicationId: 0x746b7374,
  migrations: [`
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE scopes (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE layouts (id INTEGER PRIMARY KEY, description TEXT NOT NULL UNIQUE, checksum INTEGER NOT NULL);
    CREATE TABLE rows (scope INTEGER NOT NULL, key BLOB NOT NULL, layout INTEGER NOT NULL, checksum INTEGER NOT NULL, bytes BLOB NOT NULL,
      PRIMARY KEY (scope, key)) WITHOUT ROWID;
    CREATE TABLE entities (kind TEXT NOT NULL, key TEXT NOT NULL, checksum INTEGER NOT NULL, bytes BLOB NOT NULL,
      PRIMARY KEY (kind, key)) WITHOUT ROWID;
    CREATE TABLE positions (feed TEXT PRIMARY KEY, position TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;`],
};

export const upsertMeta = 'INSERT INTO meta VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, checksum = excluded.checksum';

/** Entities of one kind in three pieces: handing over many small buffers costs more than the work. */
export interface PackedEntities {
  readonly kind: string;
  readonly keys: readonly string[];
  /** Bytes of each, -1 for a deleted one. */
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What goes to the worker, and what comes back: nothing, or why it failed. */
export type WorkerRequest =
  | {
    readonly kind: 'write'; readonly change: number; readonly rows: readonly RowsCopy[]; readonly entities: readonly PackedEntities[];
    readonly positions: ReadonlyMap<string, string>;
  }
  | { readonly kind: 'close' };
export interface WorkerAnswer { readonly failure: string | null }
export interface WorkerSettings { readonly file: string; readonly durable: boolean }
