import type { Document } from '../sink.ts';
import { ruleId } from './rule.ts';

/** What people set in Kibana that says something; `open` is how it begins. */
export type KibanaStatus = 'acknowledged' | 'closed';

/** One alert of ours as it stands in Kibana. `after`: where the next page begins. */
export interface StatusHit { readonly alertId: string; readonly status: KibanaStatus; readonly after: readonly unknown[] }

export const statusPageSize = 500;
const idField = 'kibana.alert.original_event.id';
const statusField = 'kibana.alert.workflow_status';
const maxId = 512;

/** The newest of the last month. Fields are asked for by name, as Elastic advises: how the document is laid out may change. */
export function statusQuery(after: readonly unknown[] | null): Document {
  return {
    size: statusPageSize, _source: false, fields: [idField, statusField], track_total_hits: false,
    query: { bool: { filter: [
      { term: { 'kibana.alert.rule.rule_id': ruleId } }, { terms: { [statusField]: ['acknowledged', 'closed'] } },
      { range: { '@timestamp': { gte: 'now-30d' } } },
    ] } },
    sort: [{ '@timestamp': 'desc' }, { 'kibana.alert.uuid': 'desc' }], ...(after === null ? {} : { search_after: after }),
  };
}

/** The hits of an answer that are as they should be; `null` for an answer that is none. */
export function readStatuses(body: unknown): { readonly hits: readonly StatusHit[]; readonly isFull: boolean } | null {
  const found = (body as { hits?: { hits?: unknown } } | null)?.hits?.hits;
  if (!Array.isArray(found)) return null;
  const hits = found.slice(0, statusPageSize).flatMap((hit: { fields?: Record<string, unknown>; sort?: unknown }) => {
    const [alertId, status] = [first(hit.fields?.[idField]), first(hit.fields?.[statusField])];
    if (alertId === null || alertId.length > maxId || status !== 'acknowledged' && status !== 'closed' || !Array.isArray(hit.sort)) return [];
    return [{ alertId, status, after: hit.sort } as const];
  });
  return { hits, isFull: found.length >= statusPageSize };
}

function first(values: unknown): string | null {
  const value: unknown = Array.isArray(values) ? values[0] : null;
  return typeof value === 'string' && value !== '' ? value : null;
}
