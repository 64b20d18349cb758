/**
 * `node test/bench/detect/adversary.ts [--identities N] [--history N] [--seed N] [--publish]`: the most that somebody who knows the algorithm can take
 * beside the workload with a stolen token, from its own network, before egress-spike or egress-drip says so; in mean working days of the workload: on
 * one day by way of taking, and a day if he takes as much on each for six weeks. Beside it what he could take unseen of somebody who knows the
 * workload's true rhythm and scatter.
 */
import { parseArgs } from 'node:util';
import egressDrip from '../../../detectors/egress-drip.ts';
import egressSpike from '../../../detectors/egress-spike.ts';
import { Normalizer } from '../../../src/ingest/normalizer.ts';
import type { Detector } from '../../../src/model/detector.ts';
import type { TokenEvent } from '../../../src/model/event.ts';
import { Harness } from '../../support/detector-harness.ts';
import { openWorld } from '../world.ts';
import { dayMs, hourMs, type Call, type Workload } from './calls.ts';
import { callsOfDay } from './estate.ts';
import { lineOf } from './lines.ts';
import { cutOffOf, Oracle } from './oracle.ts';
import { publish } from './publish.ts';
import { medianOf, table } from './report.ts';
import { makeWorkloads } from './workloads.ts';

const { values: options } = parseArgs({
  options: {
    identities: { type: 'string', default: '36' }, history: { type: 'string', default: '150' }, seed: { type: 'string' }, publish: { type: 'boolean', default: false },
  },
});
const historyDays = Number(options.history);
const seed = options.seed === undefined ? Date.now() % 1_000_000 : Number(options.seed);
const workloads = makeWorkloads(Number(options.identities), seed);
const { normalizer, store } = openWorld();

/** Ways of hiding: everything the workload does is larger; more calls of the usual size while it works; a trickle all day. */
const hidings: Readonly<Record<string, (own: readonly Call[], extra: number, day: number) => Call[]>> = {
  'larger responses': (own, extra) => {
    const total = own.reduce((sum, { bytes }) => sum + bytes, 0);
    return own.map((call) => ({ ...call, bytes: Math.round(call.bytes * (1 + extra / total)) }));
  },
  'more calls beside its own': (own, extra) => {
    const total = own.reduce((sum, { bytes }) => sum + bytes, 0);
    const copies = extra / total;
    const more = own.flatMap((call, index) => Array.from({ length: Math.floor(copies) + (index / own.length < copies % 1 ? 1 : 0) }, (_, copy) => (
      { ...call, endMs: call.endMs + 20_000 * (copy + 1) })));
    return [...own, ...more];
  },
  'a trickle all day': (own, extra, day) => {
    const [first] = own;
    const steps = Array.from({ length: 96 }, (_, step) => ({ ...first as Call, bytes: Math.round(extra / 96), endMs: day * dayMs + step * hourMs / 4 }));
    return [...own, ...steps];
  },
};

function eventOf(workload: Workload, call: Call, serial: number): TokenEvent {
  const origin = { path: workload.format, place: 0, identity: workload.format, source: null, modifiedMs: null };
  const record = { origin, bytes: Buffer.from(lineOf(workload, call, serial)), offset: serial, index: null, ordinal: serial, originalPosition: null, envelopeTimeMs: null };
  const outcome: ReturnType<Normalizer['normalize']> = normalizer.normalize(record);
  if (outcome.kind !== 'event') throw new Error('a generated record is no event');
  return outcome.event;
}

let serial = 0;

const sustained = 'larger responses each day for six weeks';
const weeksOfDays = 42;

type ByWay = Readonly<Record<string, number>>;
/** What stays unseen, by way: of Tokenward, of somebody who knows the workload, and of somebody who must learn it and alerts from a score on. */
interface Subject {
  readonly profile: string;
  readonly days: number;
  readonly unseen: ByWay;
  readonly ofOracle: ByWay;
  readonly ofLearner: (cutOff: number) => ByWay;
  readonly highest: readonly number[];
}

const readsOf = (calls: readonly Call[]): Call[] => calls.filter(({ deed }) => deed === null);
const bytesOf = (calls: readonly Call[]): number => calls.reduce((sum, { bytes }) => sum + bytes, 0);

/** A day on which its rhythm is at work, so that there is something to hide behind: all its calls, and those that read. */
function workingDay(workload: Workload, from: number): { readonly day: number; readonly all: Call[]; readonly own: Call[] } | null {
  for (let day = from; day < from + 100; day += 1) {
    const all = callsOfDay(workload, day);
    const own = readsOf(all);
    if (own.length > 0) return { day, all, own };
  }
  return null;
}

/** The largest multiple up to `high` of which `isSeen` does not hold. */
function most(high: number, isSeen: (multiple: number) => boolean): number {
  let low = 0;
  for (let step = 0; step < 9; step += 1) {
    const middle = (low + high) / 2;
    if (isSeen(middle)) high = middle;
    else low = middle;
  }
  return low;
}

