/** Which tokens at work their issuer's log lacks, when that is known, and what is left open. */
import { describe, expect, it } from 'vitest';
import { Coverage } from '../../src/engine/coverage.ts';
import { Issuances, type IssuanceTables, type Missing } from '../../src/engine/issuances.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { PlaceBefore } from '../../src/model/fate.ts';
import { EntityMap } from '../../src/state/entities.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const startMs = Date.UTC(2026, 2, 2);

function copyOf<T>(entities: EntityMap<T>): EntityMap<T> {
  const copy = new EntityMap<T>(entities.kind);
  for (const [key, value] of entities.all()) copy.set(key, structuredClone(value));
  return copy;
}

/** An issuer whose log is read, and a gateway at which its tokens are shown; times in ms from the start. */
class World {
  readonly coverage = new Coverage(new EntityMap('coverage'));
  readonly seen = new Set<string>();
  tables: IssuanceTables = { issuers: new EntityMap('issuer'), waiting: new EntityMap('unissued'), mints: new EntityMap('mint'), makers: new EntityMap('maker') };
  place: PlaceBefore = 'own';
  issuances: Issuances;

  constructor() {
    this.issuances = this.open();
  }

  open(): Issuances {
    const fates = { formerUseMs: null, placeBefore: () => this.place } as never;
    return new Issuances(this.tables, this.coverage, { issueSeen: (token) => this.seen.has(token), fates });
  }

  /** As after a restart: with what was saved, and nothing else. */
  restart(): void {
    const { issuers, waiting, mints, makers } = this.tables as { [K in keyof IssuanceTables]: EntityMap<never> };
    this.tables = { issuers: copyOf(issuers), waiting: copyOf(waiting), mints: copyOf(mints), makers: copyOf(makers) } as never;
    this.issuances = this.open();
  }

  issue(token: string, atMs: number): void {
    this.seen.add(token);
    const event = Object.assign(emptyEvent('idp', startMs + atMs), {
      issued: token, issuedKind: 'jwt', tokenIssuer: 'https://idp', outcome: 'success', authenticated: true, vantage: 'iam', issuedExpiresAtMs: startMs + atMs + hourMs,
    });
    this.coverage.see('idp', startMs + atMs, token, 'iam');
    this.issuances.see(event);
  }

  use(token: string, atMs: number, more: Partial<TokenEvent> = {}): TokenEvent {
    const issuedAtMs = startMs + atMs - minuteMs;
    const event = Object.assign(emptyEvent('gateway', startMs + atMs), {
      token, tokenKind: 'jwt', tokenIssuer: 'https://idp', outcome: 'success', authenticated: true, identityId: 'shop', issuedAtMs, expiresAtMs: issuedAtMs + hourMs, keyId: 'k1',
    }, more);
    this.issuances.see(event);
    return event;
  }

  /** One token each few minutes, issued and used. */
  traffic(fromMs: number, untilMs: number, everyMs = 3 * minuteMs): void {
    for (let atMs = fromMs; atMs < untilMs; atMs += everyMs) {
      this.issue(`t${atMs}`, atMs);
      this.use(`t${atMs}`, atMs + minuteMs);
    }
  }

  ripe(atMs: number): readonly Missing[] {
    return this.issuances.ripe(startMs + atMs);
  }

  /** A day of traffic with one use in it of a token that was never issued; what is found in the end. */
  story(more: Partial<TokenEvent>): readonly Missing[] {
    this.traffic(0, 20 * hourMs);
    this.use('forged', 20 * hourMs, more);
    this.traffic(20 * hourMs, 22 * hourMs);
    return this.ripe(22 * hourMs);
  }
}

const strange = { keyId: 'k9' };

/** A day and more of a token each minute, and in it at once one of each owner that was never issued. */
function longStory(owners: readonly string[], more: Partial<TokenEvent> = {}): { readonly world: World; readonly found: readonly Missing[] } {
  const world = new World();
  world.traffic(0, 30 * hourMs, minuteMs);
  for (const owner of owners) world.use(`of ${owner}`, 30 * hourMs, { ...more, identityId: owner });
  world.traffic(30 * hourMs, 32 * hourMs, minuteMs);
  return { world, found: world.ripe(32 * hourMs) };
}

