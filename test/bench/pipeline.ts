import type { Assembly } from '../../src/assemble.ts';
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

/** Batches and checkpoints come as often as in `replay`. */
const batchEvents = 1024;
const batchesPerCheckpoint = 50;

/** The pipeline up to a stage: what is done for each record, with fresh state. */
type Prefix = (world: Assembly) => (record: RawRecord) => void;

const normalize: Prefix = ({ normalizer }) => (record) => void eventOf(normalizer.normalize(record));
const correlate: Prefix = ({ normalizer, correlator }) => (record) => void correlator.correlate(eventOf(normalizer.normalize(record)));
const enriched: Prefix = ({ normalizer, correlator, intel }) => (record) => {
  const { event } = correlator.correlate(eventOf(normalizer.normalize(record)));
  if (event !== null) enrich(event, intel);
};
const judge: Prefix = ({ normalizer, engine }) => (record) => void engine.process(eventOf(normalizer.normalize(record)));

const prefixes: readonly (readonly [string, Prefix])[] = [
  ['scan and normalize', normalize], ['correlate', correlate], ['enrich', enriched], ['detect', judge],
];

/** Alternates the limit and the pipeline over the same records, each round with fresh state; the first round only warms up. */
export async function benchPipeline(corpus: Corpus, rounds: number): Promise<PipelineResult> {
  const { records } = corpus;
  const parsed: Taken[] = [];
  const whole: Taken[] = [];
  const partial = prefixes.map((): number[] => []);
  let alerts = 0;
  for (let round = 0; round <= rounds; round++) {
    const parse = await timed(() => parseAll(records));
    const world = openWorld();
    const run = await timed(() => runWhole(world, records));
    alerts = [...world.store.effects.alerts()].length;
    await world.store.close();
    for (const [index, [, prefix]] of prefixes.entries()) {
      const { cpuSeconds } = await runPrefix(prefix, records);
      if (round > 0) partial[index]?.push(cpuSeconds);
    }
    if (round === 0) continue;
    parsed.push(parse);
    whole.push(run);
  }
  const rate = (taken: readonly Taken[], unit: keyof Taken): number => records.length / median(taken.map((one) => one[unit]));
  return {
    corpus: corpus.name, records: records.length, meanBytes: corpus.meanBytes, alerts,
    parsePerCpuSecond: rate(parsed, 'cpuSeconds'), eventsPerCpuSecond: rate(whole, 'cpuSeconds'), eventsPerSecond: rate(whole, 'seconds'),
    ratio: median(whole.map((run, round) => (parsed[round] as Taken).cpuSeconds / run.cpuSeconds)),
    stages: shares(partial.map(median), median(whole.map((run) => run.cpuSeconds)), records.length),
  };
}

function shares(upTo: readonly number[], whole: number, records: number): Record<string, number> {
  const perEvent = (seconds: number): number => seconds * 1e6 / records;
  const stages = prefixes.map(([name], index) => [name, perEvent((upTo[index] ?? 0) - (upTo[index - 1] ?? 0))]);
  return { ...Object.fromEntries(stages), 'effects and checkpoints': perEvent(whole - (upTo.at(-1) ?? 0)) };
}

async function runPrefix(prefix: Prefix, records: readonly RawRecord[]): Promise<Taken> {
  const world = openWorld();
  const step = prefix(world);
  const taken = await timed(() => { for (const record of records) step(record); });
  await world.store.close();
  return taken;
}

/** As `replay` does it, for records that come in order. */
export async function runWhole({ normalizer, loop }: Assembly, records: readonly RawRecord[]): Promise<void> {
  let batches = 0;
  for (let from = 0; from < records.length; from += batchEvents) {
    const end = Math.min(records.length, from + batchEvents);
    for (let i = from; i < end; i++) {
      const record = records[i] as RawRecord;
      loop.take(record.origin.identity, record.ordinal, eventOf(normalizer.normalize(record)));
    }
    loop.commit();
    if (++batches % batchesPerCheckpoint === 0) await loop.checkpoint();
  }
  await loop.settled();
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
