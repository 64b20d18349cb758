import type { Alert, Incident } from '../model/alert.ts';
import type { Refusal } from '../model/quarantine.ts';
import { endOfPage, type Changed } from './changes.ts';
import { checksum } from './checksum.ts';
import type { Connection, Row } from './connection.ts';
import { openDatabase, type OpenOptions, type Schema } from './database.ts';
import { denialTables, SqliteDenials } from './denials.ts';
import { damaged, StoreError } from './error.ts';
import { eventTables, SqliteEventOutbox } from './event-outbox.ts';
import { decodeJournal, encodeJournal } from './journal.ts';
import { outboxTables, SqliteOutbox } from './outbox.ts';
import type { EffectsBatch, EffectsStore, JournalEntry } from './port.ts';
import { recordingTables, SqliteRecordings } from './recordings.ts';
import { responseTables, SqliteResponses } from './responses.ts';
import { sealedTables, SqliteSealed } from './sealed.ts';

export const effectsSchema: Schema = {
  applicationId: 0x746b6566,
  migrations: [`
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE alerts (id TEXT PRIMARY KEY, version INTEGER NOT NULL, start_ms REAL NOT NULL, change INTEGER NOT NULL, document TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE INDEX alerts_by_start ON alerts (start_ms, id);
    CREATE INDEX alerts_by_change ON alerts (change);
    CREATE TABLE incidents (id TEXT PRIMARY KEY, version INTEGER NOT NULL, start_ms REAL NOT NULL, change INTEGER NOT NULL, document TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE INDEX incidents_by_start ON incidents (start_ms, id);
    CREATE INDEX incidents_by_change ON incidents (change);
    CREATE TABLE refusals (identity TEXT NOT NULL, position INTEGER NOT NULL, place INTEGER NOT NULL, reason TEXT NOT NULL, path TEXT NOT NULL, length INTEGER NOT NULL, detail TEXT NOT NULL,
      PRIMARY KEY (identity, position, place, reason)) WITHOUT ROWID;
    CREATE TABLE counters (name TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
    CREATE TABLE journal (change INTEGER PRIMARY KEY, entries TEXT NOT NULL, checksum INTEGER NOT NULL);`,
  outboxTables, responseTables, denialTables + sealedTables, eventTables, `
    CREATE TABLE hidden_alerts (id TEXT PRIMARY KEY, version INTEGER NOT NULL, start_ms REAL NOT NULL, change INTEGER NOT NULL, document TEXT NOT NULL, checksum INTEGER NOT NULL);
    CREATE INDEX hidden_alerts_by_start ON hidden_alerts (start_ms, id);`,
  recordingTables],
};

const addCounter = 'INSERT INTO counters VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value';
const allRefusals = 'SELECT identity, path, position, place, length, reason, detail FROM refusals ORDER BY path, identity, position, place';

/** What alerts and incidents have in common for the store. */
interface Versioned { id: string; version: number; startMs: number }
interface StoredDocument { id: string; version: number; start_ms: number; change: number; document: string }
type StoredRefusal = Omit<Refusal, 'offset' | 'index'> & { position: number; place: number };
type VersionedTable = 'alerts' | 'hidden_alerts' | 'incidents';

/** Opens `effects.db`. See `EffectsStore`; an empty batch writes nothing. */
export function openEffects(file: string, options: OpenOptions): SqliteEffects {
  return new SqliteEffects(openDatabase(file, effectsSchema, options));
}

export class SqliteEffects implements EffectsStore {
  readonly outbox: SqliteOutbox;
  readonly events: SqliteEventOutbox;
  readonly responses: SqliteResponses;
  readonly denials: SqliteDenials;
  readonly sealed: SqliteSealed;
  readonly recordings: SqliteRecordings;
  private readonly connection: Connection;
  private change: number | null = null;