/** Multiples of a mean day that stay unseen, by way; `null` where it does not work on the day. */
function unseen(workload: Workload): Subject | null {
  const harnesses = [egressSpike, egressDrip].map((detector) => new Harness(detector as unknown as Detector));
  const isHit = (event: TokenEvent): boolean => harnesses.map((harness) => harness.observe(event) !== null).includes(true);
  const inOrder = (calls: readonly Call[]): TokenEvent[] => calls.toSorted((a, b) => a.endMs - b.endMs).map((call) => eventOf(workload, call, serial += 1));
  let [bytes, days] = [0, 0];
  for (let day = 0; day < historyDays; day += 1) {
    const calls = callsOfDay(workload, day);
    for (const event of inOrder(calls)) isHit(event);
    const own = readsOf(calls);
    bytes += bytesOf(own);
    days += own.length > 0 ? 1 : 0;
  }
  const found = workingDay(workload, historyDays);
  if (found === null || days === 0) return null;
  const { day, all, own } = found;
  const before = harnesses.map((harness) => harness.mark());
  const anyHit = (events: readonly TokenEvent[]): boolean => {
    for (const [at, harness] of harnesses.entries()) harness.reset(before[at] as ReturnType<Harness['mark']>);
    return events.some(isHit);
  };
  const mean = bytes / days;
  const others = all.filter(({ deed }) => deed !== null);
  const oracle = new Oracle(workload, day, seed + workload.number, days);
  const mostBy = (sees: (calls: readonly Call[]) => boolean): Record<string, number> => Object.fromEntries(Object.entries(hidings).map(([name, hide]) => (
    [name, most(64, (multiple) => sees(hide(own, multiple * mean, day)))])));
  const weeks = inOrder([all, ...Array.from({ length: weeksOfDays - 1 }, (_, at) => callsOfDay(workload, day + at + 1))].flat());
  const each = most(8, (multiple) => anyHit(weeks.map((event) => ({ ...event, bytesOut: Math.round((event.bytesOut ?? 0) * (1 + multiple)) }))));
  const ours = mostBy((calls) => anyHit(inOrder([...others, ...calls])));
  return {
    profile: workload.profile, days, unseen: { ...ours, [sustained]: each }, ofOracle: mostBy((calls) => oracle.sees(calls)),
    ofLearner: (cutOff) => mostBy((calls) => oracle.score(calls) > cutOff), highest: oracle.highestScores,
  };
}

function row(name: string, numbers: readonly number[]): string {
  const values = numbers.toSorted((a, b) => a - b);
  const places = [medianOf(values), values[Math.floor(values.length * 0.9)] ?? 0, values.at(-1) ?? 0];
  return `| ${name} | ${places.map((value) => value.toFixed(2)).join(' | ')} |`;
}

/** Large days come with the month, so what is large is little. */
const hasPeaks = ({ profile }: Subject): boolean => /month|quarter|report/.test(profile);

function rowsOf(group: readonly Subject[], cutOff: number): string[] {
  const learner = group.map((one) => one.ofLearner(cutOff));
  return [
    row(sustained, group.map(({ unseen: by }) => by[sustained] ?? 0)), ...ofOneDay('on one day', group.map((one) => one.unseen)),
    ...ofOneDay('who must learn the workload', learner), ...ofOneDay('who knows the workload', group.map((one) => one.ofOracle)),
  ];
}

function ofOneDay(title: string, found: readonly ByWay[]): string[] {
  const names = Object.keys(hidings);
  const best = found.map((by) => Math.max(...names.map((name) => by[name] ?? 0)));
  return [...names.map((name) => row(`${title}: ${name}`, found.map((by) => by[name] ?? 0))), row(`${title}: the best of these`, best)];
}

const subjects: Subject[] = [];
for (const workload of workloads) {
  const subject = unseen(workload);
  if (subject === null) continue;
  subjects.push(subject);
  const told = (by: Readonly<Record<string, number>>): string => Object.entries(by).map(([name, value]) => `${name} ${value.toFixed(2)}`).join(', ');
  process.stderr.write(`${workload.name}, ${subject.days} days: ${told(subject.unseen)}; who knows it: ${told(subject.ofOracle)}\n`);
}
await store.close();
const cutOff = cutOffOf(subjects);
const tables = ([['weeks alike', (one: Subject) => !hasPeaks(one)], ['peaks of a month or quarter', hasPeaks]] as const).map(([title, isOf]) => {
  const group = subjects.filter(isOf);
  return table([`${title} (${group.length})`, 'median', 'nine of ten below', 'most'], rowsOf(group, cutOff));
});
const text = `Seed ${seed}, ${subjects.length} workloads, ${historyDays} days of history; in mean days of the workload beside its own.\n\n${tables.join('\n\n')}`;
process.stdout.write(`\n${text}\n`);
if (options.publish) publish('adversary', text);
