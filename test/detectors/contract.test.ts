import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import type { KeyScope } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { partsOf } from '../../src/engine/shadow-rows.ts';
import { compileLayout } from '../../src/state/layout.ts';
import { Harness } from '../support/detector-harness.ts';
import { epoch, eventsOfDay, makeEstate } from '../support/estate/estate.ts';
import { eventsOfTheft, hour } from '../support/estate/theft.ts';

/** Twenty quiet days and two thefts, so that judging, learning and shadows all take part. */
function stream(seed: number): TokenEvent[] {
  const members = makeEstate(13, seed);
  const events: TokenEvent[] = [];
  for (let number = 0; number < 20; number += 1) events.push(...eventsOfDay(members, number));
  for (const member of members.slice(0, 2)) {
    events.push(...eventsOfTheft(member, { at: 20 * 24 * hour, bytes: 5e10, calls: 30, overMs: hour, from: 'far' }, seed));
  }
  events.push(...eventsOfDay(members, 21));
  return events;
}

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null, freq: 2 });
/** Events with any fields missing and numbers at their limits. */
const patchyEvent = fc.record({
  orderMs: fc.integer({ min: 0, max: 4_102_444_800_000 }), token: optional(fc.constantFrom('t1', 't2')), identityId: optional(fc.constantFrom('i1', 'i2')),
  bytesOut: optional(fc.oneof(fc.constantFrom(0, Number.MAX_SAFE_INTEGER), fc.nat())), urlPath: optional(fc.string()), resourceId: optional(fc.string()),
  workloadId: optional(fc.constant('w')), cloudAccount: optional(fc.constant('a')), networkBlock: optional(fc.constantFrom('10.0.0.0/24', '2001:db8::/48')),
  sourceIp: optional(fc.constant('10.0.0.1')), asNumber: optional(fc.nat()), country: optional(fc.constantFrom('DE', 'RO')),
  networkClass: optional(fc.constantFrom('private' as const, 'vpn' as const, 'unknown' as const)), issuedAtMs: optional(fc.integer({ min: -1, max: 4_102_444_800_000 })),
  endMs: optional(fc.nat()), partial: fc.boolean(), outcome: fc.constantFrom('success' as const, 'failure' as const, 'unknown' as const),
  lifecycle: optional(fc.constantFrom('used' as const, 'issued' as const, 'revoked' as const)), authenticated: optional(fc.boolean()),
}).map((fields): TokenEvent => ({ ...emptyEvent('ecs', fields.orderMs), ...fields }));

it('registers each detector once, under a plain id, with its cases', () => {
  const ids = detectors.map((detector) => detector.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const detector of detectors) {
    expect(detector.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const text of detector.cases) expect(text).toMatch(/^(?:C\d{2} )?[a-z].* .*[a-z]$/);
    expect(detector.cases.length).toBeGreaterThan(0);
    expect(detector.blindSpots.length).toBeGreaterThan(0);
    for (const { tactic, technique } of detector.attack) {
      expect(tactic).toMatch(/^TA\d{4}$/);
      expect(technique).toMatch(/^T\d{4}(\.\d{3})?$/);
    }
    for (const risk of detector.owaspNhi) expect(risk).toMatch(/^NHI(10|[1-9])$/);
    for (const parameter of Object.values(detector.parameters)) expect(parameter.describe).not.toBe('');
  }
});

it('keeps all records of an identity, those of the seldom included, within 2 KiB, and of a token within 96 bytes', () => {
  // Each row's hash and its place in the index, at the emptiest that this gets.
  const rowBytes = 8 + 4 / 0.5;
  const bytes = (scope: KeyScope): number => rowBytes + compileLayout(partsOf(scope, detectors.map((detector) => ({ detector })))).length;
  expect(bytes('identity') + bytes('actor')).toBeLessThanOrEqual(2_048);
  expect(bytes('token')).toBeLessThanOrEqual(96);
});

describe.each(detectors.map((detector) => [detector.id, detector] as const))('%s', (_, detector) => {
  it('leaves its input untouched, and gives the same bytes and findings for the same input', () => {
    const events = stream(5);
    const one = new Harness(detector);
    const other = new Harness(detector);
    const before = JSON.stringify(events);
    const hits = events.map((event) => one.observe(event)?.finding ?? null);
    expect(JSON.stringify(events)).toBe(before);
    expect(events.map((event) => other.observe(event)?.finding ?? null)).toEqual(hits);
    expect(other.dump()).toBe(one.dump());
  });

  it('goes on the same after its records were saved and read back half way', () => {
    const events = stream(6);
    const half = Math.floor(events.length / 2);
    const whole = new Harness(detector);
    const first = new Harness(detector);
    for (const event of events.slice(0, half)) {
      whole.observe(event);
      first.observe(event);
    }
    const second = first.revived();
    for (const event of events.slice(half)) expect(second.observe(event)?.finding).toEqual(whole.observe(event)?.finding);
    expect(second.dump()).toBe(whole.dump());
  });

  it('takes events with anything missing, within its layout, and never judges unauthenticated ones', () => {
    fc.assert(fc.property(fc.array(patchyEvent, { maxLength: 60 }), fc.constantFrom('auto', '0'), (events, fixed) => {
      const harness = new Harness(detector, { learn: fixed, after: fixed });
      for (const event of events) {
        const hit = harness.observe(event);
        if (hit === null) continue;
        if (detector.judgesUnauthenticated === undefined) expect(event.authenticated).not.toBe(false);
        expect(hit.finding.surpriseBits).toBeGreaterThan(0);
        expect(hit.finding.confidence).toBeGreaterThanOrEqual(0);
        expect(hit.finding.confidence).toBeLessThanOrEqual(1);
        expect(hit.finding.reason).toMatch(/^.+\.$/);
        expect(JSON.stringify([hit.finding.baseline, hit.finding.observed])).not.toMatch(/null/);
      }
    }), { numRuns: 150, seed: 1 });
  });

  it('says nothing about the first event of anyone', () => {
    for (const event of eventsOfDay(makeEstate(26, 3), 20)) expect(new Harness(detector).observe(event)).toBeNull();
  });

  it('does not go back in time', () => {
    const harness = new Harness(detector);
    const events = stream(8);
    for (const event of events) harness.observe(event);
    const late = { ...(events[3] ?? emptyEvent('ecs', epoch)) };
    expect(() => harness.observe(late)).not.toThrow();
  });
});
