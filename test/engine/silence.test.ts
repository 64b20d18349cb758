import { describe, expect, it } from 'vitest';
import { Coverage } from '../../src/engine/coverage.ts';
import { incidentsInMemory } from '../support/incidents.ts';
import { Silences, type Silent, type TokenBook } from '../../src/engine/silence.ts';
import type { Alert } from '../../src/model/alert.ts';
import { emptyEvent } from '../../src/model/event.ts';
import type { Token } from '../../src/model/token.ts';
import { EntityMap } from '../../src/state/entities.ts';
import { startMs } from './harness.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const nobody: TokenBook = { token: () => null, dependents: { of: () => [] } };

class World {
  readonly coverage = new Coverage(new EntityMap('coverage'));
  readonly incidents = incidentsInMemory();
  readonly silences: Silences;

  constructor(book: TokenBook = nobody, live = true) {
    this.silences = new Silences(this.coverage, this.incidents, book, new EntityMap('silence'), live);
  }

  /** Deliveries of two callers, every so often. */
  deliver(source: string, fromMs: number, untilMs: number, everyMs: number): void {
    for (let atMs = fromMs, i = 0; atMs <= untilMs; atMs += everyMs, i++) this.coverage.see(source, startMs + atMs, `${source} ${i % 2}`, 'gateway');
  }

  at(ms: number): Silent[] {
    return this.silences.at(startMs + ms);
  }
}

