import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEffects, type SqliteEffects } from '../../src/store/effects.ts';
import { StoreError } from '../../src/store/error.ts';
import type { EventRecord, Settled } from '../../src/store/port.ts';
import { batchOf, makeFolder } from './support.ts';

const sink = 'siem/events';
const latestMs = 60_000;

function events(count: number, from = 0, text = 'x'): EventRecord[] {
  return Array.from({ length: count }, (_, at) => ({ id: `e${from + at}`, document: JSON.stringify({ n: from + at, text }) }));
}

function open(dir: string, options: { maxBytes?: number; sinks?: readonly string[]; wake?: () => void } = {}): SqliteEffects {
  const effects = openEffects(join(dir, 'effects.db'), { readOnly: false, durable: false });
  effects.events.subscribe((options.sinks ?? [sink]).map((name) => ({ sink: name, wake: options.wake ?? (() => undefined) })), options.maxBytes);
  return effects;
}

const take = ({ events: outbox }: SqliteEffects, limit = 10_000, nowMs = 1000): string[] => outbox.take(sink, nowMs, nowMs + latestMs, limit).map(({ id }) => id);
const done = (ids: readonly string[]): Settled[] => ids.map((alertId) => ({ kind: 'done', alertId, version: 1 }));
const ids = (count: number, from = 0): string[] => events(count, from).map(({ id }) => id);

test('events come in their order, the same ones until they are settled, and over many chunks', () => {
  const effects = open(makeFolder());
  effects.commit(batchOf({ events: events(1200) }));
  effects.commit(batchOf({ events: events(5, 1200) }));
  expect(effects.events.waiting(sink)).toBe(1205);
  expect([take(effects, 3), take(effects, 3)]).toEqual([ids(3), ids(3)]);
  effects.events.settle(sink, done(['e1']));
  expect(take(effects, 3)).toEqual(['e0', 'e2', 'e3']);
  expect(effects.events.take(sink, 0, latestMs, 1)[0]).toMatchObject(events(1)[0]!);
  for (let left = 1204; left > 0; left -= Math.min(left, 100)) {
    expect(effects.events.waiting(sink)).toBe(left);
    effects.events.settle(sink, done(take(effects, 100)));
  }
  expect([take(effects), effects.events.waiting(sink), effects.events.nextDueMs(sink), effects.events.isFull()]).toEqual([[], 0, null, false]);
});

test('a small chunk a commit: what comes when nothing waits any more is found too, and many are taken at once', () => {
  const effects = open(makeFolder());
  for (let round = 0; round < 3; round++) {
    for (let at = 0; at < 30; at++) effects.commit(batchOf({ events: events(1, at) }));
    expect(take(effects)).toEqual(ids(30));
    effects.events.settle(sink, done(ids(29)));
    effects.commit(batchOf({ events: events(1, 30) }));
    expect(take(effects)).toEqual(['e29', 'e30']);
    effects.events.settle(sink, done(['e29', 'e30']));
  }
});

test('what was not settled when the process died comes again; what was settled with all of its chunk does not', () => {
  const dir = makeFolder();
  const first = open(dir);
  first.commit(batchOf({ events: events(500) }));
  first.commit(batchOf({ events: events(500, 500) }));
  first.events.settle(sink, done(take(first, 700)));
  first.close();
  const second = open(dir);
  expect([second.events.waiting(sink), take(second)]).toEqual([500, ids(500, 500)]);
});

test('records that are read again after a crash are put again, and stand once while they wait', () => {
  const effects = open(makeFolder());
  effects.commit(batchOf({ events: events(10) }));
  effects.commit(batchOf({ events: events(15) }));
  effects.commit(batchOf({ events: events(15) }));
  expect(take(effects)).toEqual(ids(15));
  effects.events.settle(sink, done(ids(15)));
  expect([take(effects), effects.events.waiting(sink)]).toEqual([[], 0]);
});

test('what is put back waits for its time, unless that lies further ahead than it may', () => {
  const effects = open(makeFolder());
  effects.commit(batchOf({ events: events(3) }));
  take(effects);
  effects.events.settle(sink, [{ kind: 'later', alertId: 'e0', notBeforeMs: 5000 }, { kind: 'later', alertId: 'e1', notBeforeMs: 9e12 }]);
  expect(take(effects)).toEqual(['e1', 'e2']);
  expect(effects.events.nextDueMs(sink)).toBe(0);
  effects.events.settle(sink, done(['e1', 'e2']));
  expect([take(effects), effects.events.nextDueMs(sink)]).toEqual([[], 5000]);
  expect(effects.events.take(sink, 5000, 5000 + latestMs, 10)).toMatchObject([{ id: 'e0', attempts: 1 }]);
});

test('not more than some are held in memory, and those that wait do not keep the rest for ever', () => {
  const effects = open(makeFolder());
  effects.commit(batchOf({ events: events(10_000) }));
  const held = take(effects, 100_000);
  expect(held).toHaveLength(4000);
  effects.events.settle(sink, held.map((alertId) => ({ kind: 'later', alertId, notBeforeMs: 2000 })));
  expect([take(effects), effects.events.waiting(sink)]).toEqual([[], 10_000]);
  effects.events.settle(sink, done(take(effects, 500, 2000)));
  expect(take(effects)).toEqual(ids(500, 4000));
});

test('what was refused is kept, counts as waiting room, and is tried again by the next life', () => {
  const dir = makeFolder();
  const first = open(dir, { maxBytes: 300 });
  first.commit(batchOf({ events: events(2, 0, 'y'.repeat(150)) }));
  expect(first.events.isFull()).toBe(true);
  take(first);
  first.events.settle(sink, [{ kind: 'dead', alertId: 'e0', version: 1, reason: 'mapping', timeMs: 1 }, ...done(['e1'])]);
  expect([first.events.waiting(sink), first.events.deadCount(sink), first.events.isFull()]).toEqual([0, 1, false]);
  first.commit(batchOf({ events: events(1, 2, 'y'.repeat(150)) }));
  expect(first.events.isFull()).toBe(true);
  first.close();
  const second = open(dir);
  expect([second.events.deadCount(sink), take(second).sort()]).toEqual([0, ['e0', 'e2']]);
});

test('each sink has its own; a failed transaction leaves nothing and wakes nobody', () => {
  const dir = makeFolder();
  let woken = 0;
  const effects = open(dir, { sinks: [sink, 'other/events'], wake: () => { woken++; } });
  expect(() => effects.transact(() => { throw new Error('no'); })).toThrow('no');
  effects.commit(batchOf({ events: events(4) }));
  expect(woken).toBe(2);
  effects.events.settle(sink, done(take(effects)));
  expect([effects.events.waiting(sink), effects.events.waiting('other/events')]).toEqual([0, 4]);
  const journal = { kind: 'command', number: 1 } as const;
  expect(() => effects.commit(batchOf({ events: events(3, 9), refusals: [null as never], journal: [journal] }))).toThrow();
  expect([woken, effects.events.waiting(sink), take(effects)]).toEqual([2, 0, []]);
  effects.events.retire('other/events');
  expect(effects.events.isFull()).toBe(false);
});

test('a changed bit is noticed', () => {
  const dir = makeFolder();
  const effects = open(dir);
  effects.commit(batchOf({ events: events(3) }));
  effects.close();
  const file = new DatabaseSync(join(dir, 'effects.db'));
  file.exec("UPDATE event_chunks SET documents = replace(documents, '\"n\":1', '\"n\":7')");
  file.close();
  expect(() => take(open(dir))).toThrow(StoreError);
});
