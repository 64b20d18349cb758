import { assemble, type AssembleOptions, type Assembly } from '../assemble.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Account } from '../server/accounts.ts';
import type { RunningServer } from '../server/http.ts';
import type { DeliveryEvent } from '../sinks/deliver.ts';
import { eventRecord } from '../sinks/event.ts';
import type { WriteText } from '../sinks/stdout.ts';
import { formats } from '../ingest/formats/index.ts';
import { makeActions } from './actions.ts';
import { defaultDir } from '../store/open.ts';
import { systemClock, systemTiming } from './clock.ts';
import { followKibana } from './kibana-status.ts';
import { makeLive, type LiveParts } from './live.ts';
import type { Log } from './log.ts';
import { Metrics, type Tally } from './metrics.ts';
import type { Measures } from './health.ts';
import { makeObserver } from './observer.ts';
import type { Observer } from './parts.ts';
import { fixedOf, ReloadableBundle, reloadableOf } from './reload.ts';
import { makeResponse, type Response } from './response.ts';
import { Restarts } from './restarts.ts';
import { readinessOf, serve } from './serve.ts';
import { Service } from './service.ts';
import { keepsEvents, makeDeliveries, type AnyDelivery } from './sinks.ts';
import { makeSources, type Sources } from './sources.ts';
import { makeWatch } from './watch.ts';
import { withinMs } from './within.ts';

/** What sinks get to deliver while the service stops. */
const deliverGraceMs = 4_000;
/** What they get to close their connections then. */
const closeGraceMs = 1_000;

export interface RunningService {
  readonly address: { readonly host: string; readonly port: number };
  /** Resolves when the service has stopped in order; rejects when something that it cannot do without failed. */
  readonly ended: Promise<void>;
  stop(): void;
  /** Path of a link that begins a browser's session of this account once; `null` where there are no accounts. */
  openSession(account: Account): string | null;
  /**
   * Takes over what may change while the service runs; answers whether the rest differs and needs a restart. Throws, changing nothing,
   * where the file of accounts cannot be used.
   */
  reload(configuration: Configuration): { readonly needsRestart: boolean };
}

/** Puts the service together and starts it. Throws where the configuration cannot work on this machine. */
export async function startService(configuration: Configuration, log: Log, write: WriteText): Promise<RunningService> {
  const metrics = new Metrics();
  const count = eventCounter(metrics);
  const isKeeping = keepsEvents(configuration);
  const watch = makeWatch(configuration, { metrics, log, timing: systemTiming, notes: () => assembly.store.effects });
  const clock = systemClock();
  const assembly = assemble({
    configuration, dataDir: configuration.store.dir ?? defaultDir, format: null, live: true, sealTokens: true,
    onEvent: (event) => {
      count(event.dataset);
      if (isKeeping) assembly.effects.keep(eventRecord(event));
      live.api.seen(event);
      watch.seen(event);
    },
    ...counting(metrics, (reason) => live.api.refused(reason)),
    warn: (text) => log.warn('configuration', text),
  });
  const sources = makeSources(configuration, assembly);
  const deliveries = makeDeliveries(configuration, assembly, systemTiming, write, (event) => tellDelivery(log, event));
  const { outbox, events: kept } = assembly.store.effects;
  const settings = openSettings(configuration, assembly);
  const observer = makeObserver(log, metrics, () => clock.nowMs());
  const restarts = new Restarts({ sources: sources.live, positions: assembly.positions, clock, observer, store: assembly.store.effects });
  const { actions, denyLists } = makeActions(configuration, assembly, clockAlarm(log, metrics));
  const response = makeResponse({ configuration, assembly, actions, timing: systemTiming, log, metrics, wakeEngine: () => clock.wake() });
  const service = new Service({
    settings, restarts, commands: response.commands,
    loop: assembly.loop, effects: assembly.effects, positions: assembly.positions, normalizer: assembly.normalizer, sources: sources.live,
    clock, observer: telling(observer, { taken: (source) => live.api.taken(source), committed: () => tellCommitted([live.api, watch], response) }),
    isFull: () => outbox.isFull() || kept.isFull(), checkpointEveryMs: configuration.store.checkpointEveryMs,
  });
  const readiness = readinessOf(service, sources.live, deliveries);
  const live = makeLive(configuration, assembly, { ...response, actions }, { readiness, measures: measuresOf(metrics), canaries: () => watch.canaries() });
  const server = await serve({ configuration, metrics, sources, deliveries, service, assembly, log, restarts, denyLists, response, readiness, live });
  live.api.start(() => server.changed());
  watch.start(() => readiness().ready);
  const kibana = followKibana(configuration, { alert: (id) => assembly.store.effects.alert(id), triage: response.triage, timing: systemTiming, log });
  log.info('listening', 'The service answers on this port.', { port: server.port });
  for (const part of [...deliveries, response]) part.start().catch(() => service.stop());
  return {
    address: server, stop: () => service.stop(),
    ended: untilEnd(service, server, deliveries, sources, assembly, response, [watch, kibana]).finally(() => live.api.stop()),
    openSession: (account) => server.openSession(account),
    reload(changed) {
      reload(changed, settings, response, live);
      clock.wake();
      return { needsRestart: fixedOf(changed) !== fixedOf(configuration) };
    },
  };
}

