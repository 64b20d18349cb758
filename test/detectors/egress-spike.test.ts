import { beforeAll, describe, expect, it } from 'vitest';
import egressSpike from '../../detectors/egress-spike.ts';
import type { Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Harness, type Hit, type Mark } from '../support/detector-harness.ts';
import { day, epoch, eventsOfDay, makeEstate } from '../support/estate/estate.ts';
import { eventsOfTheft, hour, meanDailyBytes } from '../support/estate/theft.ts';
import { Random } from '../support/estate/random.ts';

const detector = egressSpike as unknown as Detector;
const theftBytes = 84.7e9;
const year = 364;
const night = epoch + year * day + 2 * hour;

function use(atMs: number, bytesOut: number, more: Partial<TokenEvent> = {}): TokenEvent {
  return {
    ...emptyEvent('ecs', atMs), token: 'shipping-token', identityId: 'svc-shipping', identityName: 'svc-shipping', workloadId: 'shipping-rates', cloudAccount: 'acme',
    resourceId: 'db/staging', lifecycle: 'used', outcome: 'success', authenticated: true, bytesOut, networkBlock: '10.4.7.0/24', userAgent: 'rates/3', ...more,
  };
}

/** A few MB an hour; on the first of each month a report six times as large. */
function quietYear(harness: Harness): Hit[] {
  const random = new Random(7);
  const hits: Hit[] = [];
  for (let step = 0; step < year * 24; step += 1) {
    const atMs = epoch + step * hour + random.whole(hour);
    const report = new Date(atMs).getUTCDate() === 1 ? 6 : 1;
    const hit = harness.observe(use(atMs, Math.round(report * random.around(2e6, 0.4))));
    if (hit !== null) hits.push(hit);
  }
  return hits;
}

function bytesUntilAlert(harness: Harness, events: readonly TokenEvent[]): { gone: number; hit: Hit } {
  let gone = 0;
  for (const event of events) {
    gone += event.bytesOut ?? 0;
    const hit = harness.observe(event);
    if (hit !== null) return { gone, hit };
  }
  throw new Error('the theft was not seen');
}

