import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Refusal } from '../../src/model/quarantine.ts';
import { StoreError } from '../../src/store/error.ts';
import type { JournalEntry } from '../../src/store/port.ts';
import { alertOf, batchOf, incidentOf, makeFolder, opened } from './support.ts';

const read = (count: number): JournalEntry => ({ kind: 'read', feed: 'f', count });

test('an alert is written only where its version is higher', () => {
  const { effects } = opened(null);
  effects.commit(batchOf({ alerts: [alertOf('a', 2, { count: 2 })], incidents: [incidentOf('i', 3)] }));
  effects.commit(batchOf({ alerts: [alertOf('a', 1), alertOf('b', 1)], incidents: [incidentOf('i', 3, 9)] }));
  expect(effects.alert('a')).toEqual(alertOf('a', 2, { count: 2 }));
  expect(effects.incident('i')).toEqual(incidentOf('i', 3));
  effects.commit(batchOf({ alerts: [alertOf('a', 3, { status: 'closed' })] }));
  expect(effects.alert('a')?.status).toBe('closed');
  expect([effects.alert('c'), effects.incident('c')]).toEqual([null, null]);
});

test('alerts come by start, then id, and only those that changed since', () => {
  const { effects } = opened(null);
  effects.commit(batchOf({ alerts: [alertOf('z', 1, { startMs: 1 }), alertOf('c', 1, { startMs: 5 })], incidents: [incidentOf('j', 1, 7)] }));
  const change = effects.lastChange();
  effects.commit(batchOf({ alerts: [alertOf('b', 1, { startMs: 5 }), alertOf('a', 1, { startMs: 9 }), alertOf('z', 1)], incidents: [incidentOf('i', 1, 8)] }));
  expect([...effects.alerts()].map(({ id }) => id)).toEqual(['z', 'b', 'c', 'a']);
  expect([...effects.alerts(change)].map(({ id }) => id)).toEqual(['b', 'a']);
  expect([...effects.incidents()].map(({ id }) => id)).toEqual(['j', 'i']);
  expect([...effects.incidents(change)].map(({ id }) => id)).toEqual(['i']);
});

test('counters add up', () => {
  const { effects } = opened(null);
  effects.commit(batchOf({ counters: { events: 5, ignored: 1 } }));
  effects.commit(batchOf({ counters: { events: 2 ** 40 } }));
  expect(effects.counters()).toEqual({ events: 2 ** 40 + 5, ignored: 1 });
});

test('a refusal at the same place of the same input is no second one', () => {
  const { effects } = opened(null);
  const refusal: Refusal = { identity: 'x', path: 'a.json', offset: 4, index: null, length: 3, reason: 'no_time', detail: 'No time.' };
  const others: Refusal[] = [{ ...refusal, index: 0 }, { ...refusal, offset: 5 }, { ...refusal, identity: 'y' }];
  effects.commit(batchOf({ refusals: [refusal, { ...refusal, path: 'copy/a.json' }, ...others] }));
  effects.commit(batchOf({ refusals: [refusal] }));
  expect([...effects.refusals()]).toEqual([refusal, others[0], others[1], others[2]]);
});

test('an input without an identity is known by its path', () => {
  const { effects } = opened(null);
  const refusal: Refusal = { path: 'a.json', offset: 4, index: null, length: 3, reason: 'no_time', detail: 'No time.' };
  effects.commit(batchOf({ refusals: [refusal, refusal, { ...refusal, path: 'b.json' }] }));
  expect([...effects.refusals()].map(({ path }) => path)).toEqual(['a.json', 'b.json']);
});

test('the journal is kept from the checkpoint on, in order', () => {
  const { effects } = opened(null);
  for (let n = 1; n <= 5; n++) effects.commit(batchOf({ journal: [read(n), read(n), { kind: 'tick', timeMs: n }] }));
  expect(effects.lastChange()).toBe(5);
  effects.trimJournal(3);
  expect(effects.journalSince(3)).toEqual([read(8), { kind: 'tick', timeMs: 4 }, read(10), { kind: 'tick', timeMs: 5 }]);
  expect(effects.journalSince(5)).toEqual([]);
  effects.trimJournal(5);
  expect(effects.lastChange()).toBe(5);
});

test('a journal that lacks entries, or ends before the checkpoint, is noticed', () => {
  const { effects } = opened(null);
  for (let n = 1; n <= 5; n++) effects.commit(batchOf({ journal: [read(n)] }));
  effects.trimJournal(3);
  expect(() => effects.journalSince(2)).toThrow(/state beside .* is older than its journal/);
  expect(() => effects.journalSince(6)).toThrow(/is older than the state beside it \(5 < 6\)/);
});

test('an empty batch writes nothing', () => {
  const { effects } = opened(null);
  effects.commit(batchOf({}));
  expect(effects.lastChange()).toBe(0);
});

test('a batch is written as a whole or not at all', () => {
  const { effects } = opened(null);
  const broken = { ...alertOf('b', 1), version: undefined as unknown as number };
  expect(() => effects.commit(batchOf({ alerts: [alertOf('a', 1), broken], counters: { events: 1 } }))).toThrow();
  expect([[...effects.alerts()], effects.counters(), effects.lastChange()]).toEqual([[], {}, 0]);
  effects.commit(batchOf({ counters: { events: 1 } }));
  expect(effects.lastChange()).toBe(1);
});

test('everything is there after closing, and a changed character is noticed', async () => {
  const dir = makeFolder();
  const first = opened(dir);
  first.effects.commit(batchOf({ alerts: [alertOf('a', 1)], journal: [read(1)] }));
  first.effects.setMeta('k', 'v');
  await first.close();
  const damage = new DatabaseSync(`${dir}/effects.db`);
  damage.exec(`UPDATE alerts SET document = replace(document, '"severity":47', '"severity":21'); UPDATE journal SET entries = replace(entries, '1]', '7]')`);
  damage.close();
  const { effects } = opened(dir);
  expect([effects.getMeta('k'), effects.lastChange()]).toEqual(['v', 1]);
  expect(() => effects.alert('a')).toThrow(StoreError);
  expect(() => effects.journalSince(0)).toThrow(/damaged \(journal entry 1\)/);
});
