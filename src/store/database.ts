import { statSync } from 'node:fs';
import { Connection, type ConnectionOptions } from './connection.ts';
import { damaged, StoreError } from './error.ts';

export interface Schema {
  /** Marks the file as ours (`PRAGMA application_id`). */
  readonly applicationId: number;
  /** What leads from each version to the next; a file's version is how many of them it has seen. */
  readonly migrations: readonly string[];
}

export type OpenOptions = Required<Pick<ConnectionOptions, 'readOnly' | 'durable'>>;

/** Larger files are not read whole at every start; their values still carry checksums. About half a second from the disk cache. */
const largestCheckedBytes = 2 ** 30;

/** Opens a file of the store and brings it to the present schema. Throws `StoreError` for what is damaged, foreign or newer. */
export function openDatabase(file: string, schema: Schema, options: OpenOptions): Connection {
  const connection = new Connection(file, options);
  try {
    checkKind(connection, schema);
    if (!options.readOnly) migrate(connection, schema);
    checkWhole(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function checkKind(connection: Connection, schema: Schema): void {
  const { file } = connection;
  const version = connection.pragma('user_version') as number;
  const isEmpty = connection.get('SELECT 1 FROM sqlite_schema LIMIT 1') === undefined;
  if (!isEmpty && connection.pragma('application_id') !== schema.applicationId) throw new StoreError(`${file} is no store of Tokenward: name another folder`);
  if (version > schema.migrations.length) {
    throw new StoreError(`${file} was written by a newer Tokenward (schema ${version}, this one knows ${schema.migrations.length}): use that version, or name another folder`);
  }
}

function migrate(connection: Connection, schema: Schema): void {
  const version = connection.pragma('user_version') as number;
  // Set before the first table: rows of up to 2 KiB then need no overflow page.
  if (version === 0) connection.execute('PRAGMA page_size = 8192');
  connection.execute('PRAGMA journal_mode = WAL');
  for (let next = version; next < schema.migrations.length; next++) {
    connection.transaction(() => {
      connection.execute(schema.migrations[next]!);
      connection.execute(`PRAGMA user_version = ${next + 1}; PRAGMA application_id = ${schema.applicationId}`);
    });
  }
}

function checkWhole(connection: Connection): void {
  if (statSync(connection.file).size > largestCheckedBytes) return;
  const finding = connection.pragma('quick_check(1)');
  if (finding !== 'ok') throw damaged(connection.file, String(finding));
}
