import { describe, expect, it } from 'vitest';
import egressSpike from '../../detectors/egress-spike.ts';
import type { Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Harness, type Hit } from '../support/detector-harness.ts';
import { Random } from '../support/estate/random.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** A Monday. */
const epoch = Date.UTC(2024, 0, 1);

function use(atMs: number, bytesOut: number): TokenEvent {
  return {
    ...emptyEvent('ecs', atMs), token: 'shop-token', identityId: 'svc-shop', identityName: 'svc-shop', lifecycle: 'used', outcome: 'success', authenticated: true,
    bytesOut, networkBlock: '10.4.7.0/24', userAgent: 'shop/3',
  };
}

/** Calls of one day: 60 in working hours, a fifth of that on weekends, `times` as large. */
function callsOf(number: number, random: Random, times = 1): TokenEvent[] {
  const count = number % 7 > 4 ? 12 : 60;
  return Array.from({ length: count }, () => epoch + number * day + random.between(8, 18) * hour).sort((a, b) => a - b)
    .map((atMs) => use(atMs, Math.round(times * random.around(1e6, 0.5))));
}

function watch(harness: Harness, events: readonly TokenEvent[]): Hit[] {
  return events.flatMap((event) => harness.observe(event) ?? []);
}

/** So many days, the last of which is over; `times` by day. */
function known(days: number, times: (number: number) => number = () => 1): { readonly harness: Harness; readonly random: Random; readonly hits: Hit[] } {
  const harness = new Harness(egressSpike as unknown as Detector);
  const random = new Random(5);
  const hits: Hit[] = [];
  for (let number = 0; number < days; number += 1) hits.push(...watch(harness, callsOf(number, random, times(number))));
  return { harness, random, hits };
}

/** Calls as a thief spreads them, in an hour that no other sum is made of. */
const taken = (fromMs: number, bytes: number, count: number): TokenEvent[] => (
  Array.from({ length: count }, (_, call) => use(fromMs + call * 0.9 * hour, Math.round(bytes / count))));

describe('what is taken before work begins', () => {
  const spread = (): TokenEvent[] => taken(epoch + 100 * day, 1.35e8, 8);

  it('counts as what the day is going to have, and is told before that comes', () => {
    const { harness, hits } = known(100);
    const [hit] = watch(harness, spread());
    expect(hits).toEqual([]);
    expect(hit?.finding.reason).toMatch(/^svc-shop took [\d.]+ MB in a day; in 100 days its largest day was about [\d.]+ MB, and about [\d.]+ MB more are usual before the day ends\.$/);
  });

  it('so calls of the owner that are as usual raise nothing themselves', () => {
    const { harness, random } = known(100);
    expect(watch(harness, taken(epoch + 100 * day, 4e7, 8))).toEqual([]);
    expect(watch(harness, callsOf(100, random))).toEqual([]);
  });
});

it('holds a Sunday against what Sundays are', () => {
  const sunday = known(104);
  const [hit] = watch(sunday.harness, taken(epoch + 104 * day + 9 * hour, 9e7, 9));
  expect(hit?.finding.reason).toMatch(/, and on Sundays it usually takes about [\d.]+ MB/);
  const monday = known(105);
  expect(watch(monday.harness, taken(epoch + 105 * day + 9 * hour, 9e7, 9))).toEqual([]);
});

describe('a date of the month that is always large', () => {
  const isReport = (number: number): boolean => new Date(epoch + number * day).getUTCDate() === 12;
  const reports = (number: number): number => (isReport(number) ? 6 : 1);

  it('is known, and silent, and no excuse for another day', () => {
    const { harness, random, hits } = known(190, reports);
    expect(hits).toEqual([]);
    const found = watch(harness, callsOf(190, random, 4));
    expect(found[0]?.finding.reason).toContain('apart from the dates of a month that are always large');
  });

  it('excuses another day until it has come back twice', () => {
    const { harness, random } = known(100, (number) => (number > 70 ? 1 : reports(number)));
    expect(watch(harness, callsOf(100, random, 4))).toEqual([]);
  });

  it('is silent a day later as well', () => {
    const { harness, random } = known(190, reports);
    const late = Array.from({ length: 30 }, (_, at) => 190 + at).find((number) => isReport(number - 1)) ?? 0;
    for (let number = 190; number < late; number += 1) watch(harness, callsOf(number, random));
    expect(watch(harness, callsOf(late, random, 6))).toEqual([]);
  });
});

it('lets a run be done again on the day on which it failed', () => {
  const harness = new Harness(egressSpike as unknown as Detector);
  const run = (number: number, atHour: number): TokenEvent[] => Array.from({ length: 20 }, (_, call) => use(epoch + number * day + atHour * hour + call * 4_000, 5e6));
  for (let number = 0; number < 120; number += 1) expect(watch(harness, run(number, 3))).toEqual([]);
  expect(watch(harness, [...run(120, 3), ...run(120, 5)])).toEqual([]);
});