  constructor(connection: Connection) {
    this.connection = connection;
    this.outbox = new SqliteOutbox(connection, (id) => this.alert(id));
    this.events = new SqliteEventOutbox(connection);
    this.responses = new SqliteResponses(connection);
    this.denials = new SqliteDenials(connection);
    this.sealed = new SqliteSealed(connection);
    this.recordings = new SqliteRecordings(connection);
  }

  commit(batch: EffectsBatch): void {
    if (!isEmpty(batch)) this.transact(() => batch);
  }

  transact(work: () => Partial<EffectsBatch> | null): void {
    const before = this.change ?? this.lastChange();
    // Read again where the transaction fails.
    this.change = null;
    let written = false;
    this.events.within(() => this.outbox.within(() => this.connection.transaction(() => {
      const batch = work();
      written = batch !== null && !isEmpty(batch);
      if (written) this.write(batch as Partial<EffectsBatch>, before + 1);
    })));
    this.change = written ? before + 1 : before;
  }

  alert(id: string): Alert | null {
    return this.getVersioned<Alert>('alerts', id);
  }

  alerts(changedSince = 0): Iterable<Alert> {
    return this.eachVersioned<Alert>('alerts', changedSince);
  }

  hiddenAlert(id: string): Alert | null {
    return this.getVersioned<Alert>('hidden_alerts', id);
  }

  hiddenAlerts(changedSince = 0): Iterable<Alert> {
    return this.eachVersioned<Alert>('hidden_alerts', changedSince);
  }

  incident(id: string): Incident | null {
    return this.getVersioned<Incident>('incidents', id);
  }

  incidents(changedSince = 0): Iterable<Incident> {
    return this.eachVersioned<Incident>('incidents', changedSince);
  }

  changes(since: number, upTo: number, limit: number): Changed {
    const end = endOfPage(this.connection, since, upTo, limit);
    return {
      upTo: end, alerts: [...this.changed<Alert>('alerts', since, end)], incidents: [...this.changed<Incident>('incidents', since, end)],
      intents: this.responses.intents({ changedSince: since, changedUpTo: end }),
    };
  }

  /** By input, then place in it. */
  *refusals(): Iterable<Refusal> {
    for (const row of this.connection.each(allRefusals)) {
      const { position, place, ...rest } = row as unknown as StoredRefusal;
      yield { ...rest, offset: position, index: place === -1 ? null : place };
    }
  }

  counters(): Record<string, number> {
    const rows = [...this.connection.each('SELECT name, value FROM counters ORDER BY name')];
    return Object.fromEntries(rows.map((row) => [row['name'] as string, row['value'] as number]));
  }

  lastChange(): number {
    this.change ??= this.connection.get('SELECT max(change) AS change FROM journal')?.['change'] as number | null ?? 0;
    return this.change;
  }

  /** Throws `StoreError` where entries are missing: then one of the two files is older than the other. */
  journalSince(change: number): JournalEntry[] {
    const last = this.lastChange();
    if (change > last) {
      throw new StoreError(`${this.connection.file} is older than the state beside it (${last} < ${change}): restore both files of the folder from one backup`);
    }
    const entries: JournalEntry[] = [];
    let expected = change + 1;
    for (const row of this.connection.each('SELECT change, entries, checksum FROM journal WHERE change > ? ORDER BY change', change)) {
      if (row['change'] !== expected) break;
      const text = row['entries'] as string;
      if (checksum(expected, text) !== row['checksum']) throw damaged(this.connection.file, `journal entry ${expected}`);
      for (const entry of decodeJournal(text)) entries.push(entry);
      expected++;
    }
    if (expected !== last + 1) {
      const gap = `${change}, journal lacks ${expected}`;
      throw new StoreError(`the state beside ${this.connection.file} is older than its journal (${gap}): restore both files of the folder from one backup`);
    }
    return entries;
  }

  /** The last entry stays, because it carries the number of the last change. */
  trimJournal(upTo: number): void {
    this.connection.run('DELETE FROM journal WHERE change <= ? AND change < ?', upTo, this.lastChange());
  }

  getMeta(key: string): string | null {
    return this.connection.get('SELECT value FROM meta WHERE key = ?', key)?.['value'] as string | undefined ?? null;
  }

