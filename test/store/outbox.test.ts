import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Announcement } from '../../src/model/alert.ts';
import { emptyEvent } from '../../src/model/event.ts';
import type { Subscriber, Wanted } from '../../src/store/port.ts';
import { alertOf, batchOf, makeFolder, opened } from './support.ts';

const far = 1e9;
const announcement: Announcement = { timeMs: 1, severity: 47, reason: 'r', bytesOut: 1 };
const subscriber = (sink: string, wants: Wanted = 'every', lane: Subscriber['lane'] = 'bulk'): Subscriber => ({ sink, wants, lane, wake: () => undefined });
const done = (alertId: string, version: number) => ({ kind: 'done', alertId, version }) as const;
const later = (alertId: string, notBeforeMs: number) => ({ kind: 'later', alertId, notBeforeMs }) as const;

test('an alert waits once for each sink, in its newest version, until that is done', () => {
  const { effects } = opened(null);
  const { outbox } = effects;
  outbox.subscribe([subscriber('one'), subscriber('two')]);
  effects.commit(batchOf({ alerts: [alertOf('a', 1), alertOf('b', 1)] }));
  const [sent] = outbox.take('one', 0, far, 10);
  effects.commit(batchOf({ alerts: [alertOf('a', 2, { count: 7 })] }));
  outbox.settle('one', [done('a', sent!.alert.version), done('b', 1)]);
  expect(outbox.take('one', 0, far, 10)).toEqual([{ alert: alertOf('a', 2, { count: 7 }), toldVersion: 1, attempts: 0 }]);
  expect([outbox.waiting('one'), outbox.waiting('two')]).toEqual([1, 2]);
  outbox.settle('one', [done('a', 2)]);
  expect(outbox.take('one', 0, far, 10)).toEqual([]);
});

test('a version that the store does not take is not put either', () => {
  const { effects } = opened(null);
  effects.outbox.subscribe([subscriber('one')]);
  effects.commit(batchOf({ alerts: [alertOf('a', 3)] }));
  effects.outbox.settle('one', [done('a', 3)]);
  effects.commit(batchOf({ alerts: [alertOf('a', 3), alertOf('a', 2)] }));
  expect(effects.outbox.waiting('one')).toBe(0);
});

test('people are told of announcements, states and amendments, not of every count', () => {
  const { effects } = opened(null);
  const { outbox } = effects;
  outbox.subscribe([subscriber('all'), subscriber('told', 'told')]);
  const first = { ...emptyEvent('ecs', 1000), identityId: 'known' };
  const changes = [
    [{}, true], [{ count: 2 }, false], [{ announced: [announcement] }, true], [{ status: 'closed' }, true], [{ mergedInto: 'j' }, true], [{ incidentKind: 'campaign' }, true],
    [{ incidentKind: 'chain' }, false],
    [{ incidentId: 'k' }, true], [{ first }, true], [{ severity: 99 }, true], [{ bytesOut: 9, endMs: 9000 }, false],
  ] as const;
  let state = {};
  const told = changes.map(([change], at) => {
    state = { ...state, ...change };
    effects.commit(batchOf({ alerts: [alertOf('a', at + 1, state)] }));
    const taken = ['all', 'told'].map((sink) => outbox.take(sink, 0, far, 9));
    for (const sink of ['all', 'told']) outbox.settle(sink, [done('a', at + 1)]);
    expect(taken[0]).toHaveLength(1);
    return taken[1]!.length === 1 && taken[1]![0]!.toldVersion === at + 1;
  });
  expect(told).toEqual(changes.map(([, isTold]) => isTold));
});

test('what is told keeps its number while only counts move on, and is sent as it is now', () => {
  const { effects } = opened(null);
  effects.outbox.subscribe([subscriber('told', 'told')]);
  effects.commit(batchOf({ alerts: [alertOf('a', 1)] }));
  effects.commit(batchOf({ alerts: [alertOf('a', 2, { count: 5 })] }));
  expect(effects.outbox.take('told', 0, far, 9)).toEqual([{ alert: alertOf('a', 2, { count: 5 }), toldVersion: 1, attempts: 0 }]);
  effects.outbox.settle('told', [done('a', 2)]);
  expect(effects.outbox.waiting('told')).toBe(0);
});

