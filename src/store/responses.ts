import type { AuditEntry, AuditNote } from '../model/audit.ts';
import { isSameDecision, newIntent, type Intent, type IntentState, type Proposal } from '../model/intent.ts';
import { auditHash, auditStart } from './audit-hash.ts';
import { checksum } from './checksum.ts';
import type { Connection, Row, Value } from './connection.ts';
import { damaged } from './error.ts';
import type { AuditRow, Command, IntentCursor, IntentFilter, ResponseStore, SentFilter } from './port.ts';

export const responseTables = `
    CREATE TABLE intents (id TEXT PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL, token TEXT NOT NULL, incident TEXT NOT NULL,
      severity INTEGER NOT NULL, sent_ms REAL NOT NULL, change INTEGER NOT NULL, document TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX intents_by_state ON intents (state);
    CREATE INDEX intents_by_token ON intents (token);
    CREATE INDEX intents_by_incident ON intents (incident);
    CREATE INDEX intents_by_change ON intents (change);
    CREATE TABLE sendings (number INTEGER PRIMARY KEY, intent TEXT NOT NULL, time_ms REAL NOT NULL, severity INTEGER NOT NULL);
    CREATE INDEX sendings_by_time ON sendings (time_ms);
    CREATE TABLE audit (number INTEGER PRIMARY KEY, previous TEXT NOT NULL, note TEXT NOT NULL, hash TEXT NOT NULL);
    CREATE TABLE commands (number INTEGER PRIMARY KEY, time_ms REAL NOT NULL, actor TEXT NOT NULL, document TEXT NOT NULL, taken INTEGER NOT NULL);
    CREATE INDEX commands_that_wait ON commands (document) WHERE taken = 0;`;

const putIntentSql = `INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
  version = excluded.version, state = excluded.state, severity = excluded.severity, sent_ms = excluded.sent_ms, change = excluded.change,
  document = excluded.document, checksum = excluded.checksum WHERE excluded.version > version`;

