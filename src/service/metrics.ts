import { Counter, Gauge, Histogram, Registry } from 'prom-client';

interface Described {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Only names out of the configuration or of our own code ever stand in them: nothing that a log could fill. */
  readonly labels: readonly string[];
}

/** Every metric there is. Durations are in seconds and sizes in bytes, as Prometheus has it. */
export const metricTable = {
  tokenward_events_total: { kind: 'counter', help: 'Events taken in, by log format.', labels: ['format'] },
  tokenward_records_total: {
    kind: 'counter', labels: ['source', 'outcome'],
    help: 'Records read, by configured source and what became of them: event, duplicate, ignored, quarantined.',
  },
  tokenward_read_bytes_total: { kind: 'counter', help: 'Bytes read, by configured source.', labels: ['source'] },
  tokenward_quarantined_total: { kind: 'counter', help: 'Records refused, by reason.', labels: ['reason'] },
  tokenward_capped_events_total: {
    kind: 'counter', labels: [],
    help: 'Events whose time lay more than five minutes ahead of their receipt.',
  },
  tokenward_alerts_total: {
    kind: 'counter', labels: ['detector', 'severity'],
    help: 'Alerts raised, by detector and severity (21 low to 99 critical).',
  },
  tokenward_hidden_events_total: {
    kind: 'counter', labels: ['detector', 'exception'],
    help: 'Deviating events that nobody was told of, by detector and the exception that hides them.',
  },
  tokenward_source_lag_records: { kind: 'gauge', help: 'Records that wait to be read, where the source can tell.', labels: ['source'] },
  tokenward_feeds_stopped: {
    kind: 'gauge', labels: ['source'],
    help: 'Feeds that stopped and wait for somebody to look, by configured source.',
  },
  tokenward_recovery_diverged: {
    kind: 'gauge', labels: [],
    help: '1 if after the start the records of the interrupted run came in another order, so that its last moments may be judged anew.',
  },
  tokenward_source_last_fetch_age_seconds: { kind: 'gauge', help: 'Time since a source last answered.', labels: ['source'] },
  tokenward_source_paused: { kind: 'gauge', help: '1 while a source is kept from delivering.', labels: ['source'] },
  tokenward_event_delay_seconds: {
    kind: 'histogram', labels: [],
    help: 'From the time a record was complete to the commit of its effects: the slowest of each commit.',
  },
  tokenward_commit_seconds: { kind: 'histogram', help: 'Duration of one commit of effects.', labels: [] },
  tokenward_checkpoint_seconds: { kind: 'histogram', help: 'Duration of one checkpoint of the state.', labels: [] },
  tokenward_last_checkpoint_timestamp_seconds: { kind: 'gauge', help: 'When the last checkpoint became durable, since 1970.', labels: [] },
  tokenward_state_rows: { kind: 'gauge', help: 'Rows of state in memory, by scope of their keys.', labels: ['scope'] },
  tokenward_outbox_rows: { kind: 'gauge', help: 'Documents that wait for a sink.', labels: ['sink'] },
  tokenward_outbox_age_seconds: { kind: 'gauge', help: 'Time for which documents have waited for a sink without one getting through.', labels: ['sink'] },
  tokenward_delivery_attempts_total: {
    kind: 'counter', labels: ['sink', 'result'],
    help: 'Documents given to a sink, by result: delivered, retried, refused.',
  },
  tokenward_dead_letters: { kind: 'gauge', help: 'Documents that a sink refused for good.', labels: ['sink'] },
  tokenward_pushes_total: {
    kind: 'counter', labels: ['source', 'result'],
    help: 'Pushed batches, by source and result: accepted, repeated, refused, full.',
  },
  tokenward_spool_bytes: { kind: 'gauge', help: 'Bytes of pushed batches that wait on disk.', labels: [] },
  tokenward_intents: { kind: 'gauge', help: 'Intents, by state.', labels: ['state'] },
  tokenward_response_calls_total: {
    kind: 'counter', labels: ['action', 'result'],
    help: 'Calls of configured actions, by result: done, already, retry, failed.',
  },
  tokenward_response_breaker_open: {
    kind: 'gauge', labels: ['lane'],
    help: '1 while a cap was reached and the rest waits for two people, for critical alerts and for the others.',
  },
  tokenward_kill_switch_on: { kind: 'gauge', help: '1 while nothing is done.', labels: [] },
  tokenward_canary_delay_seconds: {
    kind: 'histogram', labels: ['canary'],
    help: 'From a use of a canary, as its log has it, to the commit of what came of it.',
  },
  tokenward_canary_missing: { kind: 'gauge', help: '1 while a canary is not seen in time.', labels: ['canary'] },
  tokenward_heartbeats_total: {
    kind: 'counter', labels: ['result'],
    help: 'Calls of the heartbeat address, by result: sent, failed, withheld because the service was not well.',
  },
  tokenward_provider_clock_offset_seconds: {
    kind: 'gauge', labels: ['action'],
    help: 'How far the clock of an action\'s provider is ahead of ours, once calls were refused for it.',
  },
  tokenward_pages_total: { kind: 'counter', help: 'What somebody must look at, by reason.', labels: ['reason'] },
  tokenward_audit_broken: { kind: 'gauge', help: '1 if the audit chain lacked entries at the start: then nothing is done.', labels: [] },
  tokenward_ready: { kind: 'gauge', help: '1 while the service is ready, as GET /readyz has it.', labels: [] },
  tokenward_audit_entries: { kind: 'gauge', help: 'Entries of the audit chain.', labels: [] },
  tokenward_resident_memory_bytes: { kind: 'gauge', help: 'Memory of the process.', labels: [] },
  tokenward_cpu_seconds_total: { kind: 'counter', help: 'Processor time of the process, its threads included.', labels: [] },
} as const satisfies Readonly<Record<string, Described>>;