test('oldest first; those put back wait for their time, count attempts, and share with fresh ones', () => {
  const { effects } = opened(null);
  const { outbox } = effects;
  outbox.subscribe([subscriber('one')]);
  for (const id of ['e', 'd', 'c', 'b', 'a']) effects.commit(batchOf({ alerts: [alertOf(id, 1)] }));
  effects.commit(batchOf({ alerts: [alertOf('d', 2)] }));
  const ids = (nowMs: number, limit: number): string[] => outbox.take('one', nowMs, far, limit).map(({ alert }) => alert.id);
  expect(ids(0, 3)).toEqual(['e', 'd', 'c']);
  outbox.settle('one', [later('e', 500), later('d', 400), later('c', 300)]);
  expect(ids(0, 9)).toEqual(['b', 'a']);
  expect(outbox.nextDueMs('one')).toBe(300);
  expect(ids(450, 9)).toEqual(['c', 'd', 'b', 'a']);
  expect(ids(600, 2)).toEqual(['c', 'b']);
  expect(ids(600, 1)).toEqual(['c']);
  expect(outbox.take('one', 600, far, 1)[0]!.attempts).toBe(1);
});

test('after a success what changed meanwhile is due at once, its attempts forgotten', () => {
  const { effects } = opened(null);
  const { outbox } = effects;
  outbox.subscribe([subscriber('one')]);
  effects.commit(batchOf({ alerts: [alertOf('a', 1)] }));
  outbox.settle('one', [later('a', 500)]);
  effects.commit(batchOf({ alerts: [alertOf('a', 2)] }));
  outbox.settle('one', [done('a', 1)]);
  expect(outbox.take('one', 0, far, 9)).toMatchObject([{ alert: { version: 2 }, attempts: 0 }]);
});

test('a clock set back does not put anything off for ever', () => {
  const { effects } = opened(null);
  effects.outbox.subscribe([subscriber('one')]);
  effects.commit(batchOf({ alerts: [alertOf('a', 1)] }));
  effects.outbox.settle('one', [later('a', 10_000)]);
  expect(effects.outbox.take('one', 5000, 5000 + 5001, 1)).toEqual([]);
  expect(effects.outbox.take('one', 1000, 1000 + 5000, 1)).toHaveLength(1);
});

test('what is refused is kept apart, until a newer version is done or it is put back', () => {
  const { effects } = opened(null);
  const { outbox } = effects;
  outbox.subscribe([subscriber('one'), subscriber('two')]);
  effects.commit(batchOf({ alerts: [alertOf('a', 1), alertOf('b', 1)] }));
  outbox.settle('one', [{ kind: 'dead', alertId: 'a', version: 1, reason: 'mapping', timeMs: 7 }, { kind: 'dead', alertId: 'b', version: 1, reason: 'mapping', timeMs: 8 }]);
  expect([...outbox.deadLetters('one')]).toEqual([
    { sink: 'one', alertId: 'a', version: 1, reason: 'mapping', timeMs: 7 }, { sink: 'one', alertId: 'b', version: 1, reason: 'mapping', timeMs: 8 },
  ]);
  expect([outbox.waiting('one'), outbox.waiting('two'), outbox.deadCount('two')]).toEqual([0, 2, 0]);
  effects.commit(batchOf({ alerts: [alertOf('a', 2)] }));
  outbox.settle('one', [done('a', 2)]);
  expect(outbox.revive('one')).toBe(1);
  expect([[...outbox.deadLetters()], outbox.waiting('one')]).toEqual([[], 1]);
  expect(outbox.take('one', 0, far, 9).map(({ alert }) => alert.id)).toEqual(['b']);
});

test('bulk sinks fill it to nine tenths; all together to the brim; nothing is dropped', () => {
  const { effects } = opened(null);
  const { outbox } = effects;
  outbox.subscribe([subscriber('bulk'), subscriber('page', 'told', 'prompt')], 40);
  const add = (count: number, from: number): void => effects.commit(batchOf({ alerts: Array.from({ length: count }, (_, i) => alertOf(`a${from + i}`, 1)) }));
  const settle = (sink: string, count: number): void => outbox.settle(sink, outbox.take(sink, 0, far, count).map(({ alert }) => done(alert.id, 1)));
  add(19, 0);
  expect(outbox.isFull()).toBe(false);
  add(1, 19);
  expect(outbox.isFull()).toBe(true);
  settle('page', 20);
  add(15, 20);
  settle('page', 20);
  expect([outbox.waiting('bulk'), outbox.isFull()]).toEqual([35, false]);
  add(1, 35);
  expect([outbox.waiting('bulk'), outbox.isFull()]).toEqual([36, true]);
  add(9, 36);
  expect([outbox.waiting('bulk'), outbox.waiting('page')]).toEqual([45, 10]);
  settle('bulk', 20);
  expect(outbox.isFull()).toBe(false);
});