export class SqliteResponses implements ResponseStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  intent(id: string): Intent | null {
    const row = this.#connection.get('SELECT * FROM intents WHERE id = ?', id);
    return row === undefined ? null : this.#parse(row);
  }

  intents(filter: IntentFilter = {}): Intent[] {
    const where: string[] = ['change > ?'];
    const values: Value[] = [filter.changedSince ?? 0];
    if (filter.changedUpTo !== undefined) {
      where.push('change <= ?');
      values.push(filter.changedUpTo);
    }
    if (filter.states !== undefined) {
      where.push(`state IN (${filter.states.map(() => '?').join(', ')})`);
      values.push(...filter.states);
    }
    if (filter.severity !== undefined) {
      where.push('severity >= ?');
      values.push(filter.severity);
    }
    for (const [column, value] of [['token', filter.token], ['incident', filter.incidentId]] as const) {
      if (value === undefined) continue;
      where.push(`${column} = ?`);
      values.push(value);
    }
    const rows = this.#connection.each(`SELECT * FROM intents WHERE ${where.join(' AND ')} ORDER BY change, id`, ...values);
    return [...rows].map((row) => this.#parse(row));
  }

  intentsAfter(place: IntentCursor, limit: number, states?: readonly IntentState[]): { intents: Intent[]; place: IntentCursor } {
    const wanted = states === undefined ? '' : `AND state IN (${states.map(() => '?').join(', ')})`;
    const sql = `SELECT * FROM intents WHERE (change, id) > (?, ?) ${wanted} ORDER BY change, id LIMIT ?`;
    const rows = [...this.#connection.each(sql, place.change, place.id, ...states ?? [], limit)];
    const last = rows.at(-1);
    return {
      intents: rows.map((row) => this.#parse(row)),
      place: last === undefined ? place : { change: last['change'] as number, id: last['id'] as string },
    };
  }

  intentCounts(): Readonly<Record<string, number>> {
    const rows = [...this.#connection.each('SELECT state, count(*) AS count FROM intents GROUP BY state')];
    return Object.fromEntries(rows.map((row) => [row['state'] as string, row['count'] as number]));
  }

  sentSince(timeMs: number, severity = 0): number {
    return this.#connection.get('SELECT count(*) AS sent FROM sendings WHERE time_ms > ? AND severity >= ?', timeMs, severity)!['sent'] as number;
  }

  sentBy({ rule, lineage, besidesPlan, identity, isAutomatic }: SentFilter, timeMs: number): number {
    const where = ['time_ms > ?'];
    const values: Value[] = [timeMs];
    const add = (condition: string, value: Value): void => {
      where.push(condition);
      values.push(value);
    };
    if (rule !== undefined) add(`document ->> '$.rule' = ?`, rule);
    if (lineage !== undefined) add(`document ->> '$.kind' NOT IN ('notify', 'watch') AND document ->> '$.lineage' = ?`, lineage);
    if (identity !== undefined) {
      where.push(`document ->> '$.kind' NOT IN ('notify', 'watch')`);
      if (identity === null) where.push(`document ->> '$.target.identityId' IS NULL`);
      else add(`document ->> '$.target.identityId' = ?`, identity);
    }
    if (besidesPlan !== undefined) add(`document ->> '$.planId' <> ?`, besidesPlan);
    if (isAutomatic === true) where.push(`json_array_length(document, '$.approvals') = 0`);
    const sql = `SELECT count(*) AS sent FROM sendings JOIN intents ON intents.id = sendings.intent WHERE ${where.join(' AND ')}`;
    return this.#connection.get(sql, ...values)!['sent'] as number;
  }

  *audit(from = 1): Iterable<AuditEntry> {
    for (const row of this.#connection.each('SELECT * FROM audit WHERE number >= ? ORDER BY number', from)) {
      const note = JSON.parse(row['note'] as string) as AuditNote;
      yield { ...note, number: row['number'] as number, previous: row['previous'] as string, hash: row['hash'] as string };
    }
  }

  *auditRows(from = 1): Iterable<AuditRow> {
    const rows: Iterable<unknown> = this.#connection.each('SELECT number, previous, note, hash FROM audit WHERE number >= ? ORDER BY number', from);
    yield* rows as Iterable<AuditRow>;
  }

  auditHead(): { number: number; hash: string } | null {
    const row = this.#connection.get('SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1');
    return row === undefined ? null : { number: row['number'] as number, hash: row['hash'] as string };
  }

  putCommand(command: Command, actor: string, timeMs: number): number {
    const document = JSON.stringify(command);
    if (command.kind === 'amend') {
      const waiting = this.#connection.get('SELECT number FROM commands WHERE taken = 0 AND document = ?', document);
      if (waiting !== undefined) return waiting['number'] as number;
    }
    this.#connection.run('INSERT INTO commands (time_ms, actor, document, taken) VALUES (?, ?, ?, 0)', timeMs, actor, document);
    return this.#connection.get('SELECT last_insert_rowid() AS number')!['number'] as number;
  }

  command(number: number): Command | null {
    const row = this.#connection.get('SELECT document FROM commands WHERE number = ?', number);
    return row === undefined ? null : JSON.parse(row['document'] as string) as Command;
  }

  wasTaken(number: number): boolean {
    return this.#connection.get('SELECT 1 FROM commands WHERE number = ? AND taken = 1', number) !== undefined;
  }

  pendingCommands(): number[] {
    return [...this.#connection.each('SELECT number FROM commands WHERE taken = 0 ORDER BY number')].map((row) => row['number'] as number);
  }

  /** Inside a transaction: the engine has taken it. */
  take(command: number): void {
    this.#connection.run('UPDATE commands SET taken = 1 WHERE number = ?', command);
  }

  /** Inside a transaction. Evidence only grows, so proposals may come in any order and more than once. */
  propose(proposal: Proposal, change: number): void {
    const known = this.intent(proposal.id);
    if (known === null) this.put(newIntent(proposal), change);
    else if (isNews(known, proposal)) this.put(updated(known, proposal), change);
  }

  /** Inside a transaction. A first call or a further one counts once, when its `sentMs` changes. */
  put(intent: Intent, change: number): void {
    const { id, version, state, target, incidentId, severity, sentMs } = intent;
    const former = this.#connection.get('SELECT version, sent_ms FROM intents WHERE id = ?', id);
    if (former !== undefined && (former['version'] as number) >= version) return;
    const document = JSON.stringify(intent);
    const sum = checksum(id, version, change, document);
    this.#connection.run(putIntentSql, id, version, state, target.token, incidentId, severity, sentMs ?? 0, change, document, sum);
    if (sentMs === null || sentMs === former?.['sent_ms']) return;
    this.#connection.run('INSERT INTO sendings (intent, time_ms, severity) VALUES (?, ?, ?)', id, sentMs, severity);
  }

  /** Inside a transaction. */
  note(note: AuditNote): void {
    const head = this.auditHead() ?? { number: 0, hash: auditStart };
    const text = JSON.stringify(note);
    const number = head.number + 1;
    this.#connection.run('INSERT INTO audit VALUES (?, ?, ?, ?)', number, head.hash, text, auditHash(number, head.hash, text));
  }

  #parse(row: Row): Intent {
    const { id, version, change, document } = row as unknown as { id: string; version: number; change: number; document: string };
    if (checksum(id, version, change, document) !== row['checksum']) throw damaged(this.#connection.file, `intents ${id}`);
    return JSON.parse(document) as Intent;
  }
}

/** A call was begun, or nothing more will be done: what it was decided on stays as it was. */
const ended: ReadonlySet<IntentState> = new Set(['verified', 'unknown', 'failed', 'rejected', 'undone']);
const begun: ReadonlySet<IntentState> = new Set(['sending', 'accepted']);

/** What a further proposal of a known intent may bring: newer proof, more severity, another mode or target, other dependents. */
function isNews(known: Intent, proposal: Proposal): boolean {
  if (ended.has(known.state)) return false;
  const isStronger = (proposal.provenMs ?? 0) > (known.provenMs ?? 0) || proposal.severity > known.severity;
  return isStronger || isOpen(known) && !isSameDecision(known, proposal);
}

/** Approvals hold for what was approved only, so what has not begun may still change under them. */
function isOpen(known: Intent): boolean {
  return !begun.has(known.state) && !known.undoing && known.handover === undefined;
}

function updated(known: Intent, proposal: Proposal): Intent {
  const provenMs = proposal.provenMs === null ? known.provenMs : Math.max(known.provenMs ?? 0, proposal.provenMs);
  const severity = Math.max(known.severity, proposal.severity);
  const fresh = isOpen(known) ? { ...known, ...proposal } : known;
  return { ...fresh, provenMs, severity, version: known.version + 1 };
}