type Table = typeof metricTable;
export type MetricName = keyof Table;
type NamesOf<Kind> = { [Name in MetricName]: Table[Name]['kind'] extends Kind ? Name : never }[MetricName];
export type LabelsOf<Name extends MetricName> = Readonly<Record<Table[Name]['labels'][number], string>>;

/** From half a millisecond to ten minutes. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];
/** So many combinations of labels are kept apart for one metric; what comes after shares the label `other`. */
const maxSeries = 1000;

/** Only ever added to. */
export interface Tally { sum: number }

/** What the service counts and measures. Names and meaning of all of it: `metricTable`. */
export class Metrics {
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #metrics = new Map<string, Counter | Gauge | Histogram>();
  readonly #series = new Map<string, Set<string>>();
  readonly #totals = new Map<string, number>();
  readonly #tallies: (() => void)[] = [];

  constructor() {
    this.contentType = this.#registry.contentType;
    for (const [name, described] of Object.entries<Described>(metricTable)) {
      const options = { name, help: described.help, labelNames: described.labels, registers: [this.#registry] };
      const { kind } = described;
      const histogram = { ...options, buckets };
      this.#metrics.set(name, kind === 'counter' ? new Counter(options) : kind === 'gauge' ? new Gauge(options) : new Histogram(histogram));
      this.#series.set(name, new Set());
    }
  }

  /** Adds to a counter. */
  count<Name extends NamesOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    (this.#metrics.get(name) as Counter).inc(this.#bounded(name, labels), by);
  }

  /** A counter of few words for what happens all the time: its sum is taken over when somebody asks. */
  tally<Name extends NamesOf<'counter'>>(name: Name, labels: LabelsOf<Name>): Tally {
    const tally = { sum: 0 };
    this.#tallies.push(() => this.countTo(name, labels, tally.sum));
    return tally;
  }

  /** Brings a counter to the total that somebody else counts. */
  countTo<Name extends NamesOf<'counter'>>(name: Name, labels: LabelsOf<Name>, total: number): void {
    const key = `${name}\n${keyOf(labels)}`;
    this.count(name, labels, Math.max(0, total - (this.#totals.get(key) ?? 0)));
    this.#totals.set(key, total);
  }

  /** Sets a gauge. */
  set<Name extends NamesOf<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void {
    (this.#metrics.get(name) as Gauge).set(this.#bounded(name, labels), value);
  }

  /** Adds one measured duration. */
  observe<Name extends NamesOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, seconds: number): void {
    (this.#metrics.get(name) as Histogram).observe(this.#bounded(name, labels), seconds);
  }

  /** A quantile of all that was measured, in seconds, within the bucket that holds it; `null`: nothing was. */
  async quantile<Name extends NamesOf<'histogram'>>(name: Name, share: number): Promise<number | null> {
    const { values } = await (this.#metrics.get(name) as Histogram).get();
    const counts = new Map<number, number>();
    for (const { metricName, labels, value } of values) {
      if (metricName?.endsWith('_bucket') !== true) continue;
      const bound = Number(labels.le === '+Inf' ? Infinity : labels.le);
      counts.set(bound, (counts.get(bound) ?? 0) + value);
    }
    return quantileOf([...counts].sort(([left], [right]) => left - right), share);
  }

  /** What these labels name is gone, such as a feed that has ended. */
  forget<Name extends MetricName>(name: Name, labels: LabelsOf<Name>): void {
    this.#series.get(name)!.delete(keyOf(labels));
    this.#metrics.get(name)!.remove(labels as Record<string, string>);
  }

  /** Everything in the text format of Prometheus. */
  async text(): Promise<string> {
    for (const take of this.#tallies) take();
    this.set('tokenward_resident_memory_bytes', {}, process.memoryUsage.rss());
    const { user, system } = process.cpuUsage();
    const seconds = (user + system) / 1e6;
    this.countTo('tokenward_cpu_seconds_total', {}, seconds);
    return this.#registry.metrics();
  }

  #bounded(name: string, labels: Readonly<Record<string, string>>): Record<string, string> {
    const series = this.#series.get(name)!;
    const key = keyOf(labels);
    if (series.has(key)) return labels;
    if (series.size >= maxSeries) return Object.fromEntries(Object.keys(labels).map((label) => [label, 'other']));
    series.add(key);
    return labels;
  }
}

/** `buckets`: upper bounds with how many lie below each, by bound; evenly spread within a bucket. Of what lies beyond all bounds the largest is told. */
function quantileOf(buckets: readonly (readonly [bound: number, below: number])[], share: number): number | null {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return null;
  const place = buckets.findIndex(([, below]) => below >= share * total);
  const [lower = 0, before = 0] = buckets[place - 1] ?? [];
  const [bound, below] = buckets[place] as readonly [number, number];
  return bound === Infinity ? lower : lower + (bound - lower) * (share * total - before) / Math.max(1, below - before);
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return Object.values(labels).join('\n');
}
