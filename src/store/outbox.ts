import type { Alert } from '../model/alert.ts';
import type { IncidentKind } from '../model/incident.ts';
import type { Connection } from './connection.ts';
import { damaged } from './error.ts';
import type { DeadLetter, Outbox, Settled, Subscriber, Waiting } from './port.ts';

/** `place` is the change that first put the row; it keeps it while newer versions come, so nobody is pushed back. */
export const outboxTables = `
    CREATE TABLE outbox (sink TEXT NOT NULL, alert TEXT NOT NULL, version INTEGER NOT NULL, told INTEGER NOT NULL,
      place INTEGER NOT NULL, attempts INTEGER NOT NULL, not_before REAL NOT NULL, PRIMARY KEY (sink, alert)) WITHOUT ROWID;
    CREATE INDEX outbox_by_place ON outbox (sink, not_before, place);
    CREATE TABLE dead_letter (sink TEXT NOT NULL, alert TEXT NOT NULL, version INTEGER NOT NULL, reason TEXT NOT NULL,
      time_ms REAL NOT NULL, PRIMARY KEY (sink, alert)) WITHOUT ROWID;`;

/** Rows that may wait for all sinks together. A row is some 100 bytes; the alerts themselves are stored once. */
export const defaultMaxRows = 200_000;
/** Share of it that bulk sinks may fill. */
const bulkShare = 0.9;

interface OutboxRow { readonly alert: string; readonly version: number; readonly told: number; readonly attempts: number }

export class SqliteOutbox implements Outbox {
  private readonly connection: Connection;
  private readonly alertOf: (id: string) => Alert | null;
  private subscribers: readonly Subscriber[] = [];
  private maxRows = defaultMaxRows;
  /** Rows of each sink; empty when they must be counted anew. */
  private readonly counts = new Map<string, number>();
  private readonly touched = new Set<Subscriber>();
  private readonly retired = new Set<string>();

  constructor(connection: Connection, alertOf: (id: string) => Alert | null) {
    this.connection = connection;
    this.alertOf = alertOf;
  }

  get isUsed(): boolean {
    return this.subscribers.length > 0;
  }

  subscribe(subscribers: readonly Subscriber[], maxRows = defaultMaxRows): void {
    this.subscribers = subscribers;
    this.maxRows = maxRows;
    this.retired.clear();
  }

  retire(sink: string): void {
    this.retired.add(sink);
  }

  /** Puts a stored alert for every sink that wants the change. Only inside `within`. */
  put(former: Alert | null, alert: Alert, change: number): void {
    const told = former === null || isToBeTold(former, alert);
    for (const subscriber of this.subscribers) {
      if (!told && subscriber.wants === 'told') continue;
      this.putRow(subscriber.sink, alert, told, change);
      this.touched.add(subscriber);
    }
  }

  /** Runs a transaction that may put rows; wakes their sinks once it is durable. */
  within(work: () => void): void {
    try {
      work();
      for (const subscriber of this.touched) subscriber.wake();
    } catch (error) {
      this.counts.clear();
      throw error;
    } finally {
      this.touched.clear();
    }
  }

  take(sink: string, nowMs: number, latestMs: number, limit: number): Waiting[] {
    const [fresh, retried] = [this.fresh(sink, limit), this.retried(sink, nowMs, latestMs, limit)];
    const share = Math.max(limit - fresh.length, Math.ceil(limit / 2));
    const chosen = retried.slice(0, share);
    return [...chosen, ...fresh.slice(0, limit - chosen.length)].map((row) => this.waitingOf(row));
  }

  settle(sink: string, settled: readonly Settled[]): void {
    this.within(() => this.connection.transaction(() => {
      for (const one of settled) this.settleOne(sink, one);
    }));
  }

  nextDueMs(sink: string): number | null {
    const row = this.connection.get('SELECT min(not_before) AS due FROM outbox WHERE sink = ? AND not_before > 0', sink);
    return row?.['due'] as number | null ?? null;
  }

  waiting(sink: string): number {
    let count = this.counts.get(sink);
    if (count === undefined) {
      count = this.connection.get('SELECT count(*) AS rows FROM outbox WHERE sink = ?', sink)!['rows'] as number;
      this.counts.set(sink, count);
    }
    return count;
  }

  isFull(): boolean {
    let [all, bulk] = [0, 0];
    for (const { sink, lane } of this.subscribers) {
      const rows = this.retired.has(sink) ? 0 : this.waiting(sink);
      all += rows;
      if (lane === 'bulk') bulk += rows;
    }
    return all >= this.maxRows || bulk >= bulkShare * this.maxRows;
  }