/** Calls are dated by the provider's clock then; but whoever reads times of ours must know. */
function clockAlarm(log: Log, metrics: Metrics): (action: string, offsetMs: number) => void {
  return (action, offsetMs) => {
    metrics.set('tokenward_provider_clock_offset_seconds', { action }, offsetMs / 1000);
    metrics.count('tokenward_pages_total', { reason: 'clock_off' });
    const message = 'The clock of this machine, or that of an action\'s provider, is wrong: calls were refused for it.';
    log.error('page_clock_off', message, { action, milliseconds: offsetMs });
  };
}

function reload(changed: Configuration, settings: ReloadableBundle, response: Response, live: Pick<LiveParts, 'reload'>): void {
  live.reload(changed);
  settings.change(reloadableOf(changed));
  response.tellWaiting(changed.policy);
}

/** What may change while the service runs. */
function openSettings(configuration: Configuration, { store, state, correlator, exceptions, decisions }: Assembly): ReloadableBundle {
  return new ReloadableBundle(store.effects, state.entities('settings'), (now) => {
    correlator.setInventory(now.inventory);
    exceptions.replace(now);
    decisions.change(now);
  }, reloadableOf(configuration));
}

/** How long things take, as the metrics have it. */
function measuresOf(metrics: Metrics): Measures {
  const names = {
    event_delay: 'tokenward_event_delay_seconds', commit: 'tokenward_commit_seconds', checkpoint: 'tokenward_checkpoint_seconds',
  } as const;
  return {
    p99Ms: async (what) => {
      const seconds = await metrics.quantile(names[what], 0.99);
      return seconds === null ? null : seconds * 1000;
    },
  };
}

/** Counts what the engine raises, hides and refuses. */
function counting(metrics: Metrics, refused: (reason: string) => void): Pick<AssembleOptions, 'onAlert' | 'onHidden' | 'onRefusal'> {
  return {
    onAlert: ({ detector, severity }) => metrics.count('tokenward_alerts_total', { detector, severity: String(severity) }),
    onHidden: ({ detector, hiddenBy }) => metrics.count('tokenward_hidden_events_total', { detector, exception: hiddenBy as string }),
    onRefusal: ({ reason }) => {
      metrics.count('tokenward_quarantined_total', { reason });
      refused(reason);
    },
  };
}

/** Counts an event under its format. */
function eventCounter(metrics: Metrics): (dataset: string) => void {
  const tallies = new Map(formats.map(({ id }) => [id, metrics.tally('tokenward_events_total', { format: id })]));
  return (dataset) => { (tallies.get(dataset) ?? tallies.get('ecs') as Tally).sum++; };
}

function tellCommitted(told: readonly { committed(): void }[], response: Response): void {
  for (const one of told) one.committed();
  response.wake();
}

/** The observer, and others who are told as well. */
function telling(observer: Observer, others: { readonly taken: (source: string) => void; readonly committed: () => void }): Observer {
  return {
    ...observer,
    taken(source, parcel, repeated) {
      observer.taken(source, parcel, repeated);
      if (parcel.events.length > 0) others.taken(source);
    },
    committed(tookMs) {
      observer.committed(tookMs);
      others.committed();
    },
  };
}

async function untilEnd(
  service: Service, server: RunningServer, deliveries: readonly AnyDelivery[], sources: Sources, assembly: Assembly, response: Response,
  watching: readonly { stop(): void }[],
): Promise<void> {
  try {
    await service.run().finally(() => watching.forEach((one) => one.stop()));
    const stops = [...deliveries, response].map((part) => part.stop(deliverGraceMs));
    await withinMs(Promise.all(stops), deliverGraceMs + closeGraceMs);
  } finally {
    await server.close();
    sources.spool?.close();
    await assembly.store.close();
  }
}

function tellDelivery(log: Log, { sink, kind, reason, count }: DeliveryEvent): void {
  const messages: Readonly<Record<DeliveryEvent['kind'], string>> = {
    opened: 'A sink fails; its alerts wait.', closed: 'A sink works again.',
    refused: 'A sink refused alerts for good; they are kept as dead letters.', stopped: 'A sink asked to be left alone.',
  };
  if (kind === 'closed') log.info('sink_works', messages.closed, { sink });
  else log.warn(`sink_${kind}`, messages[kind], { sink, reason, count });
}
