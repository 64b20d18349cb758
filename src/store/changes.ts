import type { Alert, Incident } from '../model/alert.ts';
import type { Intent } from '../model/intent.ts';
import type { Connection } from './connection.ts';

/** What changed after one change number up to another, each in its newest state and in the order of change. */
export interface Changed {
  /** How far it goes. */
  readonly upTo: number;
  readonly alerts: readonly Alert[];
  readonly incidents: readonly Incident[];
  readonly intents: readonly Intent[];
}

const tables = ['alerts', 'incidents', 'intents'] as const;
const within = tables.map((table) => `SELECT change FROM ${table} WHERE change > ?1 AND change <= ?2`).join(' UNION ALL ');
const cut = `SELECT change FROM (${within}) ORDER BY change LIMIT 1 OFFSET ?3`;

/** The change at which a page of about `limit` rows ends; changes are not divided. */
export function endOfPage(connection: Connection, since: number, upTo: number, limit: number): number {
  return connection.get(cut, since, upTo, limit - 1)?.['change'] as number | undefined ?? upTo;
}
