import { expect, it } from 'vitest';
import { Mints, type MakerDays, type Minted } from '../../src/engine/mints.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { EntityMap } from '../../src/state/entities.ts';

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
const startMs = Date.UTC(2026, 2, 2);

function world() {
  const minted = new EntityMap<Minted>('mint');
  return { minted, mints: new Mints(minted, new EntityMap<MakerDays>('maker')) };
}

const made = (key: string, atMs: number, more: Partial<TokenEvent> = {}): TokenEvent => Object.assign(emptyEvent('trail', startMs + atMs), {
  issued: key, issuedKind: 'access_key', outcome: 'success', authenticated: true, identityId: 'maker', identityName: 'Maker', sourceIp: '203.0.113.9',
  networkBlock: '203.0.113.0/24', networkClass: 'isp',
}, more);
const used = (key: string, atMs: number, more: Partial<TokenEvent> = {}): TokenEvent => Object.assign(emptyEvent('trail', startMs + atMs), {
  token: key, sourceIp: '203.0.113.9', networkBlock: '203.0.113.0/24',
}, more);

it('tells who made a key, how long ago, and whether it is used where it was made', () => {
  const { mints } = world();
  mints.note(made('k', 0));
  expect(mints.of(used('k', 5 * minuteMs))).toEqual({ byIdentityId: 'maker', byName: 'Maker', ageMs: 5 * minuteMs, isNearby: true, isHabit: false });
  expect(mints.of(used('k', 0, { sourceIp: '203.0.113.77' }))).toMatchObject({ isNearby: true });
  expect(mints.of(used('k', 0, { sourceIp: '198.51.100.1', networkBlock: '198.51.100.0/24' }))).toMatchObject({ isNearby: false });
  expect([mints.of(used('k', 25 * 60 * minuteMs)), mints.of(used('k', -1)), mints.of(used('other', 0)), mints.of(used('k', 0, { token: null }))]).toEqual([null, null, null, null]);
});

it('takes two callers of a private network for near only at one address', () => {
  const { mints } = world();
  mints.note(made('k', 0, { networkClass: 'private', sourceIp: '10.0.0.1', networkBlock: '10.0.0.0/24' }));
  expect(mints.of(used('k', 0, { sourceIp: '10.0.0.2', networkBlock: '10.0.0.0/24' }))).toMatchObject({ isNearby: false });
  expect(mints.of(used('k', 0, { sourceIp: '10.0.0.1', networkBlock: '10.0.0.0/24' }))).toMatchObject({ isNearby: true });
});

it('knows who makes keys for a living, and notes only keys that last and were really made', () => {
  const { mints, minted } = world();
  for (let day = 0; day < 3; day++) mints.note(made(`k${day}`, day * dayMs));
  expect(mints.of(used('k2', 2 * dayMs))).toMatchObject({ isHabit: true });
  for (const more of [{ issuedKind: 'jwt' }, { outcome: 'failure' }, { authenticated: null }, { issued: null }] as const) mints.note(made('x', 3 * dayMs, more));
  expect(minted.size).toBe(3);
});

it('keeps 5,000 keys at most: those that are new no more go first', () => {
  const { mints, minted } = world();
  for (let i = 0; i < 1_000; i++) mints.note(made(`old${i}`, i));
  for (let i = 0; i < 4_001; i++) mints.note(made(`new${i}`, 2 * dayMs + i));
  expect(minted.size).toBe(2_501);
  expect(minted.get('new4000')).toBeDefined();
  expect(minted.get('old999')).toBeUndefined();
});