  setMeta(key: string, value: string): void {
    this.connection.run('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', key, value);
  }

  close(): void {
    this.connection.close();
  }

  private write(batch: Partial<EffectsBatch>, change: number): void {
    for (const alert of batch.alerts ?? []) this.putAlert(alert, change);
    for (const alert of batch.hidden ?? []) this.putVersioned('hidden_alerts', alert, change);
    for (const incident of batch.incidents ?? []) this.putVersioned('incidents', incident, change);
    for (const refusal of batch.refusals ?? []) this.putRefusal(refusal);
    for (const [name, value] of Object.entries(batch.counters ?? {})) this.connection.run(addCounter, name, value);
    for (const proposal of batch.proposals ?? []) this.responses.propose(proposal, change);
    for (const intent of batch.intents ?? []) this.responses.put(intent, change);
    for (const note of batch.audit ?? []) this.responses.note(note);
    for (const sealed of batch.sealed ?? []) this.sealed.put(sealed);
    this.recordings.put(batch.uses ?? [], batch.recordings ?? []);
    this.events.put(batch.events ?? []);
    for (const entry of batch.journal ?? []) if (entry.kind === 'command') this.responses.take(entry.number);
    const entries = encodeJournal(batch.journal ?? []);
    this.connection.run('INSERT INTO journal VALUES (?, ?, ?)', change, entries, checksum(change, entries));
  }

  /** With its rows in the outbox, so that what is visible here will be delivered too. */
  private putAlert(alert: Alert, change: number): void {
    const former = this.outbox.isUsed ? this.alert(alert.id) : null;
    if (this.putVersioned('alerts', alert, change)) this.outbox.put(former, alert, change);
  }

  /** Whether it was newer than the stored one. */
  private putVersioned(table: VersionedTable, value: Versioned, change: number): boolean {
    const document = JSON.stringify(value);
    return this.connection.run(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET version = excluded.version, start_ms = excluded.start_ms, change = excluded.change,
      document = excluded.document, checksum = excluded.checksum WHERE excluded.version > version`,
    value.id, value.version, value.startMs, change, document, checksum(value.id, value.version, value.startMs, change, document)) > 0;
  }

  private getVersioned<T>(table: VersionedTable, id: string): T | null {
    const row = this.connection.get(`SELECT * FROM ${table} WHERE id = ?`, id);
    return row === undefined ? null : this.parse<T>(table, row);
  }

  private *eachVersioned<T>(table: VersionedTable, changedSince: number): Iterable<T> {
    const columns = `SELECT * FROM ${table}`;
    const rows = changedSince === 0
      ? this.connection.each(`${columns} ORDER BY start_ms, id`)
      : this.connection.each(`${columns} WHERE change > ? ORDER BY start_ms, id`, changedSince);
    for (const row of rows) yield this.parse<T>(table, row);
  }

  private *changed<T>(table: VersionedTable, since: number, upTo: number): Iterable<T> {
    const rows = this.connection.each(`SELECT * FROM ${table} WHERE change > ? AND change <= ? ORDER BY change, id`, since, upTo);
    for (const row of rows) yield this.parse<T>(table, row);
  }

  private parse<T>(table: VersionedTable, row: Row): T {
    const { id, version, start_ms: startMs, change, document } = row as unknown as StoredDocument;
    if (checksum(id, version, startMs, change, document) !== row['checksum']) throw damaged(this.connection.file, `${table} ${id}`);
    return JSON.parse(document) as T;
  }

  private putRefusal(refusal: Refusal): void {
    this.connection.run('INSERT INTO refusals VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      refusal.identity ?? refusal.path, refusal.offset, refusal.index ?? -1, refusal.reason, refusal.path, refusal.length, refusal.detail);
  }
}

function isEmpty(batch: Partial<EffectsBatch>): boolean {
  return Object.values(batch).every((part) => (Array.isArray(part) ? part.length === 0 : Object.keys(part).length === 0));
}
