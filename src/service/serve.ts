import type { Assembly } from '../assemble.ts';
import type { Configuration } from '../config/configuration.ts';
import type { LiveSource } from '../ingest/live.ts';
import { readCredentials } from '../server/credentials.ts';
import type { ServedList } from '../server/deny-lists.ts';
import type { FeedsHandler } from '../server/feeds.ts';
import { startServer, type RunningServer } from '../server/http.ts';
import type { LiveOptions } from '../server/live.ts';
import { judge, type Readiness, type SinkState } from '../server/readiness.ts';
import type { DeliveryHealth } from '../sinks/deliver.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { OutboxAge } from './outbox-age.ts';
import type { Response } from './response.ts';
import type { Service } from './service.ts';
import type { AnyDelivery } from './sinks.ts';
import type { Sources } from './sources.ts';

export interface ServeParts {
  readonly configuration: Configuration;
  readonly metrics: Metrics;
  readonly sources: Sources;
  readonly deliveries: readonly AnyDelivery[];
  readonly service: Service;
  readonly assembly: Assembly;
  readonly log: Log;
  readonly restarts: FeedsHandler;
  readonly denyLists: readonly ServedList[];
  readonly response: Response;
  readonly readiness: () => Readiness;
  readonly live: { readonly options: LiveOptions };
}

/** Opens the service's port. */
export function serve(parts: ServeParts): Promise<RunningServer> {
  const { configuration: { server }, metrics, sources, log, restarts, denyLists, readiness, live } = parts;
  return startServer({
    host: server.host, port: server.port, credentials: server.credentialsFile === null ? null : readCredentials(server.credentialsFile), readiness,
    metrics: async () => {
      gather(parts);
      return { contentType: metrics.contentType, text: await metrics.text() };
    },
    push: sources.push, feeds: restarts, denyLists, live: live.options,
    onRefused: (reason, status) => log.warn('request_refused', 'A request was refused.', { reason, status }),
    onPush: (source, { result }) => metrics.count('tokenward_pushes_total', { source, result }),
  });
}

/** How the service stands whenever it is asked. */
export function readinessOf(service: Service, sources: readonly LiveSource[], deliveries: readonly AnyDelivery[]): () => Readiness {
  const ages = new OutboxAge();
  return () => judge({
    nowMs: Date.now(), running: service.isRunning, storeProblem: service.problem, lastCheckpointMs: service.lastCheckpointMs,
    sources: sources.map((source) => ({ name: source.name, health: source.health() })), sinks: deliveries.map((delivery) => stateOf(delivery.health(), ages)),
  });
}

/** What is only looked at when somebody asks. */
function gather({ metrics, sources: { live, spool }, deliveries, service, assembly: { state }, response, readiness }: ServeParts): void {
  response.gather();
  const { ready, sinks } = readiness();
  metrics.set('tokenward_ready', {}, ready ? 1 : 0);
  for (const { name, waitingMs } of sinks) metrics.set('tokenward_outbox_age_seconds', { sink: name }, waitingMs / 1000);
  for (const source of live) {
    const { lag, lastFetchMs } = source.health();
    metrics.set('tokenward_source_paused', { source: source.name }, service.isPaused ? 1 : 0);
    if (lag !== null) metrics.set('tokenward_source_lag_records', { source: source.name }, lag);
    if (lastFetchMs !== null) metrics.set('tokenward_source_last_fetch_age_seconds', { source: source.name }, (Date.now() - lastFetchMs) / 1000);
  }
  for (const delivery of deliveries) {
    const { sink, waiting, deadLetters } = delivery.health();
    metrics.set('tokenward_outbox_rows', { sink }, waiting);
    metrics.set('tokenward_dead_letters', { sink }, deadLetters);
    const { delivered, retried, refused } = delivery.counts;
    for (const [result, total] of Object.entries({ delivered, retried, refused })) {
      metrics.countTo('tokenward_delivery_attempts_total', { sink, result }, total);
    }
  }
  for (const [scope, rows] of state.sizes()) metrics.set('tokenward_state_rows', { scope }, rows);
  if (spool !== null) metrics.set('tokenward_spool_bytes', {}, spool.usedBytes);
}

function stateOf({ sink, state, reason, waiting, lastSuccessMs }: DeliveryHealth, ages: OutboxAge): SinkState {
  const condition = state === 'stopped' ? 'stopped' : state === 'ok' ? 'ok' : 'failing';
  return { name: sink, condition, waiting, waitingMs: ages.of(sink, waiting, lastSuccessMs, Date.now()), detail: reason ?? 'delivers' };
}
