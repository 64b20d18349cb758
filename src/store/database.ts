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
    checkTables(connection, schema);
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
    const versions = `schema ${version}, this one knows ${schema.migrations.length}`;
    throw new StoreError(`${file} was written by a newer Tokenward (${versions}): use that version, or name another folder`);
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

/** The tables are what the migrations make; reading follows their columns' names. */
function checkTables(connection: Connection, schema: Schema): void {
  if (connection.pragma('user_version') !== schema.migrations.length) {
    throw new StoreError(`${connection.file} was written by an older Tokenward: open it once with a command that writes, such as \`run\``);
  }
  const model = new Connection(':memory:');
  for (const migration of schema.migrations) model.execute(migration);
  const isSame = tablesOf(model) === tablesOf(connection);
  model.close();
  if (!isSame) throw damaged(connection.file, 'its tables are not as they were made');
}

function tablesOf(connection: Connection): string {
  return JSON.stringify([...connection.each('SELECT type, name, sql FROM sqlite_schema ORDER BY name')]);
}

/** The thorough check: the quick one misses keys that a flipped bit put out of order, and takes as long. */
function checkWhole(connection: Connection): void {
  if (statSync(connection.file).size > largestCheckedBytes) return;
  const finding = connection.pragma('integrity_check(1)');
  if (finding !== 'ok') throw damaged(connection.file, String(finding));
}
