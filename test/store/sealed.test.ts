import { expect, test } from 'vitest';
import type { SealedToken } from '../../src/model/sealed.ts';
import { Connection } from '../../src/store/connection.ts';
import { SqliteSealed, sealedTables } from '../../src/store/sealed.ts';
import { opened } from './support.ts';

const sealed = (token: string, untilMs: number, text = token): SealedToken => ({ token, untilMs, box: new TextEncoder().encode(text) });
const textOf = (box: Uint8Array | null): string | null => (box === null ? null : new TextDecoder().decode(box));

test('a box is there until its time is over, one for each token, the one that lasts longer', () => {
  const { effects } = opened(null);
  effects.transact(() => ({ sealed: [sealed('a', 100, 'first'), sealed('a', 200, 'longer'), sealed('a', 150, 'shorter'), sealed('b', 100)] }));
  expect([textOf(effects.sealed.get('a', 199)), effects.sealed.get('a', 200), textOf(effects.sealed.get('b', 99)), effects.sealed.get('c', 0)]).toEqual(['longer', null, 'b', null]);
  expect([...effects.sealed.tokens(100)]).toEqual(['a']);
  expect([effects.sealed.forgetEnded(100), [...effects.sealed.tokens(0)]]).toEqual([1, ['a']]);
});

test('of too many, those that end first go', () => {
  const connection = new Connection(':memory:');
  connection.execute(sealedTables);
  const store = new SqliteSealed(connection, 20, () => 0);
  for (let i = 0; i < 30; i++) store.put(sealed(`t${i}`, i === 0 ? 1_000 : i));
  const kept = [...store.tokens(0)];
  expect(kept.length).toBeLessThanOrEqual(20);
  expect([kept.includes('t0'), kept.includes('t29'), kept.includes('t1')]).toEqual([true, true, false]);
  connection.close();
});

test('what has ended goes as others come', () => {
  const connection = new Connection(':memory:');
  connection.execute(sealedTables);
  let nowMs = 1_000_000;
  const store = new SqliteSealed(connection, 20, () => nowMs);
  store.put(sealed('a', nowMs + 1_000));
  nowMs += 60_001;
  store.put(sealed('b', nowMs + 1_000));
  expect([...store.tokens(0)]).toEqual(['b']);
  connection.close();
});