describe('a token that nobody issued', () => {
  it.each([
    ['under a key that the issuer never used', strange, { unknownKey: true, oddLifetime: false }],
    ['that lives far longer', { expiresAtMs: startMs + 8760 * hourMs }, { unknownKey: false, oddLifetime: true }],
    ['without an end', { expiresAtMs: null }, { oddLifetime: true, lifetimeMs: null }],
  ] as const)('is found where it is one %s', (_, more, expected) => {
    const found = new World().story(more);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ event: { token: 'forged' }, unissued: expected });
  });

  it('is no stranger for having no end where others of the issuer have none either', () => {
    const world = new World();
    world.issue('lasting', hourMs);
    world.use('lasting', hourMs + minuteMs, { expiresAtMs: null });
    expect(world.story({ expiresAtMs: null })).toEqual([]);
  });

  it('is found by its place, and not without any other sign', () => {
    const world = new World();
    world.place = 'other';
    expect(world.story({})).toHaveLength(1);
    expect(new World().story({})).toEqual([]);
  });

  it('is found with the second one of its owner, far from the first', () => {
    const world = new World();
    world.traffic(0, 10 * hourMs, 2 * minuteMs);
    world.use('first', 10 * hourMs);
    world.traffic(10 * hourMs, 22 * hourMs);
    expect(world.ripe(22 * hourMs)).toEqual([]);
    world.use('second', 22 * hourMs);
    world.traffic(22 * hourMs, 24 * hourMs);
    expect(world.ripe(24 * hourMs)).toMatchObject([{ unissued: { isRepeated: true } }]);
  });

  it('is found without any other sign where the log is complete by long experience, and lacks nothing else about that time', () => {
    const { world, found } = longStory(['shop']);
    expect(found).toMatchObject([{ event: { token: 'of shop' }, unissued: { unknownKey: false, oddLifetime: false, isElsewhere: false, isRepeated: false, missing: 0 } }]);
    // It may have been a lost line: the next one is less of a wonder.
    world.traffic(32 * hourMs, 34 * hourMs, minuteMs);
    world.use('next', 34 * hourMs, { identityId: 'till' });
    world.traffic(34 * hourMs, 36 * hourMs, minuteMs);
    expect(world.ripe(36 * hourMs)).toEqual([]);
  });

  it('is found for several owners at once where a log that fails would lack more', () => {
    expect(longStory(['a', 'b', 'c'], strange).found.map(({ event }) => event.identityId)).toEqual(['a', 'b', 'c']);
  });

  it('is told once, an hour after its use, when the log was heard that far', () => {
    const world = new World();
    world.traffic(0, 20 * hourMs);
    world.use('forged', 20 * hourMs, strange);
    expect(world.ripe(21 * hourMs)).toEqual([]);
    world.traffic(20 * hourMs, 20.9 * hourMs);
    expect(world.ripe(23 * hourMs)).toEqual([]);
    world.traffic(20.9 * hourMs, 21.2 * hourMs);
    expect(world.ripe(23 * hourMs)).toHaveLength(1);
    expect(world.ripe(24 * hourMs)).toEqual([]);
  });

  it('is found after a restart as before it', () => {
    const world = new World();
    world.traffic(0, 20 * hourMs);
    world.use('forged', 20 * hourMs, strange);
    world.restart();
    world.traffic(20 * hourMs, 22 * hourMs);
    world.restart();
    expect(world.ripe(22 * hourMs)).toMatchObject([{ event: { token: 'forged', identityId: 'shop' }, unissued: { unknownKey: true } }]);
  });
});

