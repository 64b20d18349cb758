import { describe, expect, it } from 'vitest';
import dormantTokenReuse from '../../detectors/dormant-token-reuse.ts';
import egressSpike from '../../detectors/egress-spike.ts';
import { detectors } from '../../detectors/index.ts';
import type { Detector } from '../../src/model/detector.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import { Harness } from '../support/detector-harness.ts';
import { hourMs, startMs, use, world, type World } from '../engine/harness.ts';

// What people complain of in rules about volume and silence elsewhere, with the numbers they give; the rule they mean stands beside ours.
const day = 24;
const thief = { networkBlock: '185.213.154.0/24', sourceIp: '185.213.154.77', userAgent: 'curl/8' } as const;

/** A hundred days of a megabyte an hour. */
function quiet(): World {
  const made = world([egressSpike as unknown as Detector]);
  for (let hour = 0; hour < 100 * day; hour += 1) made.engine.process(use(hour, 1e6));
  return made;
}

/** Alerts of a rule that adds up ten minutes and keeps quiet for so many hours after each alert. */
function everyHours(events: readonly TokenEvent[], hours: number, bytes: number): number {
  let [alerts, quietUntilMs, window, sum] = [0, 0, 0, 0];
  for (const { orderMs, bytesOut } of events) {
    const at = Math.floor(orderMs / 600_000);
    sum = at === window ? sum + (bytesOut ?? 0) : bytesOut ?? 0;
    window = at;
    if (sum <= bytes || orderMs < quietUntilMs) continue;
    alerts += 1;
    quietUntilMs = orderMs + hours * hourMs;
  }
  return alerts;
}

describe('keys of alerts that drift', () => {
  const ongoing = Array.from({ length: 5 * day * 12 }, (_, call) => use(100 * day + call / 12, 6e7, thief));

  it('a theft of five days is told again every six hours; here it is one alert', () => {
    expect(everyHours(ongoing, 6, 52_428_800)).toBe(20);
    const met = quiet();
    for (const event of ongoing) met.engine.process(event);
    expect([...met.alerts.values()].map(({ count, bytesOut }) => [count, bytesOut])).toEqual([[ongoing.length, ongoing.length * 6e7]]);
  });

  it('and one that grows tenfold on Wednesday is not hidden by Monday\'s', () => {
    const met = quiet();
    for (let call = 0; call < 30; call += 1) met.engine.process(use(100 * day + call / 12, 6e7, thief));
    const [monday] = met.alerts.values();
    for (let call = 0; call < 30; call += 1) met.engine.process(use(102 * day + call / 12, 6e9, thief));
    const grown = [...met.alerts.values()].at(-1)!;
    expect(grown.startMs > monday!.endMs ? met.alerts.size : grown.announced.length).toBeGreaterThan(1);
    expect([...met.alerts.values()].reduce((sum, { bytesOut }) => sum + bytesOut, 0)).toBe(30 * 6e7 + 30 * 6e9);
  });
});

it('one event that comes fifty times makes fifty incidents elsewhere, and one alert with its true bytes here', () => {
  const met = quiet();
  const one = { ...use(100 * day, 9e10, thief), id: 'exact', dataset: 'repeating' };
  for (let copy = 0; copy < 50; copy += 1) met.engine.process({ ...one });
  expect([...met.alerts.values()].map(({ count, bytesOut }) => [count, bytesOut])).toEqual([[1, 9e10]]);
});

describe('records that come late', () => {
  it('rules that run every five minutes miss what is 26 minutes late; here it is an alert like any other', () => {
    const met = quiet();
    const late = Array.from({ length: 60 }, (_, call) => use(100 * day + call / 60, 6e7, thief));
    met.engine.process(use(100 * day + 1.43, 1e6));
    for (const event of late) met.engine.process(event);
    expect([...met.alerts.values()].map(({ count, late: isLate }) => [count > 50, isLate])).toEqual([[true, false]]);
  });

  it('and what is six hours late is found as well, and marked', () => {
    const met = quiet();
    met.engine.process(use(100 * day + 7, 1e6));
    for (let call = 0; call < 60; call += 1) met.engine.process(use(100 * day + call / 60, 6e9, thief));
    expect([...met.alerts.values()].some(({ late: isLate }) => isLate)).toBe(true);
  });
});

it('4,500 alerts in the ninety minutes after a start: whoever is new is none', () => {
  const starting = detectors.map((detector) => new Harness(detector));
  let alerts = 0;
  for (let number = 0; number < 4_500; number += 1) {
    for (let call = 0; call < 3; call += 1) {
      const who = { identityId: `svc-${number}`, token: `token-${number}`, networkBlock: `10.${number % 250}.${call}.0/24`, resourceId: `api-${number % 40}` };
      const event = use(call / 2 + number / 1e5, 2e5 * (1 + number % 7), { ...who, cloudAccount: 'acme', lifecycle: 'used' });
      for (const harness of starting) if (harness.observe(event) !== null) alerts += 1;
    }
  }
  expect(alerts).toBe(0);
});

describe('fixed limits', () => {
  it('50 MB in ten minutes is every night\'s backup, 365 times a year', () => {
    const harness = new Harness(egressSpike as unknown as Detector);
    const backups = Array.from({ length: 365 * 20 }, (_, call) => use(Math.floor(call / 20) * day + 2 + (call % 20) / 100, 4e6 * (0.8 + (call * 7 % 10) / 25)));
    expect(everyHours(backups, 1, 52_428_800)).toBe(365);
    expect(backups.filter((event) => harness.observe(event) !== null)).toEqual([]);
  });

  it('two weeks without a use are nothing for what works once a month or a quarter', () => {
    const harness = new Harness(dormantTokenReuse as unknown as Detector);
    const jobs = [30, 91].map((every) => Array.from({ length: Math.floor(3 * 365 / every) }, (_, run) => (
      [0, 1, 2].map((call) => use(run * every * day + call, 1e6, { identityId: `every-${every}`, token: `key-${every}`, lifecycle: 'used' }))
    )).flat());
    const pauses = (job: readonly TokenEvent[]): number => job.filter(({ orderMs }, place) => orderMs - (job[place - 1]?.orderMs ?? orderMs) > 14 * day * hourMs).length;
    expect(jobs.map(pauses)).toEqual([35, 11]);
    const hits = jobs.flat().sort((a, b) => a.orderMs - b.orderMs).map((event) => harness.observe(event)).filter((hit) => hit !== null);
    expect(hits.map(({ event }) => (event.orderMs - startMs) / hourMs / day)).toEqual([]);
  });
});
