import { describe, expect, it } from 'vitest';
import destructiveBurst from '../../detectors/destructive-burst.ts';
import objectReach from '../../detectors/object-reach.ts';
import probing from '../../detectors/probing.ts';
import unfamiliarAction from '../../detectors/unfamiliar-action.ts';
import type { Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Harness } from '../support/detector-harness.ts';
import { behaviourEpochMs, behaviourOfDay, makeCompany } from '../support/estate/behaviour.ts';
import { layoutSize } from '../support/plain-record.ts';

const detectors = [unfamiliarAction, objectReach, destructiveBurst, probing] as unknown as Detector[];
const world = { outages: [], issued: new Map<string, number>(), more: { identitySinceMs: behaviourEpochMs } };
const [days, members] = [120, 26];

interface Told { readonly detector: string; readonly reason: string; readonly severity: number }

interface Past { readonly harnesses: readonly Harness[]; readonly last: ReadonlyMap<string, TokenEvent>; readonly told: readonly Told[] }
const pasts = new Map<number, Past>();

function show(harnesses: readonly Harness[], event: TokenEvent, told: Told[]): void {
  for (const harness of harnesses) {
    const hit = harness.observe(event);
    if (hit !== null) told.push({ detector: hit.detector, reason: hit.finding.reason, severity: hit.finding.severity });
  }
}

/** The company's days: lived once for each seed, and looked back to after each theft. */
function past(seed: number): Past {
  const known = pasts.get(seed);
  if (known !== undefined) return known;
  const harnesses = detectors.map((detector) => new Harness(detector, {}, world));
  const company = makeCompany(members, seed);
  const [told, last]: [Told[], Map<string, TokenEvent>] = [[], new Map()];
  for (let day = 0; day < days; day += 1) {
    for (const event of behaviourOfDay(company, day)) {
      show(harnesses, event, told);
      last.set(event.identityId ?? '', event);
    }
  }
  const lived = { harnesses, last, told };
  pasts.set(seed, lived);
  return lived;
}

/** What is told of a thief who calls with the token of a member. */
function stolen(seed: number, of: string, calls: readonly Partial<TokenEvent>[]): Told[] {
  const { harnesses, last } = past(seed);
  const own = last.get(of);
  const told: Told[] = [];
  if (own === undefined) return told;
  const marks = harnesses.map((harness) => harness.mark());
  for (const [at, fields] of calls.entries()) {
    const timeMs = behaviourEpochMs + days * 86_400_000 + at * 2_000;
    show(harnesses, { ...own, outcome: 'success', code: null, status: null, ...fields, timeMs, orderMs: timeMs }, told);
  }
  for (const [at, harness] of harnesses.entries()) harness.reset(marks[at]!);
  return told;
}

const service = 'member-0';
const caller = 'member-7';
const names = (told: readonly Told[]): string[] => [...new Set(told.map(({ detector }) => detector))];
const operations = (list: readonly string[], more: Partial<TokenEvent> = {}): Partial<TokenEvent>[] => list.map((action) => ({ action, ...more }));

describe('a company that does nothing wrong', () => {
  it.each([1, 2])('for four months, seed %i', (seed) => {
    expect(past(seed).told).toEqual([]);
  });
});

describe('a thief in it', () => {
  it('looks round and takes rights', () => {
    const told = stolen(1, service, operations(['GetCallerIdentity', 'ListUsers', 'ListAttachedUserPolicies', 'ListSecrets', 'CreateAccessKey', 'AttachUserPolicy']));
    expect(names(told)).toEqual(['unfamiliar-action']);
    expect(told.at(-1)?.severity).toBeGreaterThanOrEqual(47);
  });

  it('is refused in many ways and then let in', () => {
    const tried = ['ListUsers', 'ListRoles', 'GetAccountSummary', 'ListKeys', 'AssumeRole', 'CreateUser', 'CreateAccessKey', 'DescribeTrails', 'ListSecrets', 'ListClusters'];
    const told = stolen(2, service, [...operations(tried, { outcome: 'failure', code: 'AccessDenied' }), { action: 'ListSecrets' }]);
    expect(told.filter(({ detector }) => detector === 'probing').at(-1)).toMatchObject({ severity: 73 });
  });

  it('deletes', () => {
    const told = stolen(2, service, operations(Array.from({ length: 200 }, () => 'DeleteSnapshot')));
    expect(told.filter(({ detector }) => detector === 'destructive-burst').length).toBeGreaterThan(100);
  });

  it('takes objects number by number', () => {
    const told = stolen(1, caller, Array.from({ length: 80 }, (_, at) => ({ method: 'GET', route: '/v1/orders0/{id}', objectId: String(1_000 + at) })));
    expect(names(told)).toEqual(['object-reach']);
  });

  it('shows a victim\'s id without proof: it is told low and teaches nothing', () => {
    const tried = Array.from({ length: 60 }, (_, at) => ({ urlPath: `/try/${at}x`, route: null, method: 'GET', outcome: 'failure' as const, status: 401, authenticated: false }));
    const told = stolen(1, caller, tried);
    expect(told.every(({ severity }) => severity === 21)).toBe(true);
    expect(names(told)).toEqual(['probing']);
  });
});

