import { expect, onTestFinished, test } from 'vitest';
import { Delivery, type DeliveryEvent } from '../../src/sinks/deliver.ts';
import type { Outcome, Verdict } from '../../src/sinks/sink.ts';
import type { SqliteEffects } from '../../src/store/effects.ts';
import { alertOf, batchOf, opened } from '../store/support.ts';
import { accepted, FakeSink, ManualTiming, settingsOf } from './support.ts';

interface Rig { readonly effects: SqliteEffects; readonly timing: ManualTiming; readonly sink: FakeSink; readonly events: DeliveryEvent[]; readonly delivery: Delivery<unknown, Outcome> }

function rig(part: Partial<Pick<FakeSink, 'answer' | 'batchSize' | 'perRequest' | 'concurrency'>> = {}): Rig {
  const { effects } = opened(null);
  const timing = new ManualTiming();
  const sink = Object.assign(new FakeSink(), part);
  const events: DeliveryEvent[] = [];
  const delivery = new Delivery(sink, settingsOf(effects.outbox, timing, events));
  effects.outbox.subscribe([{ sink: sink.name, wants: sink.wants, lane: sink.lane, wake: delivery.wake }]);
  const running = delivery.start();
  onTestFinished(async () => {
    sink.answer = accepted;
    const stopped = delivery.stop(0);
    await timing.pass(0);
    await Promise.all([stopped, running]);
  });
  return { effects, timing, sink, events, delivery };
}

function put({ effects }: Rig, ...ids: string[]): void {
  for (const id of ids) effects.commit(batchOf({ alerts: [alertOf(id, (effects.alert(id)?.version ?? 0) + 1)] }));
}

const failing = (reason = 'unreachable', afterMs?: number): Outcome => ({ kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) });
const each = (...verdicts: Verdict[]): Outcome => ({ kind: 'each', verdicts });
const eight = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const done: Verdict = { kind: 'done' };

test('what is committed is delivered at once, without waiting for a timer', async () => {
  const it = rig();
  await it.timing.pass(0);
  put(it, 'a');
  await it.timing.pass(0);
  expect(it.sink.asked).toEqual([['a']]);
  put(it, 'b', 'c');
  await it.timing.pass(0);
  expect(it.sink.asked).toEqual([['a'], ['b', 'c']]);
  expect(it.delivery.health()).toEqual({ sink: 'fake', state: 'ok', reason: null, waiting: 0, deadLetters: 0, lastSuccessMs: 1_000_000 });
});

test('an alert that changes while it is sent is sent again, newest', async () => {
  const gate = Promise.withResolvers<void>();
  const seen: unknown[] = [];
  const it = rig({ answer: async (documents) => {
    seen.push(...documents.map(({ document, messageId }) => ({ ...document, messageId })));
    await gate.promise;
    return accepted(documents);
  } });
  put(it, 'a');
  await it.timing.pass(0);
  put(it, 'a', 'a');
  gate.resolve();
  await it.timing.pass(0);
  expect(seen).toEqual([{ id: 'a', version: 1, status: 'open', messageId: 'a.1' }, { id: 'a', version: 3, status: 'open', messageId: 'a.1' }]);
});

test('failed requests are repeated ever more seldom; a word that something waits does not shorten that', async () => {
  const it = rig({ answer: () => failing() });
  put(it, 'a');
  await it.timing.pass(0);
  expect(it.timing.pendingMs).toEqual([500]);
  put(it, 'b');
  await it.timing.pass(499);
  expect(it.sink.asked).toHaveLength(1);
  await it.timing.pass(1);
  expect([it.sink.asked.length, it.timing.pendingMs]).toEqual([2, [1000]]);
  expect(it.delivery.health()).toMatchObject({ state: 'failing', reason: 'unreachable', waiting: 2, lastSuccessMs: null });
});

test('after five failures one probe with one document each 30 s; an answer opens the way again', async () => {
  const it = rig({ answer: () => failing() });
  put(it, 'a', 'b', 'c');
  await it.timing.pass(10_000);
  expect([it.sink.asked.length, it.delivery.health().state, it.events]).toEqual([5, 'open', [{ sink: 'fake', kind: 'opened', reason: 'unreachable', count: 1 }]]);
  await it.timing.pass(90_000);
  expect(it.sink.asked.slice(5)).toEqual([['a'], ['a'], ['a']]);
  it.sink.answer = accepted;
  await it.timing.pass(30_000);
  expect(it.sink.asked.slice(8)).toEqual([['a'], ['b', 'c']]);
  expect(it.events.slice(1)).toEqual([{ sink: 'fake', kind: 'closed', reason: 'answered', count: 1 }]);
  expect(it.delivery.counts).toEqual({ requests: 10, failedRequests: 8, delivered: 3, retried: 18, refused: 0 });
});

test('the other side is not asked before the time it named, up to five minutes', async () => {
  const it = rig({ answer: () => failing('busy', 40_000) });
  put(it, 'a');
  await it.timing.pass(39_999);
  expect(it.sink.asked).toHaveLength(1);
  it.sink.answer = () => failing('busy', 1e9);
  await it.timing.pass(1);
  it.sink.answer = accepted;
  await it.timing.pass(299_999);
  expect(it.sink.asked).toHaveLength(2);
  await it.timing.pass(1);
  expect(it.delivery.health()).toMatchObject({ state: 'ok', waiting: 0 });
});

