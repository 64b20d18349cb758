import type { ElasticsearchClient } from './elasticsearch.ts';
import { eventDataStream } from './elasticsearch-bulk.ts';
import { alertMappings, eventMappings } from './elasticsearch-mapping.ts';
import type { Document } from './sink.ts';

export interface SetupOptions {
  /** As the sink's. Default: `tokenward-alerts`. */
  readonly index?: string;
  /** Copies beside each primary shard. Default: 1. */
  readonly replicas?: number;
  /** Indices are deleted so long after they were made. Default: never. */
  readonly retentionDays?: number;
}

export interface SetupStep {
  /** `optional`: a server may lack the feature; the rest goes on without. */
  readonly kind: 'lifecycle' | 'alerts' | 'events';
  readonly optional: boolean;
  readonly method: 'PUT';
  readonly path: string;
  readonly body: Document;
}

/** `missing`: the server has no such feature. `reason`: a status or a fixed word. */
export interface SetupResult {
  readonly step: SetupStep;
  readonly outcome: 'done' | 'missing' | 'failed' | 'planned';
  readonly reason: string | null;
}

const defaultIndex = 'tokenward-alerts';
/** Above the templates that Elasticsearch brings for `logs-*`. */
const priority = 300;
/** Months that are over are merged once they are left alone. */
const settledAfter = '62d';

/** The life of an index: written and searched, later merged, deleted only where that was asked for. */
export function lifecycleStep({ index = defaultIndex, retentionDays }: SetupOptions): SetupStep {
  const phases: Document = {
    hot: { actions: { set_priority: { priority: 100 } } },
    warm: { min_age: settledAfter, actions: { set_priority: { priority: 50 }, forcemerge: { max_num_segments: 1 } } },
  };
  if (retentionDays !== undefined) phases['delete'] = { min_age: `${retentionDays}d`, actions: { delete: {} } };
  const path = `/_ilm/policy/${encodeURIComponent(index)}`;
  return { kind: 'lifecycle', optional: true, method: 'PUT', path, body: { policy: { phases } } };
}

/** Templates of the monthly indices and of the event data streams. Repeating them does no harm. */
export function templateSteps(options: SetupOptions, hasLifecycle: boolean): SetupStep[] {
  const { index = defaultIndex, replicas = 1 } = options;
  const settings: Document = {
    number_of_shards: 1, number_of_replicas: replicas,
    // One odd value must not keep an alert out; which fields were ignored stands in `_ignored`.
    'mapping.ignore_malformed': true, 'mapping.total_fields.limit': 2000,
  };
  const alerts: Document = {
    index_patterns: [`${index}-*`], priority,
    template: { settings: { ...settings, ...(hasLifecycle ? { 'lifecycle.name': index } : {}) }, mappings: alertMappings() },
  };
  const events: Document = {
    index_patterns: [eventDataStream('*')], priority, data_stream: {}, template: { settings, mappings: eventMappings() },
  };
  return [
    { kind: 'alerts', optional: false, method: 'PUT', path: `/_index_template/${encodeURIComponent(index)}`, body: alerts },
    { kind: 'events', optional: false, method: 'PUT', path: '/_index_template/logs-tokenward.event', body: events },
  ];
}

/** Puts everything in place, or with `dryRun` only says what it would put. Never throws; what went wrong is in the results. */
export async function setupElasticsearch(
  client: Pick<ElasticsearchClient, 'request'>, options: SetupOptions & { readonly dryRun?: boolean } = {},
): Promise<SetupResult[]> {
  const lifecycle = lifecycleStep(options);
  const planned = [lifecycle, ...templateSteps(options, true)];
  if (options.dryRun === true) return planned.map((step) => ({ step, outcome: 'planned', reason: null }));
  const results = [await put(client, lifecycle)];
  for (const step of templateSteps(options, results[0]!.outcome === 'done')) results.push(await put(client, step));
  return results;
}

async function put(client: Pick<ElasticsearchClient, 'request'>, step: SetupStep): Promise<SetupResult> {
  const answer = await client.request(step.method, step.path, step.body);
  if ('failure' in answer) return { step, outcome: 'failed', reason: answer.failure };
  if (answer.status >= 200 && answer.status < 300) return { step, outcome: 'done', reason: null };
  // A server without a feature has no handler for its path: 400 or 405 with a sentence instead of an error.
  const isMissing = step.optional && (answer.status === 400 || answer.status === 405) && answer.type === 'no_handler';
  return { step, outcome: isMissing ? 'missing' : 'failed', reason: isMissing ? null : answer.type ?? `http_${answer.status}` };
}
