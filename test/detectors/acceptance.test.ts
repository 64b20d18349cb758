import { describe, expect, it } from 'vitest';
import dormantTokenReuse from '../../detectors/dormant-token-reuse.ts';
import egressSpike from '../../detectors/egress-spike.ts';
import unfamiliarIp from '../../detectors/unfamiliar-ip.ts';
import type { Alert } from '../../src/model/alert.ts';
import type { Detector } from '../../src/model/detector.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import { startMs, use, world, type World } from '../engine/harness.ts';

const day = 24;
const reportEvery = 30;
const vpn = { networkBlock: '198.51.100.0/24', sourceIp: '198.51.100.7', asNumber: 64_511, country: 'RO', networkClass: 'vpn' } as const;
const home = { networkBlock: '203.0.113.0/24', sourceIp: '203.0.113.9', asNumber: 64_496, country: 'DE', networkClass: 'hosting' } as const;

function of(detector: unknown): World {
  return world([detector as Detector]);
}

function daysOf(alerts: ReadonlyMap<string, Alert>): number[] {
  return [...alerts.values()].map((alert) => Math.floor((alert.startMs - startMs) / 864e5));
}

/** Twenty-five calls a day; every thirtieth day `times` as large. */
function reports({ engine }: World, days: number, times: number, fields: (dayNumber: number, call: number) => Partial<TokenEvent>): void {
  for (let number = 0; number < days; number += 1) {
    for (let call = 0; call < 25; call += 1) {
      const bytes = 3e5 * (number % reportEvery === reportEvery - 1 ? times : 1);
      engine.process(use(number * day + call / 2, bytes, { userAgent: 'invoicing/1', ...fields(number, call) }));
    }
  }
}

describe('a monthly report that nobody judged', () => {
  it.each([
    ['one lasting token', () => ({})],
    ['tokens of twelve hours', (number: number, call: number) => ({ token: `t${number}-${call < 12}` })],
    ['no resource known', () => ({ resourceId: null })],
  ])('alerts once in a year: %s', (_, fields) => {
    const met = of(egressSpike);
    reports(met, 360, 20, fields);
    expect(daysOf(met.alerts)).toEqual([reportEvery - 1]);
  });

  it('is none at all where it is ten times the usual, from the first on', () => {
    const met = of(egressSpike);
    reports(met, 360, 10, () => ({}));
    expect(daysOf(met.alerts)).toEqual([]);
  });

  it('and one of a quarter alerts at most once in three years', () => {
    const met = of(egressSpike);
    for (let number = 0; number < 3 * 365; number += 1) {
      for (let call = 0; call < 6; call += 1) met.engine.process(use(number * day + 4 * call, number % 91 === 90 ? 3e6 : 3e5));
    }
    expect(daysOf(met.alerts)).toEqual([90]);
  });

  it('is known to the resource and the workload as well, so another caller may make it', () => {
    const met = of(egressSpike);
    const shared = { workloadId: 'invoicing' };
    reports(met, 100, 20, () => shared);
    for (let call = 0; call < 25; call += 1) met.engine.process(use(100 * day + call / 10, 3e6, { identityId: 'b', token: 'token-b', ...shared }));
    expect(met.alerts.size).toBe(1);
  });

  it('does not hide what goes far beyond it', () => {
    const met = of(egressSpike);
    reports(met, 100, 20, () => ({}));
    met.engine.process(use(100 * day, 3e9));
    expect(daysOf(met.alerts)).toEqual([reportEvery - 1, 100]);
  });
});

it('a lasting new level is one alert, then normal', () => {
  const met = of(egressSpike);
  for (let number = 0; number < 200; number += 1) for (let call = 0; call < 24; call += 1) met.engine.process(use(number * day + call, number < 100 ? 1e6 : 2e7));
  expect(daysOf(met.alerts)).toEqual([100]);
  expect([...met.alerts.values()][0]?.endMs).toBeLessThan(startMs + 120 * 864e5);
});

it('a lasting new level of what works every third day is known after two weeks', () => {
  const met = of(egressSpike);
  for (let number = 0; number < 400; number += 3) for (let call = 0; call < 6; call += 1) met.engine.process(use(number * day + call, number < 300 ? 1e6 : 3e6));
  const days = daysOf(met.alerts);
  expect([days[0]! >= 300, days.length <= 6, days.at(-1)! < 318]).toEqual([true, true, true]);
});

it('but not while it grows', () => {
  const met = of(egressSpike);
  for (let number = 0; number < 390; number += 3) {
    for (let call = 0; call < 6; call += 1) met.engine.process(use(number * day + call, number < 300 ? 1e6 : 3e6 * 12 ** Math.floor((number - 300) / 9)));
    if (number === 318) expect(daysOf(met.alerts).at(-1)).toBe(318);
  }
  expect(daysOf(met.alerts).filter((number) => number > 315).length).toBeGreaterThan(10);
});

it('an accepted place joins those that were learned meanwhile', () => {
  const met = of(unfamiliarIp);
  const nearby = { ...home, networkBlock: '203.0.112.0/24', sourceIp: '203.0.112.5' };
  for (let hour = 0; hour < 40 * day; hour += 1) met.engine.process(use(hour, 1, home));
  met.engine.process(use(40 * day, 1, vpn));
  for (let hour = 40 * day + 1; hour < 60 * day; hour += 1) met.engine.process(use(hour, 1, hour % 2 === 0 ? home : nearby));
  expect(met.alerts.size).toBe(1);
  for (const where of [vpn, nearby, home]) met.engine.process(use(60 * day, 1, where));
  expect(met.alerts.size).toBe(1);
});

it('an accepted silence is known, beside uses that went on', () => {
  const met = of(dormantTokenReuse);
  for (let number = 0; number < 60; number += 1) met.engine.process(use(number * day, 1));
  met.engine.process(use(160 * day, 1));
  for (let number = 161; number < 190; number += 1) met.engine.process(use(number * day, 1));
  met.engine.process(use(285 * day, 1));
  expect(daysOf(met.alerts)).toEqual([160]);
});
