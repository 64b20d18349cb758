import type { Assembly } from '../../src/assemble.ts';
import { CheckpointRule } from '../../src/cli/replay/checkpoints.ts';
import type { RawRecord } from '../../src/ingest/record.ts';
import { enrich } from '../../src/intel/intel.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import { type Corpus } from './corpus.ts';
import { median, timed, type Taken } from './measure.ts';
import { openWorld } from './world.ts';

export interface PipelineResult {
  readonly corpus: string;
  readonly records: number;
  readonly meanBytes: number;
  readonly alerts: number;
  /** The limit: `JSON.parse(buf.toString())` of the same records. */
  readonly parsePerCpuSecond: number;
  readonly eventsPerCpuSecond: number;
  readonly eventsPerSecond: number;
  /** Of events to the limit, per CPU second, round by round. */
  readonly ratio: number;
  /** Microseconds of CPU per event that each stage adds to those before it. */
  readonly stages: Readonly<Record<string, number>>;
}

/** The pipeline up to one stage, beside the limit. */
export interface StageResult {
  readonly corpus: string;
  readonly records: number;
  readonly meanBytes: number;
  readonly alerts: number;
  readonly parse: Taken;
  readonly run: Taken;
  readonly ratio: number;
}

/** As many as in `replay`. */
const batchEvents = 1024;
/** The first round only makes the code hot. */
const roundEvents = 50 * batchEvents;

/** Records that a number of rounds takes. */
export function recordsFor(rounds: number): number {
  return (rounds + 1) * roundEvents;
}

/** What is done for one record, up to a stage. */
type Step = (record: RawRecord) => void;

const steps: Readonly<Record<string, (world: Assembly) => Step>> = {
  'scan and normalize': ({ normalizer }) => (record) => void eventOf(normalizer.normalize(record)),
  'correlate': ({ normalizer, correlator }) => (record) => void correlator.correlate(eventOf(normalizer.normalize(record))),
  'enrich': ({ normalizer, correlator, intel }) => (record) => {
    const { event } = correlator.correlate(eventOf(normalizer.normalize(record)));
    if (event !== null) enrich(event, intel);
  },
  'detect': ({ normalizer, engine }) => (record) => void engine.process(eventOf(normalizer.normalize(record))),
  'effects and checkpoints': ({ normalizer, loop }) => (record) => void loop.take(record.origin.identity, record.ordinal, eventOf(normalizer.normalize(record))),
};

/** Each stage holds those before it; the last one is the whole pipeline, with its store. */
export const stages: readonly string[] = Object.keys(steps);
const whole = stages.length - 1;

/**
 * Alternates the limit and the pipeline up to a stage over the same records, in rounds, after a part that only
 * warms up. For a process of its own: code that met several pipelines is slower than a service ever is.
 */
export async function benchStage({ name, records, meanBytes }: Corpus, stage: number, rounds: number): Promise<StageResult> {
  const world = openWorld();
  const step = (steps[stages[stage] as string] as (world: Assembly) => Step)(world);
  const store = stage === whole ? world : null;
  const checkpoints = new CheckpointRule(world.state, false, performance.now());
  const taken: { parse: Taken; run: Taken }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const some = records.slice(round * roundEvents, (round + 1) * roundEvents);
    const parse = perRecord(await timed(() => parseAll(some)));
    const run = perRecord(await timed(() => runRound(step, store, checkpoints, some)));
    if (round > 0) taken.push({ parse, run });
  }
  const alerts = [...world.store.effects.alerts()].length;
  await world.store.close();
  return {
    corpus: name, records: records.length, meanBytes, alerts,
    parse: medianOf(taken.map(({ parse }) => parse)), run: medianOf(taken.map(({ run }) => run)),
    ratio: median(taken.map(({ parse, run }) => parse.cpuSeconds / run.cpuSeconds)),
  };
}

/** Puts the stages together. They ran one after the other, so on a busy machine a small one may come out below nothing. */
export function combine(upTo: readonly StageResult[]): PipelineResult {
  const { corpus, records, meanBytes, alerts, parse, run, ratio } = upTo[whole] as StageResult;
  const cpu = upTo.map((one) => one.run.cpuSeconds * 1e6);
  return {
    corpus, records, meanBytes, alerts, ratio,
    parsePerCpuSecond: 1 / parse.cpuSeconds, eventsPerCpuSecond: 1 / run.cpuSeconds, eventsPerSecond: 1 / run.seconds,
    stages: Object.fromEntries(stages.map((stage, index) => [stage, (cpu[index] ?? 0) - (cpu[index - 1] ?? 0)])),
  };
}

/** As `replay` does it without a data folder, for records that come in order. */
async function runRound(step: Step, store: Assembly | null, checkpoints: CheckpointRule, records: readonly RawRecord[]): Promise<void> {
  for (const [number, record] of records.entries()) {
    step(record);
    if (store === null || (number + 1) % batchEvents !== 0) continue;
    store.loop.commit();
    if (checkpoints.isDue(performance.now())) await store.loop.checkpoint();
  }
  await store?.loop.settled();
}

function perRecord({ seconds, cpuSeconds }: Taken): Taken {
  return { seconds: seconds / roundEvents, cpuSeconds: cpuSeconds / roundEvents };
}

function medianOf(taken: readonly Taken[]): Taken {
  return { seconds: median(taken.map((one) => one.seconds)), cpuSeconds: median(taken.map((one) => one.cpuSeconds)) };
}

let parsedKeys = 0;

function parseAll(records: readonly RawRecord[]): void {
  for (const { bytes } of records) parsedKeys += Object.keys(JSON.parse((bytes as Buffer).toString()) as object).length;
  if (parsedKeys === 0) throw new Error('nothing was parsed');
}

function eventOf(outcome: ReturnType<Assembly['normalizer']['normalize']>): TokenEvent {
  if (outcome.kind !== 'event') throw new Error(`the corpus holds a record that is no event: ${JSON.stringify(outcome)}`);
  return outcome.event;
}
