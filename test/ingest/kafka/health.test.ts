import { expect, test } from 'vitest';
import { healthOf, type LifeSigns } from '../../../src/ingest/kafka/health.ts';
import { Partition } from '../../../src/ingest/kafka/partition.ts';

const nowMs = 1_000_000;
const alive: LifeSigns = { hasSession: true, turnedMs: nowMs, fetchedMs: nowMs, polledMs: nowMs, problem: null, missingTopics: [], schemaProblem: null };

function partition(next: number, high: number, isFlowing = true): Partition {
  return Object.assign(new Partition('logs', 'topic', 0), { position: { next, lastMs: null }, range: { low: 0, high }, isFlowing });
}

test('reads on: lag is what all partitions have left', () => {
  expect(healthOf(alive, [partition(90, 100), partition(5, 5)], nowMs)).toEqual({ ok: true, lastFetchMs: nowMs, lag: 10, detail: 'reads 2 partitions' });
});

test('records not fetched for long are a death, though the ends of logs are told', () => {
  const silent = { ...alive, fetchedMs: nowMs - 20_000, problem: 'KafkaJSConnectionError: refused' };
  expect(healthOf(silent, [partition(0, 1)], nowMs)).toMatchObject({ ok: false, detail: 'reads nothing: KafkaJSConnectionError: refused' });
});

test('while nothing may be fetched, the ends of logs are the sign of life', () => {
  expect(healthOf({ ...alive, fetchedMs: nowMs - 20_000 }, [partition(0, 1, false)], nowMs)).toMatchObject({ ok: true, lastFetchMs: nowMs });
  expect(healthOf({ ...alive, fetchedMs: nowMs - 20_000, turnedMs: nowMs - 20_000 }, [partition(0, 1, false)], nowMs)).toMatchObject({ ok: false });
});

test('before anything is known', () => {
  expect(healthOf({ ...alive, hasSession: false, fetchedMs: null, polledMs: null }, [], nowMs)).toEqual(
    { ok: false, lastFetchMs: null, lag: null, detail: 'reads nothing: no answer from Kafka' });
  expect(healthOf(alive, [new Partition('logs', 'topic', 0)], nowMs).lag).toBeNull();
});

test('what is stopped or missing is said', () => {
  const stopped = Object.assign(partition(0, 1, false), { stoppedBecause: 'a gap' });
  expect(healthOf({ ...alive, missingTopics: ['audit'] }, [stopped, partition(1, 1)], nowMs).detail).toBe('reads 1 partitions; kafka/topic/0 is stopped; topic audit is missing');
});

test('while framed values wait for their schemas nothing is well', () => {
  expect(healthOf({ ...alive, schemaProblem: 'no answer' }, [partition(1, 1)], nowMs)).toMatchObject({ ok: false, detail: 'reads 1 partitions; framed records wait: no answer' });
});

test('one that is stopped leaves the rest well; when all are, nothing is', () => {
  const stopped = (): Partition => Object.assign(partition(0, 1, false), { stoppedBecause: 'a gap' });
  expect(healthOf(alive, [stopped(), partition(1, 1)], nowMs).ok).toBe(true);
  expect(healthOf(alive, [stopped(), stopped()], nowMs)).toMatchObject({ ok: false, detail: 'reads 0 partitions; kafka/topic/0 is stopped; kafka/topic/0 is stopped' });
  expect(healthOf(alive, Array.from({ length: 25 }, stopped), nowMs).detail).toMatch(/is stopped; 5 more are stopped$/);
});
