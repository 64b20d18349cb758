/**
 * `node test/bench/detect/adversary.ts [--identities N] [--history N] [--seed N]`: the most that somebody who knows the algorithm can take beside
 * the workload with a stolen token, from its own network, before egress-spike or egress-drip says so; in mean working days of the workload: on one
 * day by way of taking, and a day if he takes as much on each for six weeks.
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
import { medianOf } from './report.ts';
import { makeWorkloads } from './workloads.ts';

const { values: options } = parseArgs({ options: { identities: { type: 'string', default: '36' }, history: { type: 'string', default: '150' }, seed: { type: 'string' } } });
const historyDays = Number(options.history);
const workloads = makeWorkloads(Number(options.identities), options.seed === undefined ? Date.now() % 1_000_000 : Number(options.seed));
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

interface Subject { readonly profile: string; readonly days: number; readonly unseen: Readonly<Record<string, number>> }

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
  let bytes = 0;
  let days = 0;
  let day = 0;
  for (; day < historyDays; day += 1) {
    const calls = callsOfDay(workload, day);
    for (const event of inOrder(calls)) isHit(event);
    bytes += calls.reduce((sum, call) => sum + call.bytes, 0);
    days += calls.length > 0 ? 1 : 0;
  }
  let own = callsOfDay(workload, day);
  for (; own.length === 0 && day < historyDays + 100; day += 1) own = callsOfDay(workload, day + 1);
  if (own.length === 0) return null;
  const before = harnesses.map((harness) => harness.mark());
  const anyHit = (events: readonly TokenEvent[]): boolean => {
    for (const [at, harness] of harnesses.entries()) harness.reset(before[at] as ReturnType<Harness['mark']>);
    return events.some(isHit);
  };
  const mean = bytes / days;
  const found = Object.entries(hidings).map(([name, hide]) => [name, most(64, (multiple) => anyHit(inOrder(hide(own, multiple * mean, day))))]);
  const weeks = inOrder([own, ...Array.from({ length: weeksOfDays - 1 }, (_, at) => callsOfDay(workload, day + at + 1))].flat());
  const each = most(8, (multiple) => anyHit(weeks.map((event) => ({ ...event, bytesOut: Math.round((event.bytesOut ?? 0) * (1 + multiple)) }))));
  return { profile: workload.profile, days, unseen: { ...Object.fromEntries(found), [sustained]: each } };
}

function row(name: string, numbers: readonly number[]): string {
  const values = numbers.toSorted((a, b) => a - b);
  const places = [medianOf(values), values[Math.floor(values.length * 0.9)] ?? 0, values.at(-1) ?? 0];
  return `| ${name} | ${places.map((value) => value.toFixed(2)).join(' | ')} |\n`;
}

/** Large days come with the month, so what is large is little. */
const hasPeaks = ({ profile }: Subject): boolean => /month|quarter|report/.test(profile);

const found = workloads.map((workload) => unseen(workload)).filter((one) => one !== null);
await store.close();
for (const [title, group] of [['weeks alike', found.filter((one) => !hasPeaks(one))], ['peaks of a month or quarter', found.filter(hasPeaks)]] as const) {
  process.stdout.write(`\n| ${title} (${group.length}) | median | nine of ten below | most |\n| --- | --- | --- | --- |\n`);
  for (const name of [...Object.keys(hidings), sustained]) process.stdout.write(row(name, group.map((one) => one.unseen[name] ?? 0)));
  process.stdout.write(row('the best of one day', group.map((one) => Math.max(...Object.keys(hidings).map((name) => one.unseen[name] ?? 0)))));
}
for (const { profile, days, unseen: by } of found) {
  process.stdout.write(`${profile}, ${days} days: ${Object.entries(by).map(([name, value]) => `${name} ${value.toFixed(2)}`).join(', ')}\n`);
}