  *deadLetters(sink?: string): Iterable<DeadLetter> {
    const where = sink === undefined ? '' : ' WHERE sink = ?';
    const sql = `SELECT sink, alert AS alertId, version, reason, time_ms AS timeMs FROM dead_letter${where} ORDER BY sink, time_ms, alert`;
    for (const row of this.connection.each(sql, ...(sink === undefined ? [] : [sink]))) yield { ...row } as unknown as DeadLetter;
  }

  deadCount(sink: string): number {
    return this.connection.get('SELECT count(*) AS rows FROM dead_letter WHERE sink = ?', sink)!['rows'] as number;
  }

  revive(sink: string): number {
    let count = 0;
    this.within(() => this.connection.transaction(() => {
      this.connection.run(`INSERT INTO outbox SELECT sink, alert, version, version, 0, 0, 0 FROM dead_letter WHERE sink = ?
        ON CONFLICT DO NOTHING`, sink);
      count = this.connection.run('DELETE FROM dead_letter WHERE sink = ?', sink);
    }));
    this.counts.clear();
    for (const subscriber of this.subscribers) if (subscriber.sink === sink) subscriber.wake();
    return count;
  }

  private putRow(sink: string, { id, version }: Alert, told: boolean, change: number): void {
    const known = this.waiting(sink);
    const isThere = this.connection.run('UPDATE outbox SET version = ? WHERE sink = ? AND alert = ?', version, sink, id) > 0;
    if (isThere && told) this.connection.run('UPDATE outbox SET told = ? WHERE sink = ? AND alert = ?', version, sink, id);
    if (isThere) return;
    this.connection.run('INSERT INTO outbox VALUES (?, ?, ?, ?, ?, 0, 0)', sink, id, version, version, change);
    this.counts.set(sink, known + 1);
  }

  /** A row with a newer told version than the one sent stays, due at once: what it waited for was another state. */
  private settleOne(sink: string, settled: Settled): void {
    const { alertId } = settled;
    if (settled.kind === 'later') {
      const sql = 'UPDATE outbox SET attempts = attempts + 1, not_before = ? WHERE sink = ? AND alert = ?';
      this.connection.run(sql, settled.notBeforeMs, sink, alertId);
      return;
    }
    const { version } = settled;
    const known = this.waiting(sink);
    const gone = this.connection.run('DELETE FROM outbox WHERE sink = ? AND alert = ? AND version <= ?', sink, alertId, version);
    if (gone === 0) this.connection.run('UPDATE outbox SET attempts = 0, not_before = 0 WHERE sink = ? AND alert = ?', sink, alertId);
    this.counts.set(sink, known - gone);
    if (settled.kind === 'done') {
      this.connection.run('DELETE FROM dead_letter WHERE sink = ? AND alert = ? AND version <= ?', sink, alertId, version);
    } else {
      const sql = 'INSERT OR REPLACE INTO dead_letter VALUES (?, ?, ?, ?, ?)';
      this.connection.run(sql, sink, alertId, version, settled.reason, settled.timeMs);
    }
  }

  private fresh(sink: string, limit: number): OutboxRow[] {
    return this.rows('not_before = 0 ORDER BY place LIMIT ?', sink, limit);
  }

  /** What should be due later than any may be was put back under another clock: it is due too. */
  private retried(sink: string, nowMs: number, latestMs: number, limit: number): OutboxRow[] {
    const due = this.rows('not_before > 0 AND not_before <= ? ORDER BY not_before, place LIMIT ?', sink, nowMs, limit);
    return due.length > 0 ? due : this.rows('not_before > ? ORDER BY not_before, place LIMIT ?', sink, latestMs, limit);
  }

  private rows(where: string, sink: string, ...values: number[]): OutboxRow[] {
    const rows = this.connection.each(`SELECT alert, version, told, attempts FROM outbox WHERE sink = ? AND ${where}`, sink, ...values);
    return [...rows] as unknown as OutboxRow[];
  }

  private waitingOf(row: OutboxRow): Waiting {
    const alert = this.alertOf(row.alert);
    if (alert === null || row.version > alert.version) throw damaged(this.connection.file, `outbox row of ${row.alert}`);
    return { alert, toldVersion: row.told, attempts: row.attempts };
  }
}

/** Somebody who was told of the alert alone wants to know of these. */
const graveKinds: ReadonlySet<IncidentKind | undefined> = new Set(['campaign', 'vendor-compromise']);

/** It was announced again, somebody changed its status, or it turned out to be about something else. */
function isToBeTold(former: Alert, alert: Alert): boolean {
  return alert.announced.length > former.announced.length || alert.severity > former.severity || alert.status !== former.status
    || alert.mergedInto !== former.mergedInto || alert.incidentId !== former.incidentId
    || alert.incidentKind !== former.incidentKind && graveKinds.has(alert.incidentKind)
    || alert.first.identityId !== former.first.identityId;
}
