import { checksum } from './checksum.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';
import type { Connection } from './connection.ts';
import { openDatabase, type OpenOptions } from './database.ts';
import { damaged, StoreError } from './error.ts';
import type { Checkpoint, StateStore } from './port.ts';
import { stateSchema, upsertMeta } from './state-schema.ts';

interface StoredRow { readonly key: Uint8Array; readonly layout: string; readonly bytes: Uint8Array }

/** Opens `state.db` on this thread for reading; writing happens in a worker. */
export function openState(file: string, options: OpenOptions): SqliteState {
  return new SqliteState(openDatabase(file, stateSchema, options), options);
}

export class SqliteState implements StateStore {
  private readonly connection: Connection;
  private readonly writer: CheckpointWriter | null;
  private readonly scopes = new Map<string, number>();
  private readonly layouts = new Map<number, string>();

  constructor(connection: Connection, options: OpenOptions) {
    this.connection = connection;
    this.writer = options.readOnly ? null : new CheckpointWriter({ file: connection.file, durable: options.durable });
  }

  /** Positions that the checkpoint does not name stay as they are. The buffers of its rows move to the worker. */
  write(checkpoint: Checkpoint): Promise<void> {
    return this.writer?.write(checkpoint) ?? Promise.reject(new StoreError(`${this.connection.file} was opened for reading only`));
  }

  row(scope: string, key: Uint8Array): { readonly layout: string; readonly bytes: Uint8Array } | null {
    const id = this.scopeId(scope);
    const row = id === null ? undefined : this.connection.get('SELECT layout, checksum, bytes FROM rows WHERE scope = ? AND key = ?', id, key);
    return row === undefined ? null : this.checkedRow(scope, key, row['layout'], row['checksum'], row['bytes']);
  }

  *rows(scope: string): Iterable<StoredRow> {
    const id = this.scopeId(scope);
    if (id === null) return;
    const rows = this.connection.eachTuple('SELECT key, layout, checksum, bytes FROM rows WHERE scope = ?', id);
    for (const [key, layout, sum, bytes] of rows) yield this.checkedRow(scope, key as Uint8Array, layout, sum, bytes);
  }

  entity(kind: string, key: string): Uint8Array | null {
    const row = this.connection.get('SELECT checksum, bytes FROM entities WHERE kind = ? AND key = ?', kind, key);
    return row === undefined ? null : this.checkedEntity(kind, key, row['checksum'], row['bytes']);
  }

  /** By the keys' UTF-8 bytes. */
  *entities(kind: string): Iterable<[string, Uint8Array]> {
    for (const [key, sum, bytes] of this.connection.eachTuple('SELECT key, checksum, bytes FROM entities WHERE kind = ? ORDER BY key', kind)) {
      yield [key as string, this.checkedEntity(kind, key as string, sum, bytes)];
    }
  }

  positions(): Map<string, string> {
    const found = [...this.connection.each('SELECT feed, position, checksum FROM positions ORDER BY feed')];
    const rows = found as unknown as { feed: string; position: string; checksum: number }[];
    for (const row of rows) if (checksum(row.feed, row.position) !== row.checksum) throw damaged(this.connection.file, `position of ${row.feed}`);
    return new Map(rows.map(({ feed, position }) => [feed, position]));
  }

  change(): number {
    return Number(this.getMeta('change') ?? 0);
  }

  getMeta(key: string): string | null {
    const row = this.connection.get('SELECT value, checksum FROM meta WHERE key = ?', key) as { value: string; checksum: number } | undefined;
    if (row === undefined) return null;
    if (checksum(key, row.value) !== row.checksum) throw damaged(this.connection.file, key);
    return row.value;
  }

  /** Only while no checkpoint is being written: it would have to wait for that. */
  setMeta(key: string, value: string): void {
    this.connection.run(upsertMeta, key, value, checksum(key, value));
  }

  /** Waits for a checkpoint under way; closed at once where none was ever written. */
  async close(): Promise<void> {
    const stopped = this.writer?.close() ?? null;
    if (stopped !== null) await stopped;
    this.connection.close();
  }

  private scopeId(scope: string): number | null {
    const known = this.scopes.get(scope);
    if (known !== undefined) return known;
    const row = this.connection.get('SELECT id FROM scopes WHERE name = ?', scope);
    if (row === undefined) return null;
    this.scopes.set(scope, row['id'] as number);
    return row['id'] as number;
  }

  private layoutOf(id: number): string {
    let text = this.layouts.get(id);
    if (text === undefined) {
      const row = this.connection.get('SELECT description, checksum FROM layouts WHERE id = ?', id) as { description: string; checksum: number } | undefined;
      if (row === undefined || checksum(id, row.description) !== row.checksum) throw damaged(this.connection.file, `layout ${id}`);
      text = row.description;
      this.layouts.set(id, text);
    }
    return text;
  }

  private checkedRow(scope: string, key: Uint8Array, layout: unknown, sum: unknown, bytes: unknown): StoredRow {
    if (checksum(scope, key, layout as number, bytes as Uint8Array) !== sum) throw damaged(this.connection.file, `row of ${scope}`);
    return { key, layout: this.layoutOf(layout as number), bytes: bytes as Uint8Array };
  }

  private checkedEntity(kind: string, key: string, sum: unknown, bytes: unknown): Uint8Array {
    if (checksum(kind, key, bytes as Uint8Array) !== sum) throw damaged(this.connection.file, `${kind} ${key}`);
    return bytes as Uint8Array;
  }
}
