import { assemble, type Assembly } from '../assemble.ts';
import type { Configuration } from '../config/configuration.ts';
import { readCredentials } from '../server/credentials.ts';
import type { ServedList } from '../server/deny-lists.ts';
import type { FeedsHandler } from '../server/feeds.ts';
import { startServer, type RunningServer } from '../server/http.ts';
import { judge, type SinkState } from '../server/readiness.ts';
import type { DeliveryEvent, DeliveryHealth } from '../sinks/deliver.ts';
import { eventRecord } from '../sinks/event.ts';
import type { WriteText } from '../sinks/stdout.ts';
import { formats } from '../ingest/formats/index.ts';
import { makeActions } from './actions.ts';
import { systemClock, systemTiming } from './clock.ts';
import type { Log } from './log.ts';
import { Metrics, type Tally } from './metrics.ts';
import { makeObserver } from './observer.ts';
import { ReloadableInventory } from './reload.ts';
import { makeResponse, type Response } from './response.ts';
import { Restarts } from './restarts.ts';
import { Service } from './service.ts';
import { keepsEvents, makeDeliveries, type AnyDelivery } from './sinks.ts';
import { makeSources, type Sources } from './sources.ts';
import { withinMs } from './within.ts';

/** Where the state is kept when the configuration names no folder. */
export const defaultDir = 'tokenward-data';
/** What sinks get to deliver while the service stops. */
const deliverGraceMs = 4_000;
/** What they get to close their connections then. */
const closeGraceMs = 1_000;

export interface RunningService {
  readonly address: { readonly host: string; readonly port: number };
  /** Resolves when the service has stopped in order; rejects when something that it cannot do without failed. */
  readonly ended: Promise<void>;
  stop(): void;
  /** Takes over what may change while the service runs; answers whether the rest differs and needs a restart. */
  reload(configuration: Configuration): { readonly needsRestart: boolean };
}

/** Puts the service together and starts it. Throws where the configuration cannot work on this machine. */
export async function startService(configuration: Configuration, log: Log, write: WriteText): Promise<RunningService> {
  const metrics = new Metrics();
  const events = new Map(formats.map(({ id }) => [id, metrics.tally('tokenward_events_total', { format: id })]));
  const isKeeping = keepsEvents(configuration);
  const clock = systemClock();
  const assembly = assemble({
    configuration, dataDir: configuration.store.dir ?? defaultDir, format: null, sealTokens: true,
    onEvent: (event) => {
      (events.get(event.dataset) ?? events.get('ecs') as Tally).sum++;
      if (isKeeping) assembly.effects.keep(eventRecord(event));
    },
    onAlert: ({ detector, severity }) => metrics.count('tokenward_alerts_total', { detector, severity: String(severity) }),
    onRefusal: ({ reason }) => metrics.count('tokenward_quarantined_total', { reason }),
    warn: (text) => log.warn('configuration', text),
  });
  const sources = makeSources(configuration, assembly);
  const deliveries = makeDeliveries(configuration, assembly, systemTiming, write, (event) => tellDelivery(log, event));
  const { outbox, events: kept } = assembly.store.effects;
  const settings = new ReloadableInventory(
    assembly.store.effects, assembly.state.entities('settings'), (inventory) => assembly.correlator.setInventory(inventory), configuration.inventory,
  );
  const observer = makeObserver(log, metrics, () => clock.nowMs());
  const restarts = new Restarts({ sources: sources.live, positions: assembly.positions, clock, observer, store: assembly.store.effects });
  const { actions, denyLists } = makeActions(configuration, assembly);
  const response = makeResponse({ configuration, assembly, actions, timing: systemTiming, log, metrics, wakeEngine: () => clock.wake() });
  const service = new Service({
    settings, restarts, commands: response.commands,
    loop: assembly.loop, effects: assembly.effects, positions: assembly.positions, normalizer: assembly.normalizer, sources: sources.live,
    clock, observer: { ...observer, committed: (tookMs) => { observer.committed(tookMs); response.wake(); } }, isFull: () => outbox.isFull() || kept.isFull(), checkpointEveryMs: configuration.store.checkpointEveryMs,
  });
  const server = await serve(configuration, metrics, sources, deliveries, service, assembly, log, restarts, denyLists, response);
  log.info('listening', 'The service answers on this port.', { port: server.port });
  for (const part of [...deliveries, response]) part.start().catch(() => service.stop());
  return {
    address: server, ended: untilEnd(service, server, deliveries, sources, assembly, response), stop: () => service.stop(),
    reload(changed) {
      settings.change(changed.inventory);
      clock.wake();
      return { needsRestart: fixed(changed) !== fixed(configuration) };
    },
  };
}

/** What holds until the next start. */
function fixed(configuration: Configuration): string {
  return JSON.stringify({ ...configuration, inventory: null, hash: null });
}

async function untilEnd(
  service: Service, server: RunningServer, deliveries: readonly AnyDelivery[], sources: Sources, assembly: Assembly, response: Response,
): Promise<void> {
  try {
    await service.run();
    const stops = [...deliveries, response].map((part) => part.stop(deliverGraceMs));
    await withinMs(Promise.all(stops), deliverGraceMs + closeGraceMs);
  } finally {
    await server.close();
    sources.spool?.close();
    await assembly.store.close();
  }
}

function serve(
  { server }: Configuration, metrics: Metrics, sources: Sources, deliveries: readonly AnyDelivery[], service: Service, assembly: Assembly, log: Log,
  feeds: FeedsHandler, denyLists: readonly ServedList[], response: Response,
): Promise<RunningServer> {
  const sinkStates = (): SinkState[] => deliveries.map((delivery) => stateOf(delivery.health()));
  return startServer({
    host: server.host, port: server.port, credentials: server.credentialsFile === null ? null : readCredentials(server.credentialsFile),
    readiness: () => judge({
      nowMs: Date.now(), running: service.isRunning, storeProblem: service.problem, lastCheckpointMs: service.lastCheckpointMs,
      sources: sources.live.map((source) => ({ name: source.name, health: source.health() })), sinks: sinkStates(),
    }),
    metrics: async () => {
      gather(metrics, sources, deliveries, service, assembly);
      response.gather();
      return { contentType: metrics.contentType, text: await metrics.text() };
    },
    push: sources.push, feeds, denyLists,
    onRefused: (reason, status) => log.warn('request_refused', 'A request was refused.', { reason, status }),
    onPush: (source, { result }) => metrics.count('tokenward_pushes_total', { source, result }),
  });
}

/** What is only looked at when somebody asks. */
function gather(metrics: Metrics, { live, spool }: Sources, deliveries: readonly AnyDelivery[], service: Service, { state }: Assembly): void {
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

function stateOf({ sink, state, reason, waiting }: DeliveryHealth): SinkState {
  const condition = state === 'stopped' ? 'stopped' : state === 'ok' ? 'ok' : 'failing';
  return { name: sink, condition, waiting, detail: reason ?? 'delivers' };
}

function tellDelivery(log: Log, { sink, kind, reason, count }: DeliveryEvent): void {
  const messages: Readonly<Record<DeliveryEvent['kind'], string>> = {
    opened: 'A sink fails; its alerts wait.', closed: 'A sink works again.',
    refused: 'A sink refused alerts for good; they are kept as dead letters.', stopped: 'A sink asked to be left alone.',
  };
  if (kind === 'closed') log.info('sink_works', messages.closed, { sink });
  else log.warn(`sink_${kind}`, messages[kind], { sink, reason, count });
}
