import type { TokenKind, Vantage } from '../model/event.ts';
import type { RecordedUse, RecordingTotals } from '../model/recorded.ts';
import type { Connection, Row } from './connection.ts';
import type { MintedToken, RecordedTotals, RecordingStore, TouchedObject } from './recording-port.ts';

/** Empty text stands for what is not known, and 0 for an end that is not reached. */
export const recordingTables = `
    CREATE TABLE recorded_uses (incident TEXT NOT NULL, event TEXT NOT NULL, time_ms REAL NOT NULL, hop INTEGER NOT NULL, vantage TEXT NOT NULL,
      token TEXT NOT NULL, address TEXT NOT NULL, network TEXT NOT NULL, action TEXT NOT NULL, resource TEXT NOT NULL, object TEXT NOT NULL,
      bytes REAL NOT NULL, outcome TEXT NOT NULL, issued TEXT NOT NULL, issued_handle TEXT NOT NULL, issued_kind TEXT NOT NULL,
      PRIMARY KEY (incident, event)) WITHOUT ROWID;
    CREATE TABLE recordings (incident TEXT PRIMARY KEY, missed_events INTEGER NOT NULL, missed_bytes REAL NOT NULL, ended_ms REAL NOT NULL) WITHOUT ROWID;
    CREATE INDEX recordings_by_end ON recordings (ended_ms);`;

const putUse = 'INSERT INTO recorded_uses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
const putTotals = `INSERT INTO recordings VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET missed_events = excluded.missed_events, missed_bytes = excluded.missed_bytes, ended_ms = excluded.ended_ms`;
const groups = 'resource, object, network, vantage, hop, token';

/** See `RecordingStore`. Beyond so many rows in all, those of recordings that have ended go, the oldest first. */
export class SqliteRecordings implements RecordingStore {
  readonly #connection: Connection;
  readonly #maxRows: number;
  #held: number | null = null;

  constructor(connection: Connection, maxRows = 2_000_000) {
    this.#connection = connection;
    this.#maxRows = maxRows;
  }

  /** Inside a transaction. */
  put(uses: readonly RecordedUse[], totals: readonly RecordingTotals[]): void {
    for (const { incidentId, missedEvents, missedBytes, endedMs } of totals) {
      this.#connection.run(putTotals, incidentId, missedEvents, missedBytes, endedMs ?? 0);
    }
    if (uses.length === 0) return;
    this.#held ??= this.#connection.get('SELECT count(*) AS held FROM recorded_uses')!['held'] as number;
    for (const use of uses) this.#held += this.#connection.run(putUse, ...valuesOf(use));
    if (this.#held > this.#maxRows) this.#makeRoom();
  }

  touched(incidentIds: readonly string[], limit: number): TouchedObject[] {
    const sql = `SELECT ${groups}, count(*) AS events, sum(outcome = 'failure') AS refused, sum(bytes) AS bytes,
      min(time_ms) AS first_ms, max(time_ms) AS last_ms
      FROM recorded_uses WHERE incident IN (SELECT value FROM json_each(?)) GROUP BY ${groups}
      ORDER BY bytes DESC, first_ms, ${groups} LIMIT ?`;
    return [...this.#connection.each(sql, JSON.stringify(incidentIds), limit)].map((row) => ({
      resource: textOf(row, 'resource'), object: textOf(row, 'object'), network: textOf(row, 'network'), token: textOf(row, 'token'),
      vantage: row['vantage'] as Vantage, isHop: row['hop'] === 1, events: row['events'] as number, refused: row['refused'] as number,
      bytesOut: row['bytes'] as number, firstMs: row['first_ms'] as number, lastMs: row['last_ms'] as number,
    }));
  }

  minted(incidentIds: readonly string[], limit: number): MintedToken[] {
    const sql = `SELECT * FROM recorded_uses WHERE incident IN (SELECT value FROM json_each(?)) AND issued <> '' ORDER BY time_ms, event LIMIT ?`;
    return [...this.#connection.each(sql, JSON.stringify(incidentIds), limit)].map((row) => ({
      timeMs: row['time_ms'] as number, token: textOf(row, 'token'), network: textOf(row, 'network'), address: textOf(row, 'address'),
      action: textOf(row, 'action'), issued: row['issued'] as string, issuedHandle: textOf(row, 'issued_handle'),
      issuedKind: textOf(row, 'issued_kind') as TokenKind | null,
    }));
  }

  totals(incidentIds: readonly string[]): RecordedTotals {
    const ids = JSON.stringify(incidentIds);
    const where = `WHERE incident IN (SELECT value FROM json_each(?))`;
    const one = (sql: string): Row => this.#connection.get(sql, ids) as Row;
    const held = one(`SELECT count(*) AS events FROM recorded_uses ${where}`);
    const different = one(`SELECT count(*) AS lines FROM (SELECT 1 FROM recorded_uses ${where} GROUP BY ${groups})`);
    const ended = one(`SELECT coalesce(sum(missed_events), 0) AS missed, coalesce(sum(missed_bytes), 0) AS bytes,
      sum(ended_ms > 0) AS ended, max(ended_ms) AS ended_ms FROM recordings ${where}`);
    return {
      events: held['events'] as number, lines: different['lines'] as number,
      missedEvents: ended['missed'] as number, missedBytes: ended['bytes'] as number,
      endedMs: ended['ended'] === incidentIds.length ? ended['ended_ms'] as number : null,
    };
  }

  #makeRoom(): void {
    const sql = 'SELECT incident FROM recordings WHERE ended_ms > 0 ORDER BY ended_ms, incident LIMIT 100';
    const ended = Array.from(this.#connection.each(sql), (row) => row['incident'] as string);
    for (const incident of ended) {
      if ((this.#held as number) <= this.#maxRows) return;
      this.#held = (this.#held as number) - this.#connection.run('DELETE FROM recorded_uses WHERE incident = ?', incident);
      this.#connection.run('DELETE FROM recordings WHERE incident = ?', incident);
    }
  }
}

function valuesOf(use: RecordedUse): (string | number)[] {
  const { incidentId, eventId, timeMs, isHop, vantage, token, address, network, action, resource, object, bytesOut, outcome } = use;
  return [
    incidentId, eventId, timeMs, isHop ? 1 : 0, vantage, token ?? '', address ?? '', network ?? '', action ?? '', resource ?? '', object ?? '',
    bytesOut ?? 0, outcome, use.issued ?? '', use.issuedHandle ?? '', use.issuedKind ?? '',
  ];
}

function textOf(row: Row, column: string): string | null {
  return row[column] === '' ? null : row[column] as string;
}