describe('84.7 GB after a quiet year', () => {
  const harness = new Harness(detector);
  let quiet: Hit[] = [];
  let before: Mark;
  beforeAll(() => {
    quiet = quietYear(harness);
    before = harness.mark();
  });

  it('is silent all year, month-ends included', () => {
    expect(quiet).toEqual([]);
  });

  it('names one long download at its end, with the numbers', () => {
    harness.reset(before);
    const { hit } = bytesUntilAlert(harness, [use(night + 3 * hour, theftBytes, { timeMs: night, endMs: night + 3 * hour, networkBlock: '193.0.2.0/24', sourceIp: '193.0.2.8' })]);
    expect(hit.finding.severity).toBe(99);
    expect(hit.finding.deviates).toBe('token');
    expect(hit.finding.reason).toMatch(/^svc-shipping took 84\.7 GB in 3 hours; in 36\d days its largest (ten minutes were|day was) about [\d.]+ MB\.$/);
    expect(hit.finding.observed['windowBytes']).toBe(theftBytes);
    expect(hit.finding.confidence).toBeGreaterThan(0.9);
  });

  it('sees it in partial records with less than 1 % gone', () => {
    harness.reset(before);
    const parts = Array.from({ length: 180 }, (_, part) => use(night + part * 60_000, theftBytes / 180, { timeMs: night, partial: part < 179, requestId: 'r1' }));
    expect(bytesUntilAlert(harness, parts).gone).toBeLessThan(0.01 * theftBytes);
  });

  it('sees it in ten thousand small calls with less than 1 % gone', () => {
    harness.reset(before);
    const calls = Array.from({ length: 10_000 }, (_, call) => use(night + call * 1_000, theftBytes / 10_000));
    const { gone, hit } = bytesUntilAlert(harness, calls);
    expect(gone).toBeLessThan(0.01 * theftBytes);
    for (const event of calls) harness.observe(event);
    expect(hit.finding.severity).toBeGreaterThanOrEqual(47);
  });

  it('blames the stolen token, not the one that goes on working beside it', () => {
    harness.reset(before);
    const named = new Set<string | null>();
    for (let call = 0; call < 3_000; call += 1) {
      const atMs = night + call * 1_000;
      for (const event of [use(atMs, 8e6), ...(call % 300 === 0 ? [use(atMs, 2e6, { token: 'second-token' })] : [])]) {
        const hit = harness.observe(event);
        if (hit !== null) named.add(hit.event.token);
      }
    }
    expect([...named]).toEqual(['shipping-token']);
  });

  it('sees a thief who mints a token an hour, by the record of the identity', () => {
    harness.reset(before);
    const calls = Array.from({ length: 24 * 20 }, (_, call) => use(night + call * 18e4, 3e9 / 480, { token: `minted-${Math.floor(call / 20)}` }));
    const { hit } = bytesUntilAlert(harness, calls);
    expect(hit.finding.baseline['judgedBy']).toBe('identity');
    expect(hit.finding.deviates).toBe('token');
  });

  it('finds it by the resource when a large identity takes it, and names that one', () => {
    harness.reset(before);
    const bulk = { identityId: 'svc-bulk', identityName: 'svc-bulk', token: 'bulk-token', workloadId: 'bulk', cloudAccount: 'lake', networkBlock: '10.9.9.0/24' };
    for (let number = 0; number < 30; number += 1) harness.observe(use(epoch + (year - 30 + number) * day, 4e10, { ...bulk, resourceId: 'lake' }));
    const { hit } = bytesUntilAlert(harness, [use(night + hour, theftBytes, bulk)]);
    expect(hit.event.identityId).toBe('svc-bulk');
    expect(hit.finding.reason).toMatch(/^db\/staging gave out 84\.7 GB in ten minutes, most of them to svc-bulk;/);
  });
});

it('meets a slow ramp before three times the original level', () => {
  for (const perDay of [1.03, 1.05, 1.1, 1.2, 1.5]) {
    const random = new Random(11);
    const harness = new Harness(detector);
    let alertedAt = 0;
    for (let number = 0; number < 150 && alertedAt === 0; number += 1) {
      const level = number < 100 ? 1 : perDay ** (number - 99);
      for (let each = 0; each < 24; each += 1) {
        const hit = harness.observe(use(epoch + number * day + each * hour, level * random.around(2e7, 0.2)));
        if (hit !== null && alertedAt === 0) alertedAt = level;
      }
    }
    expect(alertedAt).toBeGreaterThan(1);
    expect(alertedAt, `ramp of ${perDay}`).toBeLessThan(perDay === 1.5 ? 3.4 : 3);
  }
});

it('judges an identity without history by its workload, and says so', () => {
  const harness = new Harness(detector);
  for (let number = 0; number < 40; number += 1) {
    for (const peer of ['one', 'two']) harness.observe(use(epoch + number * day, 2e6, { identityId: peer, token: peer, resourceId: null }));
  }
  const hit = harness.observe(use(epoch + 40 * day, 5e9, { identityId: 'three', token: 'three', resourceId: null }));
  expect(hit?.finding.reason).toContain('it is new, and the largest ten minutes of any identity of its workload were 2 MB');
  expect(hit?.finding.confidence).toBeLessThan(0.6);
});

it('lets a quarterly job come back, though its peers are small', () => {
  const harness = new Harness(detector);
  const hits: (Hit | null)[] = [];
  for (let number = 0; number < 200; number += 1) {
    harness.observe(use(epoch + number * day, 2e6, { identityId: 'peer', token: 'peer', resourceId: null }));
    if (number % 91 === 0) hits.push(harness.observe(use(epoch + number * day, 5e9, { identityId: 'quarterly', token: 'quarterly', resourceId: null })));
  }
  expect(hits).toEqual([null, null, null]);
});