test('a sink that will not be asked again pauses nobody, and loses nothing', () => {
  const { effects } = opened(null);
  const { outbox } = effects;
  outbox.subscribe([subscriber('gone'), subscriber('well')], 4);
  effects.commit(batchOf({ alerts: [alertOf('a', 1), alertOf('b', 1)] }));
  expect(outbox.isFull()).toBe(true);
  outbox.retire('gone');
  effects.commit(batchOf({ alerts: [alertOf('c', 1)] }));
  expect([outbox.isFull(), outbox.waiting('gone'), outbox.waiting('well')]).toEqual([false, 3, 3]);
  outbox.subscribe([subscriber('gone'), subscriber('well')], 4);
  expect(outbox.isFull()).toBe(true);
});

test('sinks are woken after the commit, and only those that something was put for', () => {
  const { effects } = opened(null);
  const woken: string[] = [];
  const waking = (sink: string, wants: Wanted): Subscriber => ({ ...subscriber(sink, wants), wake: () => { woken.push(`${sink} ${effects.alert('a')?.version}`); } });
  effects.outbox.subscribe([waking('all', 'every'), waking('told', 'told')]);
  effects.commit(batchOf({ alerts: [alertOf('a', 1)] }));
  effects.commit(batchOf({ alerts: [alertOf('a', 2)] }));
  effects.commit(batchOf({ counters: { events: 1 } }));
  expect(woken).toEqual(['all 1', 'told 1', 'all 2']);
});

test('what waits outlives the process and sinks that are not named for a while', async () => {
  const dir = makeFolder();
  const first = opened(dir);
  first.effects.outbox.subscribe([subscriber('one')]);
  first.effects.commit(batchOf({ alerts: [alertOf('a', 1)] }));
  first.effects.outbox.settle('one', [later('a', 50)]);
  await first.close();
  const second = opened(dir);
  second.effects.outbox.subscribe([subscriber('two')]);
  second.effects.commit(batchOf({ alerts: [alertOf('a', 2)] }));
  expect(second.effects.outbox.take('one', 60, far, 9)).toEqual([{ alert: alertOf('a', 2), toldVersion: 1, attempts: 1 }]);
  expect(second.effects.outbox.isFull()).toBe(false);
});

test('any mixture of commits and answers leaves exactly what is still to be delivered', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const step = fc.oneof(
    fc.record({ kind: fc.constant('change' as const), id: fc.constantFrom(...ids), told: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('done' as const, 'later' as const, 'dead' as const), sink: fc.constantFrom('all', 'told'), behind: fc.nat(1), limit: fc.integer({ min: 1, max: 4 }) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const { effects, close } = opened(null);
    const { outbox } = effects;
    outbox.subscribe([subscriber('all'), subscriber('told', 'told')]);
    const versions = new Map<string, number>();
    const announced = new Map<string, Announcement[]>();
    const expected = { all: new Map<string, number>(), told: new Map<string, number>() };
    for (const one of steps) {
      if (one.kind === 'change') {
        const version = (versions.get(one.id) ?? 0) + 1;
        if (version === 1 || one.told) {
          announced.set(one.id, [...announced.get(one.id) ?? [], announcement]);
          expected.told.set(one.id, version);
        }
        expected.all.set(one.id, version);
        versions.set(one.id, version);
        effects.commit(batchOf({ alerts: [alertOf(one.id, version, { announced: announced.get(one.id)! })] }));
        continue;
      }
      const waiting = expected[one.sink as 'all' | 'told'];
      const taken = outbox.take(one.sink, far, 2 * far, one.limit);
      expect(taken.length).toBe(Math.min(one.limit, waiting.size));
      for (const { alert: { id, version } } of taken) {
        expect(version).toBe(versions.get(id));
        // Sent, and meanwhile changed: what was sent is `behind` the newest.
        const sent = version - one.behind;
        if (one.kind === 'later') outbox.settle(one.sink, [later(id, 1 + one.limit)]);
        else outbox.settle(one.sink, [one.kind === 'done' ? done(id, sent) : { kind: 'dead', alertId: id, version: sent, reason: 'r', timeMs: 1 }]);
        if (one.kind !== 'later' && sent >= waiting.get(id)!) waiting.delete(id);
      }
    }
    for (const sink of ['all', 'told'] as const) {
      expect(outbox.waiting(sink)).toBe(expected[sink].size);
      expect(outbox.take(sink, far, 2 * far, 99).map(({ alert }) => alert.id).sort()).toEqual([...expected[sink].keys()].sort());
    }
    void close();
  }), { numRuns: 60 });
});