test('one alert that must wait keeps nobody else waiting', async () => {
  const it = rig({ answer: (documents) => each(...documents.map(({ id }): Verdict => (id === 'b' ? { kind: 'retry', reason: 'blocked', afterMs: 60_000 } : done))) });
  put(it, 'a', 'b', 'c');
  await it.timing.pass(0);
  put(it, 'd');
  await it.timing.pass(59_999);
  expect(it.sink.asked).toEqual([['a', 'b', 'c'], ['d']]);
  await it.timing.pass(1);
  expect(it.sink.asked.at(-1)).toEqual(['b']);
});

test('what is refused for good is kept with a fixed word, told of, and does not block the rest', async () => {
  const it = rig({ answer: (documents) => each(...documents.map(({ id }): Verdict => (id < 'c' ? { kind: 'refused', reason: 'mapping' } : done))) });
  put(it, 'a', 'b', 'c', 'unfit-d');
  await it.timing.pass(0);
  expect([...it.effects.outbox.deadLetters()].map(({ alertId, reason }) => [alertId, reason])).toEqual([['a', 'mapping'], ['b', 'mapping'], ['unfit-d', 'unfit']]);
  expect(it.events).toEqual([{ sink: 'fake', kind: 'refused', reason: 'unfit', count: 1 }, { sink: 'fake', kind: 'refused', reason: 'mapping', count: 2 }]);
  expect(it.delivery.health()).toMatchObject({ state: 'ok', waiting: 0, deadLetters: 3 });
  expect(it.delivery.counts).toMatchObject({ delivered: 1, refused: 3 });
});

test('a document that fails whatever it is in is found by halving, without a pause', async () => {
  const it = rig({ answer: (documents) => {
    if (!documents.some(({ id }) => id === 'f')) return accepted(documents);
    return documents.length > 1 ? { kind: 'smaller', reason: 'request_refused', soon: true } : each({ kind: 'refused', reason: 'request_refused' });
  } });
  put(it, ...eight);
  await it.timing.pass(0);
  expect(it.delivery.health()).toMatchObject({ waiting: 0, deadLetters: 1 });
  expect(it.delivery.counts).toMatchObject({ delivered: 7, refused: 1, failedRequests: 0 });
});

test('a side that takes no large requests gets smaller ones, after a pause', async () => {
  const it = rig({ answer: (documents) => (documents.length > 2 ? { kind: 'smaller', reason: 'overloaded', soon: false } : accepted(documents)) });
  put(it, ...eight);
  await it.timing.pass(60_000);
  expect(it.sink.asked.slice(0, 3).map((ids) => ids.length)).toEqual([8, 4, 2]);
  expect(it.delivery.health()).toMatchObject({ waiting: 0, reason: null });
});

test('told to stop for good it stops, keeps what waits, and says so', async () => {
  const it = rig({ answer: () => ({ kind: 'stop', reason: 'gone' }), perRequest: 1 });
  put(it, 'a', 'b');
  await it.timing.pass(600_000);
  expect([it.sink.asked, it.events]).toEqual([[['a']], [{ sink: 'fake', kind: 'stopped', reason: 'gone', count: 1 }]]);
  expect(it.delivery.health()).toMatchObject({ state: 'stopped', reason: 'gone', waiting: 2 });
  put(it, 'c');
  expect(it.effects.outbox.waiting('fake')).toBe(3);
});

test('so many requests at once as the sink allows, and no more begun after one failed', async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const it = rig({ perRequest: 1, concurrency: 2, answer: async (documents) => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    return documents[0]!.id === 'b' ? failing() : accepted(documents);
  } });
  put(it, 'a', 'b', 'c', 'd', 'e');
  await it.timing.pass(0);
  expect(it.sink.asked).toEqual([['a'], ['b']]);
  gates[0]!.resolve();
  await it.timing.pass(0);
  expect(it.sink.asked).toEqual([['a'], ['b'], ['c']]);
  gates[1]!.resolve();
  await it.timing.pass(0);
  gates[2]!.resolve();
  await it.timing.pass(0);
  expect([it.sink.asked.length, it.effects.outbox.waiting('fake')]).toEqual([3, 3]);
});

test('a fault of our own is a retry, and nothing of it is kept', async () => {
  const it = rig({ answer: () => { throw new Error('quotes the document'); } });
  put(it, 'a');
  await it.timing.pass(0);
  expect(it.delivery.health()).toMatchObject({ state: 'failing', reason: 'internal_error', waiting: 1 });
  expect(JSON.stringify(it.events)).not.toContain('quotes');
});

test('stopping delivers what still waits, then closes the sink', async () => {
  const it = rig({ batchSize: 1 });
  await it.timing.pass(0);
  put(it, 'a', 'b', 'c');
  await it.delivery.stop(5000);
  expect([it.sink.asked.length, it.sink.isClosed, it.effects.outbox.waiting('fake')]).toEqual([3, true, 0]);
});

test('stopping while the other side fails does not wait for it', async () => {
  const it = rig({ answer: () => failing() });
  put(it, 'a');
  await it.timing.pass(20_000);
  await it.delivery.stop(5000);
  expect([it.sink.isClosed, it.effects.outbox.waiting('fake')]).toEqual([true, 1]);
});

test('a request that never ends is given up when the time to stop is over', async () => {
  const it = rig();
  const hanging = (_documents: unknown, signal: AbortSignal): Promise<Outcome> => new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(failing('aborted')));
  });
  it.sink.send = hanging as FakeSink['send'];
  put(it, 'a');
  await it.timing.pass(0);
  const stopped = it.delivery.stop(5000);
  await it.timing.pass(4999);
  expect(it.sink.isClosed).toBe(false);
  await it.timing.pass(1);
  await stopped;
  expect([it.sink.isClosed, it.effects.outbox.waiting('fake')]).toEqual([true, 1]);
});
