/** Which tokens at work their issuer's log lacks, when that is known, and what is left open. */
import { describe, expect, it } from 'vitest';
import { hourMs, IssuerWorld as World, longStory, minuteMs, startMs, strange } from '../support/issuer-world.ts';

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
    // Of two of whom nothing else is strange a few lines may be lost together.
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