it('adds up days in a row beyond the highest, and says so', () => {
  const harness = new Harness(detector);
  const at = (number: number, bytes: number): Hit | null => harness.observe(use(epoch + number * day, bytes, { resourceId: null }));
  for (let number = 0; number < 120; number += 1) expect(at(number, 1e8)).toBeNull();
  for (let number = 120; number < 123; number += 1) expect(at(number, 1.7e8)).toBeNull();
  const hits = [123, 124].map((number) => at(number, 1.7e8));
  expect(hits[1]?.finding.reason).toMatch(/and the days before went beyond that too\.$/);
});

it('takes a burst of ordinary calls together with more bytes than ever for more than either', () => {
  const harness = new Harness(detector);
  for (let step = 0; step < 150 * 24; step += 1) harness.observe(use(epoch + step * hour, step % 24 === 7 ? 2e7 : 1e6, { resourceId: null }));
  const calls = Array.from({ length: 14 }, (_, call) => use(epoch + 150 * day + call * 30_000, 1.7e6, { resourceId: null }));
  const { gone, hit } = bytesUntilAlert(harness, calls);
  expect(gone).toBeLessThan(2.4e7);
  expect(hit.finding.reason).toMatch(/its largest ten minutes were about 20 MB, and now it made 10 requests, beyond all before\.$/);
  expect(hit.finding.severity).toBe(47);
});

it('takes small sums for nothing, whatever the history', () => {
  const harness = new Harness(detector);
  for (let number = 0; number < 100; number += 1) harness.observe(use(epoch + number * day, 10));
  expect(harness.observe(use(epoch + 100 * day, 900_000))).toBeNull();
  expect(harness.observe(use(epoch + 101 * day, 2_000_000))).not.toBeNull();
});

it('counts no requests that were refused: a broken program takes nothing', () => {
  for (const outcome of ['failure', 'success'] as const) {
    const harness = new Harness(detector);
    for (let number = 0; number < 100; number += 1) for (let call = 0; call < 30; call += 1) harness.observe(use(epoch + number * day + call * 60_000, 500));
    const hits = Array.from({ length: 2_000 }, (_, call) => harness.observe(use(epoch + 100 * day + call * 1_000, 100, { outcome, status: 403 })));
    expect(hits.some((hit) => hit !== null)).toBe(outcome === 'success');
  }
});

it('finds thefts by size over an estate, more of them from afar', { timeout: 60_000 }, () => {
  const members = makeEstate(39, 23);
  const harness = new Harness(detector);
  const history = 150;
  const byMember = new Map<string, TokenEvent[]>(members.map((member) => [member.name, []]));
  for (let number = 0; number < history; number += 1) {
    for (const event of eventsOfDay(members, number)) {
      harness.observe(event);
      byMember.get(event.identityId ?? '')?.push(event);
    }
  }
  const today = eventsOfDay(members, history);
  const before = harness.mark();
  const caught = (size: number, from: 'known' | 'far'): number => members.filter((member, index) => {
    harness.reset(before);
    const bytes = size * Math.max(1e6, meanDailyBytes(byMember.get(member.name) ?? [], member));
    const theft = eventsOfTheft(member, { at: history * day + 13 * hour, bytes, calls: 40, overMs: hour / 2, from }, index);
    const events = [...today.filter((event) => event.identityId === member.name), ...theft].sort((one, other) => one.orderMs - other.orderMs);
    return events.some((event) => harness.observe(event) !== null && theft.includes(event));
  }).length / members.length;
  expect(caught(1.5, 'known')).toBeGreaterThan(0.6);
  expect(caught(3, 'known')).toBeGreaterThan(0.85);
  expect(caught(3, 'far')).toBeGreaterThan(0.85);
  expect(caught(10, 'known')).toBeGreaterThan(0.9);
  expect(caught(10, 'far')).toBeGreaterThan(0.9);
});
