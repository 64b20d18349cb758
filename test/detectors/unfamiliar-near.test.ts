import { describe, expect, it } from 'vitest';
import unfamiliarIp from '../../detectors/unfamiliar-ip.ts';
import type { Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { Finding } from '../../src/model/finding.ts';
import { Harness } from '../support/detector-harness.ts';

/** Another block of the provider in which an identity has been all along: what scaling out looks like, and a thief who rents there. */
const start = Date.UTC(2025, 2, 1);
const [minute, hour, day] = [6e4, 36e5, 864e5] as const;
const [home, near] = ['3.5.140.0/24', '3.5.200.0/24'];

function use(atMs: number, networkBlock: string, more: Partial<TokenEvent> = {}): TokenEvent {
  return {
    ...emptyEvent('aws.cloudtrail', atMs), token: 'key', identityId: 'svc', identityName: 'svc', identityKind: 'service', tokenKind: 'access_key', lifecycle: 'used',
    outcome: 'success', authenticated: true, networkBlock, sourceIp: networkBlock.replace('.0/24', '.7'), asNumber: 16_509, country: 'DE', networkClass: 'hosting', ...more,
  };
}

/** Two uses an hour at home for so many days; `more` of the token, by the hour. */
function settled(days: number, more: (hourNumber: number) => Partial<TokenEvent> = () => ({})): Harness {
  const harness = new Harness(unfamiliarIp as unknown as Detector);
  for (let each = 0; each < days * 48; each += 1) expect(harness.observe(use(start + each * hour / 2, home, more(Math.floor(each / 2))))).toBeNull();
  return harness;
}

const findings = (harness: Harness, events: readonly TokenEvent[]): Finding[] =>
  [...events].sort((one, other) => one.orderMs - other.orderMs).flatMap((event) => harness.observe(event)?.finding ?? []);

const at = start + 90 * day;
const many = Array.from({ length: 15 }, (_, each) => use(at + (1 + 4 * each) * minute, near));
const own = [0, 30, 60].map((minutes) => use(at + minutes * minute, home));

describe('more calls than ever in an hour, from beside', () => {
  it('are told once the old place was used in between', () => {
    const [found] = findings(settled(90), [...many, ...own]);
    expect(found?.severity).toBe(47);
    expect(found?.reason).toBe('svc was used from 3.5.200.7 (AS16509, DE), a new block of a known network; in 91 days nearly all 4,330 uses came from one other '
      + 'block of addresses, still in use at the same time; 9 uses there in this hour, and hardly ever more than 2 anywhere in one about that time '
      + 'of day.');
  });

  it('are a move where the old place falls silent, and a second zone where they are a share of the usual', () => {
    expect(findings(settled(90), many)).toEqual([]);
    const shared = Array.from({ length: 48 }, (_, each) => use(at + each * hour / 2, each % 2 === 0 ? near : home));
    expect(findings(settled(90), shared)).toEqual([]);
  });

  it('are told as well where a theft from the known place came before', () => {
    const harness = settled(90);
    for (let each = 0; each < 300; each += 1) harness.observe(use(at + each * 10_000, home));
    const later = [...many, ...own].map((event) => ({ ...event, timeMs: event.timeMs + 5 * day, orderMs: event.orderMs + 5 * day }));
    expect(findings(harness, later)[0]?.reason).toContain('13 uses there in this hour, and hardly ever more than 6 anywhere in one about that time of day.');
  });

  it('say nothing of who shows new blocks all the time', () => {
    const harness = new Harness(unfamiliarIp as unknown as Detector);
    for (let each = 0; each < 90 * 24; each += 1) expect(harness.observe(use(start + each * hour, `3.5.${each * 7 % 40}.0/24`))).toBeNull();
    expect(findings(harness, [...many, ...own])).toEqual([]);
  });
});

describe('a token of a session', () => {
  const session = (hourNumber: number): Partial<TokenEvent> => ({ token: `session-${hourNumber}`, tokenKind: 'temporary_key' });
  const here = [0, 20, 40].map((minutes) => use(at + minutes * minute, home, session(0.5)));
  const there = [10, 30].map((minutes) => use(at + minutes * minute, near, session(0.5)));

  it('that wanders beside and is used at home meanwhile is told', () => {
    expect(findings(settled(90, session), [...here, ...there])[0]?.reason).toMatch(/; a token of a session does not leave its place\.$/);
  });

  it('of its own in the other block is a second zone, and a person may walk', () => {
    expect(findings(settled(90, session), [...here, ...there.map((event) => ({ ...event, token: 'session-beside' }))])).toEqual([]);
    const harness = settled(90, session);
    expect(findings(harness, [...here, ...there].map((event) => ({ ...event, identityKind: 'human' as const })))).toEqual([]);
  });
});

describe('uses from beside at hours of rest', () => {
  /** Twelve uses at home after two in the night, and now and then (`also`) at another hour. */
  const nightly = (days: number, also: (dayNumber: number) => number | null = () => null): Harness => {
    const harness = new Harness(unfamiliarIp as unknown as Detector);
    for (let each = 0; each < days; each += 1) {
      for (const hourOfDay of [2, also(each)]) {
        for (let call = 0; hourOfDay !== null && call < 12; call += 1) expect(harness.observe(use(start + each * day + hourOfDay * hour + call * minute, home))).toBeNull();
      }
    }
    return harness;
  };
  const from = (hourOfDay: number, count = 12): TokenEvent[] =>
    Array.from({ length: count }, (_, call) => use(at + hourOfDay * hour + call * minute, near));

  it('are told though nothing goes on at home meanwhile', () => {
    const [found] = findings(nightly(90), from(11));
    expect(found?.severity).toBe(21);
    expect(found?.reason).toBe('svc was used from 3.5.200.7 (AS16509, DE), a new block of a known network; in 91 days nearly all 1,087 uses came from one other block '
      + 'of addresses; 8 uses there about an hour of the day at which it never was at work.');
  });

  it.each([
    ['a job that moves takes its timetable along', nightly(90), from(2)],
    ['and may run late', nightly(90), from(3)],
    ['a few calls are somebody who looks whether it works', nightly(90), from(11, 6)],
    ['two weeks make no timetable', nightly(14), from(11)],
    ['who is at work at any hour now and then has no hours of rest', nightly(90, (dayNumber) => (dayNumber % 9 === 0 ? dayNumber / 3 % 24 : null)), from(11)],
    ['a person has none either', nightly(90), from(11).map((event) => ({ ...event, identityKind: 'human' as const }))],
  ])('%s', (_, harness, events) => {
    expect(findings(harness, events)).toEqual([]);
  });
});