describe('nobody is accused', () => {
  it('whose issuance comes late', () => {
    const world = new World();
    world.traffic(0, 20 * hourMs);
    world.use('late', 20 * hourMs, strange);
    world.traffic(20 * hourMs, 22 * hourMs);
    world.issue('late', 20 * hourMs - minuteMs);
    expect(world.ripe(22 * hourMs)).toEqual([]);
  });

  it.each([
    ['whose token says that it was made before the log began', { issuedAtMs: startMs - hourMs }],
    ['whose token does not say when it was made', { issuedAtMs: null }],
    ['who was refused', { authenticated: false, outcome: 'failure' }],
    ['of whom nobody knows whether he was checked', { authenticated: null }],
    ['of an issuer whose log is not read', { tokenIssuer: 'https://other' }],
    ['who only asked the issuer itself', { vantage: 'iam' }],
  ] as const)('%s', (_, more) => {
    expect(new World().story({ ...strange, ...more })).toEqual([]);
  });

  it('while the log is too young', () => {
    const world = new World();
    world.traffic(0, 5 * hourMs);
    world.use('forged', 5 * hourMs, strange);
    world.traffic(5 * hourMs, 7 * hourMs);
    expect(world.ripe(7 * hourMs)).toEqual([]);
  });

  it('for a token made in a pause of the log', () => {
    const world = new World();
    world.traffic(0, 20 * hourMs);
    world.use('forged', 21 * hourMs, { ...strange, issuedAtMs: startMs + 20.8 * hourMs });
    world.traffic(22 * hourMs, 24 * hourMs);
    expect(world.ripe(24 * hourMs)).toEqual([]);
  });

  it('where the tokens of several owners are missing: then it is the log', () => {
    const world = new World();
    world.traffic(0, 20 * hourMs);
    for (const owner of ['a', 'b', 'c', 'd']) world.use(`of ${owner}`, 20 * hourMs, { ...strange, identityId: owner });
    world.traffic(20 * hourMs, 22 * hourMs);
    expect(world.ripe(22 * hourMs)).toEqual([]);
  });

  it('where tokens of two owners are missing and nothing else about them is strange: a few lines may be lost together', () => {
    expect(longStory(['a', 'b']).found).toEqual([]);
  });

  it('without another sign while hardly any token is issued', () => {
    const world = new World();
    world.traffic(0, 20 * hourMs, minuteMs);
    world.traffic(20 * hourMs, 30 * hourMs, 8 * minuteMs);
    world.use('lost', 30 * hourMs);
    world.traffic(30 * hourMs, 32 * hourMs, 8 * minuteMs);
    expect(world.ripe(32 * hourMs)).toEqual([]);
  });

  it('where the issuer logs only some of its tokens', () => {
    const world = new World();
    world.traffic(0, 20 * hourMs);
    for (let i = 0; i < 20; i++) world.use(`unlogged ${i}`, 10 * hourMs + i * minuteMs, { identityId: `owner ${i}` });
    world.ripe(20 * hourMs);
    world.use('forged', 50 * hourMs, strange);
    world.traffic(49 * hourMs, 52 * hourMs);
    expect(world.ripe(52 * hourMs)).toEqual([]);
  });
});

it('waits for nothing of an issuer whose log tells of few tokens, until it tells of more', () => {
  const world = new World();
  world.traffic(0, 20 * hourMs);
  for (let i = 0; i < 600; i++) world.use(`unlogged ${i}`, 5 * hourMs + i * minuteMs, { identityId: `owner ${i}` });
  expect(world.tables.waiting.size).toBe(600);
  world.ripe(20 * hourMs);
  world.use('one more', 20 * hourMs);
  expect(world.tables.waiting.size).toBe(0);
  world.traffic(20 * hourMs, 60 * hourMs, minuteMs);
  world.use('one more', 60 * hourMs);
  expect(world.tables.waiting.size).toBe(1);
});

it('gives up on an issuer that falls silent, and lets the oldest go when too many wait', () => {
  const world = new World();
  world.traffic(0, 20 * hourMs);
  for (let i = 0; i < 5_010; i++) world.use(`w${i}`, 20 * hourMs + i, strange);
  expect(world.tables.waiting.size).toBe(5_000);
  expect(world.tables.waiting.get('w9')).toBeUndefined();
  expect(world.tables.waiting.get('w10')).toBeDefined();
  expect(world.ripe(45 * hourMs)).toEqual([]);
  expect(world.tables.waiting.size).toBe(0);
});
