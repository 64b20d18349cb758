import { describe, expect, it } from 'vitest';
import egressDrip from '../../detectors/egress-drip.ts';
import egressSpike from '../../detectors/egress-spike.ts';
import type { Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Harness, type Hit } from '../support/detector-harness.ts';
import { Random } from '../support/estate/random.ts';
import { use as engineUse, world } from '../engine/harness.ts';

const [hour, day] = [36e5, 864e5] as const;
const start = Date.UTC(2026, 0, 5);
const week = 7 * day;

function use(atMs: number, bytesOut: number): TokenEvent {
  return {
    ...emptyEvent('ecs', atMs), token: 'key', identityId: 'svc', identityName: 'svc', lifecycle: 'used', outcome: 'success', authenticated: true, bytesOut,
    networkBlock: '10.4.7.0/24', userAgent: 'svc/1', resourceId: 'db',
  };
}

interface Life { readonly weeks: number; readonly factor: (day: number) => number; readonly seed: number; readonly spread?: number }

/** Six calls a day, fewer at weekends. */
function* live({ weeks, factor, seed, spread = 0.5 }: Life): Generator<TokenEvent> {
  const random = new Random(seed);
  for (let number = 0; number < weeks * 7; number += 1) {
    for (let call = 0; call < (number % 7 < 5 ? 6 : 2); call += 1) {
      yield use(start + number * day + 8 * hour + call * hour + random.whole(hour / 2), Math.round(factor(number) * random.around(2e6, spread)));
    }
  }
}

function hitsOf(detector: unknown, life: Life): Hit[] {
  const harness = new Harness(detector as Detector);
  const hits: Hit[] = [];
  for (const event of live(life)) {
    const hit = harness.observe(event);
    if (hit?.first === true) hits.push(hit);
  }
  return hits;
}

const monthEnd = (number: number): number => (number % 30 < 3 ? 4 : 1);
const seeds = Array.from({ length: 12 }, (_, seed) => seed + 1);

describe('a small excess, day after day', () => {
  /** Not quite twice as much, where single days often have as much as that. */
  const stolen: Life = { weeks: 60, factor: (number) => (number < 280 ? 1 : 1.8), seed: 6, spread: 0.7 };

  it('is told within weeks, while no day is beyond what there was', () => {
    expect(hitsOf(egressSpike, stolen)).toEqual([]);
    const [hit] = hitsOf(egressDrip, stolen);
    expect((hit!.event.orderMs - start) / week - 40).toBeLessThan(8);
    expect(hit!.finding.reason).toMatch(/^svc took [\d.]+ MB more than usual in the last \d weeks: .* in \d+ weeks it never was above that for so long\.$/);
    expect(hit!.finding.severity).toBeLessThanOrEqual(47);
  });

  it('is seen in most of the identities, also where months end with large reports', () => {
    const found = (factor: (number: number) => number): number => (
      seeds.filter((seed) => hitsOf(egressDrip, { weeks: 60, factor, seed }).length > 0).length
    );
    expect(found((number) => (number < 280 ? 1 : 2))).toBeGreaterThanOrEqual(11);
    expect(found((number) => monthEnd(number) * (number < 280 ? 1 : 3))).toBeGreaterThanOrEqual(9);
  });
});

describe.each([
  ['steady work', () => 1],
  ['month-ends', monthEnd],
  ['a company that grows by half in half a year', (number: number) => 1.5 ** (number / 180)],
  ['summer and winter', (number: number) => 1 + 0.25 * Math.sin(number / 365 * 2 * Math.PI)],
  ['a week with ten times as much', (number: number) => (Math.floor(number / 7) === 45 ? 10 : 1)],
  ['three weeks of an outage', (number: number) => (number > 300 && number < 321 ? 0.01 : 1)],
])('%s', (_, factor) => {
  it('is no drip, in two years of twelve identities', () => {
    expect(seeds.flatMap((seed) => hitsOf(egressDrip, { weeks: 104, factor, seed, spread: 0.8 }).map(({ finding }) => finding.reason))).toEqual([]);
  });
});

it('a new level that nobody judged is usual after a while', () => {
  const met = world([egressDrip as unknown as Detector]);
  for (const event of live({ weeks: 90, factor: (number) => (number < 280 ? 1 : 2), seed: 5 })) met.engine.process(engineUse((event.orderMs - start) / hour, event.bytesOut!));
  expect([...met.alerts.values()].map(({ startMs }) => startMs > start + 280 * day)).toEqual([true]);
});
