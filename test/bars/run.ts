/**
 * `npm run bars [-- --only NAME] [--seed N] [--times N] [--kills N]`: the long forms of the tests of the service and of what it does, some
 * forty minutes. Each bar ends with a verdict, for each place that alerts go to where it is about alerts; the run ends with 1 where one is
 * not met. Not part of `npm test`.
 */
import { parseArgs } from 'node:util';
import { isClean, type Verdict } from '../end-to-end/service/checker.ts';
import { overload, padded } from '../end-to-end/service/overload.ts';
import { makeRecords, type Records } from '../end-to-end/service/records.ts';
import { probe } from '../end-to-end/service/probe.ts';
import { Rig, type Servers } from '../end-to-end/service/rig.ts';
import { startSearchDoor } from '../end-to-end/service/search-door.ts';
import { killAtPoints, killAtRandom } from '../end-to-end/service/series.ts';
import { quantile } from '../bench/measure.ts';
import { Chance } from '../support/logs/random.ts';
import { startElasticsearch } from '../support/servers/elasticsearch.ts';
import { startKafka } from '../support/servers/kafka.ts';
import { responseBars } from './response.ts';
import { webBars } from './web.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' }, seed: { type: 'string', default: '1' }, times: { type: 'string', default: '20' }, kills: { type: 'string', default: '200' },
  },
});
const seed = Number(options.seed);
const layout = { topics: 3, partitions: 1 };
/** Alerts that are timed in each state of Elasticsearch, and how much slower the slowest of a hundred may be. */
const probes = 110;
const slower = 1.5;

interface Bar { readonly name: string; readonly records: () => Records; run(rig: Rig): Promise<void> }

const bars: readonly Bar[] = [
  {
    name: 'points', records: () => makeRecords({ seed, users: 320, days: 10, callsADay: 4, stolenCalls: 30 }, layout),
    run: (rig) => killAtPoints(rig, Number(options.times), tell),
  },
  {
    name: 'random', records: () => makeRecords({ seed: seed + 1, users: 320, days: 10, callsADay: 4, stolenCalls: 30 }, layout),
    run: (rig) => killAtRandom(rig, Number(options.kills), new Chance(seed), tell),
  },
  {
    // How long an alert takes to the webhook, while Elasticsearch answers and while it does not.
    name: 'webhook', records: () => makeRecords({ seed: seed + 3, users: 320, days: 10, callsADay: 4, stolenCalls: 10 }, layout),
    run: async (rig) => {
      const door = await startSearchDoor(rig.elasticsearch);
      rig.configure({ elasticsearch: door.url });
      const service = rig.start();
      const fair = await probe(rig, service, 0, probes);
      door.mood = 'down';
      const down = await probe(rig, service, probes, probes);
      door.mood = 'fair';
      await rig.produce(rig.thefts[2 * probes - 1]!.place + 1);
      await service.settled();
      await service.stop();
      await door.stop();
      const said = [fair, down].map((times) => [0.5, 0.99].map((share) => Math.round(quantile(times, share))));
      tell(`p50 and p99 in ms: ${said[0]!.join(', ')}; while Elasticsearch is down: ${said[1]!.join(', ')}`);
      if (quantile(down, 0.99) > slower * quantile(fair, 0.99)) throw new Error('the webhook became slower');
    },
  },
  {
    // Five minutes at three times of what it takes when it is slowed to 200 records a second at most.
    name: 'overload', records: () => padded(makeRecords({ seed: seed + 2, users: 1800, days: 15, callsADay: 6, stolenCalls: 30 }, layout), 5_000),
    run: async (rig) => {
      const service = rig.start({ burnMs: 5 });
      const { peakLag, peakWaitingBytes, growthBytes } = await overload(rig, service, 1000, 600);
      tell(`${peakLag} records waited, ${megabytes(peakWaitingBytes)} in all; memory grew by ${megabytes(growthBytes)}`);
      if (growthBytes > peakWaitingBytes / 2) throw new Error('the memory grew with the lag');
      await service.settled();
      await service.stop();
    },
  },
];

function tell(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function line(place: string, verdict: Verdict): string {
  const counts = Object.entries(verdict).map(([what, ids]: [string, readonly string[]]) => `${what} ${ids.length}`);
  return `  ${place.padEnd(10)} ${counts.join(', ')}\n`;
}

/** Runs one bar. Answers whether it was met. */
async function runBar(servers: Servers, bar: Bar): Promise<boolean> {
  const rig = await Rig.open(servers, bar.records());
  process.stdout.write(`${bar.name}: ${rig.records.messages.length} records, ${rig.oracle.length} alerts, seed ${seed}\n`);
  try {
    await bar.run(rig);
    const verdicts = Object.entries(await rig.check());
    for (const [place, verdict] of verdicts) process.stdout.write(line(place, verdict));
    return verdicts.every(([, verdict]) => isClean(verdict));
  } catch (error) {
    process.stdout.write(`  ${(error as Error).message}\n`);
    return false;
  } finally {
    await rig.close();
  }
}

const isWanted = ({ name }: { readonly name: string }): boolean => options.only === undefined || options.only === name;

async function runServiceBars(): Promise<boolean> {
  const wanted = bars.filter(isWanted);
  if (wanted.length === 0) return true;
  const [kafka, elasticsearch] = [await startKafka({ heap: '768m' }), await startElasticsearch()];
  let areMet = true;
  try {
    for (const bar of wanted) areMet = told(await runBar({ broker: kafka.broker, elasticsearch: elasticsearch.url }, bar)) && areMet;
  } finally {
    await Promise.all([kafka.stop(), elasticsearch.stop()]);
  }
  return areMet;
}

async function runOwnBars(): Promise<boolean> {
  let areMet = true;
  for (const bar of [...responseBars, ...webBars].filter(isWanted)) {
    process.stdout.write(`${bar.name}\n`);
    const wrong = await bar.run({ times: Number(options.times), seed, tell }).catch((error: unknown) => [String(error)]);
    for (const what of wrong) process.stdout.write(`  ${what}\n`);
    areMet = told(wrong.length === 0) && areMet;
  }
  return areMet;
}

function told(isMet: boolean): boolean {
  process.stdout.write(`  ${isMet ? 'met' : 'NOT met'}\n`);
  return isMet;
}

const areMet = [await runOwnBars(), await runServiceBars()];
if (areMet.includes(false)) process.exitCode = 1;
