import { statSync } from 'node:fs';
import type { Intel } from '../intel/intel.ts';
import type { Readiness } from '../server/readiness.ts';
import type { BudgetView, HealthView, TableView } from '../server/api/shapes-insight.ts';
import { storeBytes } from '../store/size.ts';

/** What one in a hundred may take at most, in ms. */
export type MeasuredDelay = 'event_delay' | 'commit' | 'checkpoint';

/** What the service measures of itself while it runs. */
export interface Measures {
  /** The 99th of a hundred since the start, ms; `null`: none yet. */
  p99Ms(what: MeasuredDelay): Promise<number | null>;
}

export const unmeasured: Measures = { p99Ms: () => Promise.resolve(null) };

const gib = 1 << 30;
/**
 * What is promised. An event older than a minute, or documents that wait for five, are told by the rules for Prometheus; a commit of 100 ms is
 * what the benchmark aims at; checkpoints end before the next one begins; sizes are those that `docs/run-for-years.md` plans with.
 */
export const promised = { eventDelayMs: 60_000, commitMs: 100, outboxAgeMs: 300_000 } as const;

/** Up to so many identities a machine of this size is planned with. */
export const sizes = [
  { identities: 100_000, memoryBytes: 2 * gib, diskBytes: 20 * gib },
  { identities: 1_000_000, memoryBytes: 4 * gib, diskBytes: 100 * gib },
] as const;

export interface HealthParts {
  readonly version: string;
  readonly dir: string;
  readonly intel: Intel;
  readonly measures: Measures;
  readonly checkpointEveryMs: number;
  readonly identities: () => number;
  readonly readiness: () => Readiness;
}

/** What the service promises beside what it measured, how old what it knows is, and of which versions it is made. */
export async function healthOf(parts: HealthParts): Promise<HealthView> {
  const { version, intel } = parts;
  const { node, sqlite = 'unknown' } = process.versions;
  return {
    budgets: await budgetsOf(parts), tables: tablesOf(intel), identities: parts.identities(),
    versions: [['Tokenward', version], ['Node.js', node], ['SQLite', sqlite]].map(([name = '', own = '']) => ({ name, version: own })),
  };
}

async function budgetsOf({ measures, checkpointEveryMs, readiness, identities, dir }: HealthParts): Promise<BudgetView[]> {
  const size = sizes.find((one) => identities() <= one.identities) ?? sizes[1];
  const waiting = readiness().sinks.map(({ waitingMs }) => waitingMs);
  const delays = await Promise.all((['event_delay', 'commit', 'checkpoint'] as const).map((what) => measures.p99Ms(what)));
  const [eventDelay = null, commit = null, checkpoint = null] = delays;
  return [
    { name: 'event_delay', unit: 'ms', promised: promised.eventDelayMs, measured: eventDelay },
    { name: 'commit', unit: 'ms', promised: promised.commitMs, measured: commit },
    { name: 'checkpoint', unit: 'ms', promised: checkpointEveryMs, measured: checkpoint },
    { name: 'outbox_age', unit: 'ms', promised: promised.outboxAgeMs, measured: waiting.length === 0 ? null : Math.max(...waiting) },
    { name: 'memory', unit: 'bytes', promised: size.memoryBytes, measured: process.memoryUsage.rss() },
    { name: 'disk', unit: 'bytes', promised: size.diskBytes, measured: storeBytes(dir) },
  ];
}

function tablesOf({ age, feeds }: Intel): TableView[] {
  const builtMs = Date.parse(age.builtAt);
  return [{ name: age.source, builtMs: Number.isNaN(builtMs) ? null : builtMs }, ...feeds.map(({ file }) => (
    { name: file, builtMs: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null }))];
}
