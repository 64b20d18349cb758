/**
 * `node test/bench/detect/adversary.ts [--identities N] [--history N] [--seed N]`: the most that somebody who knows the algorithm can take in a day
 * with a stolen token, from the workload's own network, before egress-spike says so; in mean working days of the workload, by way of taking.
 */
import { parseArgs } from 'node:util';
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

/** Multiples of a mean day that stay unseen, by way; `null` where it does not work on the day. */
function unseen(workload: Workload): Record<string, number> | null {
  const harness = new Harness(egressSpike as unknown as Detector);
  let bytes = 0;
  let days = 0;
  let day = 0;
  for (; day < historyDays; day += 1) {
    const calls = callsOfDay(workload, day).sort((a, b) => a.endMs - b.endMs);
    for (const call of calls) harness.observe(eventOf(workload, call, serial += 1));
    bytes += calls.reduce((sum, call) => sum + call.bytes, 0);
    days += calls.length > 0 ? 1 : 0;
  }
  let own = callsOfDay(workload, day);
  for (; own.length === 0 && day < historyDays + 100; day += 1) own = callsOfDay(workload, day + 1);
  if (own.length === 0) return null;
  const before = harness.mark();
  const isSeen = (calls: readonly Call[]): boolean => {
    harness.reset(before);
    return calls.toSorted((a, b) => a.endMs - b.endMs).some((call) => harness.observe(eventOf(workload, call, serial += 1)) !== null);
  };
  const mean = bytes / days;
  return Object.fromEntries(Object.entries(hidings).map(([name, hide]) => {
    let low = 0, high = 64;
    for (let step = 0; step < 10; step += 1) {
      const middle = (low + high) / 2;
      if (isSeen(hide(own, middle * mean, day))) high = middle;
      else low = middle;
    }
    return [name, low];
  }));
}

const found = workloads.map((workload) => unseen(workload)).filter((one) => one !== null);
await store.close();
process.stdout.write('| way | median | nine of ten below | most |\n| --- | --- | --- | --- |\n');
for (const name of Object.keys(hidings)) {
  const values = found.map((one) => one[name] ?? 0).sort((a, b) => a - b);
  const places = [medianOf(values), values[Math.floor(values.length * 0.9)] ?? 0, values.at(-1) ?? 0];
  process.stdout.write(`| ${name} | ${places.map((value) => value.toFixed(2)).join(' | ')} |\n`);
}
const best = found.map((one) => Math.max(...Object.values(one)));
process.stdout.write(`the best way for each: median ${medianOf(best).toFixed(2)} mean days, of ${found.length} workloads\n`);
