import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assembly } from '../../src/assemble.ts';
import type { RawRecord } from '../../src/ingest/record.ts';
import { envoyCorpus } from './corpus.ts';
import { quantile } from './measure.ts';
import { openWorld } from './world.ts';

export interface LatencyResult {
  readonly eventsPerSecond: number;
  /** Events that raised an alert, each measured from when it arrived to when its effects were durable. */
  readonly alerts: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly checkpoints: number;
  readonly rowsPerCheckpoint: number;
}

const batchEvents = 1024;
/** Each event touches about four rows that the others do not. */
const eventsPerCheckpoint = 26_000;
const pacedSeconds = 12;
/** Enough for one checkpoint of the wanted size, and not more than the corpus should take of memory. */
const pacedEvents = { least: 60_000, most: 240_000 };
const identities = 40_000;
/** Taken as fast as they can be, beside checkpoints too: half of that rate is half load. */
const calibrationEvents = 80_000;
const anyRate = 1e9;
const checkpointRows = 100_000;

/** Hands over events at a fixed rate, whether or not the loop keeps up, while checkpoints are written without a pause; at half load where `eventsPerSecond` is `null`. */
export async function benchLatency(eventsPerSecond: number | null): Promise<LatencyResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tokenward-bench-'));
  const world = openWorld(dataDir, { 'unfamiliar-ip': { learn: '0' } });
  try {
    return await measure(world, eventsPerSecond);
  } finally {
    await world.store.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function measure(world: Assembly, wantedPerSecond: number | null): Promise<LatencyResult> {
  const { records } = envoyCorpus(identities + calibrationEvents + pacedEvents.most, { identities, quiet: identities, thefts: 1 / 200 });
  const rows = countRows(world);
  const raised = watchAlerts(world);
  const take = (number: number): void => {
    const record = records[number] as RawRecord;
    const outcome = world.normalizer.normalize(record);
    if (outcome.kind === 'event') world.loop.take(record.origin.identity, record.ordinal, outcome.event);
  };
  for (let number = 0; number < identities; number++) take(number);
  await world.loop.checkpoint();
  await world.loop.settled();
  const startedMs = performance.now();
  const from = identities + calibrationEvents;
  await pace(world, take, raised, identities, from, anyRate);
  await world.loop.settled();
  const eventsPerSecond = wantedPerSecond ?? calibrationEvents * 500 / (performance.now() - startedMs);
  rows.length = 0;
  const paced = Math.min(pacedEvents.most, Math.max(pacedEvents.least, Math.floor(eventsPerSecond * pacedSeconds)));
  const delaysMs = await pace(world, take, raised, from, from + paced, eventsPerSecond);
  await world.loop.settled();
  const large = rows.filter((count) => count >= checkpointRows / 2);
  return {
    eventsPerSecond, alerts: delaysMs.length, p50Ms: quantile(delaysMs, 0.5), p99Ms: quantile(delaysMs, 0.99),
    checkpoints: large.length, rowsPerCheckpoint: large.reduce((sum, count) => sum + count, 0) / large.length,
  };
}

/** Takes what has arrived, in batches; each event arrives at its time, and waits for its turn. */
async function pace(
  { loop }: Assembly, take: (number: number) => void, raised: () => boolean, from: number, to: number, eventsPerSecond: number,
): Promise<number[]> {
  const delaysMs: number[] = [];
  const startedMs = performance.now();
  const arrivedMs = (number: number): number => startedMs + (number - from) * 1000 / eventsPerSecond;
  let sinceCheckpoint = 0;
  let idle = true;
  for (let next = from; next < to;) {
    const hits: number[] = [];
    const end = Math.min(to, next + batchEvents, from + Math.floor((performance.now() - startedMs) * eventsPerSecond / 1000));
    for (; next < end; next++, sinceCheckpoint++) {
      take(next);
      if (raised()) hits.push(next);
    }
    loop.commit();
    const durableMs = performance.now();
    for (const number of hits) delaysMs.push(durableMs - arrivedMs(number));
    if (idle && sinceCheckpoint >= eventsPerCheckpoint) {
      idle = false;
      sinceCheckpoint = 0;
      await loop.checkpoint();
      void loop.settled().then(() => { idle = true; });
    }
    await new Promise((resolve) => { setImmediate(resolve); });
  }
  return delaysMs;
}

/** Rows of each checkpoint from now on. */
function countRows({ store }: Assembly): number[] {
  const counts: number[] = [];
  const { state } = store;
  const write = state.write.bind(state);
  state.write = (checkpoint) => {
    counts.push(checkpoint.rows.reduce((sum, { count }) => sum + count, 0));
    return write(checkpoint);
  };
  return counts;
}

/** Asked after an event: did it raise or change an alert? */
function watchAlerts({ effects }: Assembly): () => boolean {
  let seen = false;
  const alert = effects.alert.bind(effects);
  effects.alert = (changed) => {
    seen = true;
    alert(changed);
  };
  return () => {
    const answer = seen;
    seen = false;
    return answer;
  };
}