it('keeps little for each identity', () => {
  const bytes = detectors.map(({ state }) => (state.actor === undefined ? 0 : layoutSize(state.actor)));
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(340);
});

it('a walk that was broken off makes no room for the next', () => {
  const harness = new Harness(objectReach as unknown as Detector, {}, world);
  const read = (dayNumber: number, second: number, number: number): TokenEvent => ({
    ...emptyEvent('ecs', behaviourEpochMs + dayNumber * 86_400_000 + second * 1_000), identityId: 'web', identityName: 'web', token: 't', authenticated: true, outcome: 'success',
    method: 'GET', route: '/items/{id}', objectId: String(number), urlPath: `/items/${number}`,
  });
  const walk = (dayNumber: number, from: number, steps: number): number =>
    Array.from({ length: steps }, (_, at) => harness.observe(read(dayNumber, at, from + at))).findIndex((hit) => hit !== null) + 1;
  for (let number = 0; number < 60; number += 1) for (let each = 0; each < 10; each += 1) expect(harness.observe(read(number, each, number * 37 * each % 400))).toBeNull();
  expect(walk(60, 5_000, 39)).toBe(0);
  for (let each = 0; each < 10; each += 1) harness.observe(read(61, each, each * 31));
  expect(walk(62, 9_000, 60)).toBe(40);
});

describe('other customers', () => {
  const read = (dayNumber: number, second: number, customer: number): TokenEvent => ({
    ...emptyEvent('ecs', behaviourEpochMs + dayNumber * 86_400_000 + second * 1_000), identityId: 'crm', identityName: 'crm', token: 't', authenticated: true, outcome: 'success',
    method: 'GET', route: '/customers/{id}/orders/{id}', objectId: `${customer}/7`, urlPath: `/customers/${customer}/orders/7`,
  });
  /** Works for those of `own` for 90 days, then reaches so many others on one. */
  const reaches = (own: (dayNumber: number) => readonly number[], others: number): (string | undefined)[] => {
    const harness = new Harness(objectReach as unknown as Detector, {}, world);
    for (let number = 0; number < 90; number += 1) {
      for (const customer of own(number)) expect(harness.observe(read(number, customer, customer))).toBeNull();
    }
    return Array.from({ length: others }, (_, at) => harness.observe(read(90, 100 + at, 500 + at))?.finding.reason);
  };

  it('are told of who works for three, and of who works for fourteen', () => {
    expect(reaches((number) => (number < 60 ? [1, 2] : [1, 2, 3]), 12).some((reason) => reason !== undefined)).toBe(true);
    expect(reaches(() => Array.from({ length: 14 }, (_, customer) => customer), 6).find((reason) => reason !== undefined)).toContain(
      'crm reached objects of 4 customers today that it never worked for, last 503, from an unknown address; on 91 days of use it worked for about 14 customers.');
  });

  it('say nothing of who gets a new one each week, nor of who works for hundreds', () => {
    expect(reaches((number) => Array.from({ length: 2 + Math.floor(number / 7) }, (_, customer) => customer), 3)).toEqual([undefined, undefined, undefined]);
    expect(reaches((number) => Array.from({ length: 40 }, (_, each) => (number * 37 + each * 11) % 400), 12).every((reason) => reason === undefined)).toBe(true);
  });
});

it('deletions are odder of who only ever read', () => {
  const told = (changes: boolean): number => {
    const harness = new Harness(destructiveBurst as unknown as Detector, {}, { ...world, more: { identitySinceMs: behaviourEpochMs } });
    const call = (dayNumber: number, second: number, method: string): TokenEvent => ({
      ...emptyEvent('ecs', behaviourEpochMs + dayNumber * 86_400_000 + second * 1_000), identityId: 'svc', identityName: 'svc', identityKind: 'service', token: 't', authenticated: true,
      outcome: 'success', method, urlPath: `/carts/${second}`,
    });
    for (let number = 0; number < 90; number += 1) harness.observe(call(number, 1, changes ? 'POST' : 'GET'));
    return Array.from({ length: 60 }, (_, second) => harness.observe(call(90, second, 'DELETE'))).findIndex((hit) => hit !== null) + 1;
  };
  expect([told(true), told(false)]).toEqual([46, 16]);
});