describe('a source', () => {
  it('is silent while another one goes on', () => {
    const world = new World();
    world.deliver('trail', 0, 9 * dayMs, hourMs);
    world.deliver('gateway', 0, 9 * dayMs + 6 * hourMs, hourMs);
    const [found] = world.at(9 * dayMs + 7 * hourMs);
    expect(found?.event).toMatchObject({ source: 'trail', timeMs: startMs + 9 * dayMs, orderMs: startMs + 9 * dayMs + 7 * hourMs, identityId: 'source:trail' });
    expect(found?.silence).toEqual({ of: 'source', usualPauseMs: hourMs, historyMs: 9 * dayMs, silentMs: 6 * hourMs });
  });

  it('is not silent because everything stopped, and time went on in one step', () => {
    const world = new World();
    for (const source of ['trail', 'gateway']) world.deliver(source, 0, 9 * dayMs, hourMs);
    world.at(9 * dayMs);
    expect(world.at(20 * dayMs)).toEqual([]);
    world.deliver('gateway', 20 * dayMs, 20 * dayMs, 1);
    // What went by while the other one paused as well does not count.
    expect(world.at(20 * dayMs + minuteMs).map(({ silence }) => silence.silentMs)).toEqual([]);
  });

  it('alone is silent once time was seen passing tick by tick', () => {
    const world = new World();
    world.deliver('trail', 0, 9 * dayMs, hourMs);
    const found: Silent[] = [];
    for (let ms = 9 * dayMs; ms <= 9 * dayMs + 5 * hourMs; ms += minuteMs) found.push(...world.at(ms));
    expect(found.map(({ silence }) => silence.silentMs / minuteMs)).toEqual([30, 38, 48, 60, 75, 94, 118, 148, 185, 232, 290]);
    expect(new Set(found.map(({ event }) => event.id)).size).toBe(1);
  });

  it('knows the pauses that were taken for outages', () => {
    const world = new World();
    world.deliver('trail', 0, 9 * dayMs, hourMs);
    world.deliver('trail', 12 * dayMs, 13 * dayMs, hourMs);
    world.deliver('gateway', 0, 14 * dayMs, hourMs);
    const [found] = world.at(14 * dayMs + hourMs);
    expect(found?.silence).toEqual({ of: 'source', usualPauseMs: 3 * dayMs, historyMs: 10 * dayMs, silentMs: dayMs });
  });

  it('of a file is silent only if it goes on afterwards: files end', () => {
    const world = new World(nobody, false);
    world.deliver('trail', 0, 9 * dayMs, hourMs);
    world.deliver('gateway', 0, 10 * dayMs, hourMs);
    expect(world.at(10 * dayMs)).toEqual([]);
    const next = Object.assign(emptyEvent('trail', startMs + 10 * dayMs), { source: 'trail' });
    expect(world.silences.endedBy(next)?.silence).toEqual({ of: 'source', usualPauseMs: hourMs, historyMs: 9 * dayMs, silentMs: dayMs });
    expect(world.silences.endedBy(next)).toBeNull();
    // What the other one delivered of later times is no silence.
    world.coverage.see('trail', next.orderMs, 'trail 0', 'gateway');
    world.deliver('gateway', 10 * dayMs, 12 * dayMs, hourMs);
    const soon = Object.assign(emptyEvent('trail', next.orderMs + 40 * minuteMs), { source: 'trail' });
    expect(world.silences.endedBy(soon)?.silence.silentMs).toBe(40 * minuteMs);
    expect(world.silences.endedBy(Object.assign(emptyEvent('gateway', startMs + 10 * dayMs + minuteMs), { source: 'gateway' }))).toBeNull();
  });

  it('that paused together with another one and returns a moment later was missed by nobody', () => {
    for (const pauseMs of [45 * minuteMs, 5 * hourMs, dayMs]) {
      const world = new World();
      const endMs = 9 * dayMs;
      for (const source of ['trail', 'gateway']) world.deliver(source, 0, endMs, 10 * minuteMs);
      // Of a single caller, so that its pause is no outage.
      world.coverage.see('gateway', startMs + endMs + pauseMs, 'gateway 0', 'gateway');
      const next = Object.assign(emptyEvent('trail', startMs + endMs + pauseMs + 40), { source: 'trail' });
      expect(world.silences.endedBy(next)).toBeNull();
      world.deliver('gateway', endMs + pauseMs, endMs + pauseMs + 2 * hourMs, 35 * minuteMs);
      const late = Object.assign(emptyEvent('trail', startMs + endMs + pauseMs + 2 * hourMs), { source: 'trail' });
      expect(world.silences.endedBy(late)?.silence.silentMs).toBe(105 * minuteMs);
    }
  });

  it('says nothing at the end of the input', () => {
    const world = new World();
    world.deliver('trail', 0, 9 * dayMs, hourMs);
    expect(world.silences.at(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });
});

describe('a token of an open incident', () => {
  const known: Token = {
    fingerprint: 't', kind: 'access_key', handle: 'AKIA1', issuer: 'aws', identityId: 'rates', parent: null, issuedAtMs: null, issueSeen: false, expiresAtMs: null,
    revokedAtMs: null, firstSeenMs: startMs, lastUsedMs: startMs + 5 * dayMs, upstream: false,
  };
  const silentIn = (token: Token, hasIncident = true): Silent[] => {
    const world = new World({ token: () => token, dependents: { of: () => [{ callsPerDay: 240, firstSeenMs: startMs }] } });
    const alert = { id: 'a', detector: 'unfamiliar-ip', startMs: startMs + 5 * dayMs, endMs: startMs + 5 * dayMs, tokens: ['t'], riskScore: 50, incidentId: '',
      first: emptyEvent('test', startMs) };
    if (hasIncident) world.incidents.add(alert as unknown as Alert, 'rates', null);
    world.at(5 * dayMs);
    return [...world.at(5 * dayMs + 8 * hourMs), ...world.at(5 * dayMs + 9 * hourMs)];
  };

  it('is silent, and that is shown with its rhythm', () => {
    const [found, ...more] = silentIn(known);
    expect(found?.event).toMatchObject({ token: 't', tokenHandle: 'AKIA1', identityId: 'rates', timeMs: startMs + 5 * dayMs });
    expect(found?.silence).toEqual({ of: 'token', usualPauseMs: dayMs / 240, historyMs: 5 * dayMs, silentMs: 8 * hourMs });
    expect(more).toEqual([]);
  });

  it('is none of anybody\'s business once it was revoked or has expired, or without an incident', () => {
    expect(silentIn({ ...known, revokedAtMs: startMs + 5 * dayMs })).toEqual([]);
    expect(silentIn({ ...known, expiresAtMs: startMs + 5 * dayMs })).toEqual([]);
    expect(silentIn(known, false)).toEqual([]);
  });
});
