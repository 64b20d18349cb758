import type { EachBatchPayload } from 'kafkajs';
import { beforeEach, expect, test } from 'vitest';
import { Assignment } from '../../../src/ingest/kafka/assignment.ts';
import type { LogRange } from '../../../src/ingest/kafka/position.ts';
import type { Session } from '../../../src/ingest/kafka/session.ts';
import { eventually, Recorder } from './support.ts';

// A client that does what ours is not believed to do: hand out other records than were asked for.
const feed = 'kafka/logs/0';
let range: LogRange;
let flows: number[];
let receiver: Recorder;
let assignment: Assignment;

beforeEach(async () => {
  range = { low: 0, high: 100 };
  flows = [];
  receiver = new Recorder(new Map([[feed, '10']]));
  assignment = new Assignment('logs', receiver);
  const session = { ranges: async () => new Map([[0, range]]), pause() {}, refresh: async () => {}, flow: (_: string, __: number, offset: number) => { flows.push(offset); } };
  assignment.joined(session as unknown as Session, [{ topic: 'logs', partition: 0 }]);
  assignment.fetching('1');
  await eventually(() => expect(flows).toEqual([10]));
});

/** The records `[first, end)`, as the answer to a request for `fetched`; answers what was resolved. */
async function fetch(fetched: number, first: number, end: number): Promise<string | null> {
  let resolved: string | null = null;
  const messages = Array.from({ length: end - first }, (_, i) => ({ offset: `${first + i}`, timestamp: '1000', key: null, value: Buffer.from(`${first + i}`) }));
  const batch = { topic: 'logs', partition: 0, fetchedOffset: `${fetched}`, messages, highWatermark: `${range.high}`, lastOffset: () => `${end - 1}` };
  await assignment.batch({ batch, resolveOffset: (offset: string) => { resolved = offset; } } as unknown as EachBatchPayload);
  return resolved;
}

test('what was asked for is delivered', async () => {
  expect(await fetch(10, 10, 13)).toBe('12');
  expect(receiver.texts()).toEqual(['10', '11', '12']);
  expect(await fetch(13, 13, 100)).toBe('99');
  expect(receiver.caughtUpMs.has(feed)).toBe(true);
});

test('a gap that the log can explain, such as the mark of a transaction, is stepped over', async () => {
  await fetch(10, 10, 12);
  await fetch(13, 13, 15);
  expect(receiver.texts()).toEqual(['10', '11', '13', '14']);
});

test('a gap because the log begins later is none: the partition stops', async () => {
  range = { low: 50, high: 100 };
  expect(await fetch(50, 50, 60)).toBeNull();
  await eventually(() => expect(receiver.reasons.get(feed)).toContain('Records 10 to 49 were deleted'));
  expect(receiver.deliveries).toEqual([]);
});

test('records from before our position are dropped', async () => {
  expect(await fetch(5, 5, 13)).toBe('12');
  expect(receiver.texts()).toEqual(['10', '11', '12']);
});

test('records from the start of a log that is now shorter stop the partition', async () => {
  range = { low: 0, high: 5 };
  expect(await fetch(0, 0, 5)).toBeNull();
  await eventually(() => expect(receiver.reasons.get(feed)).toContain('The log ends at 5, before our position 10'));
  expect(receiver.deliveries).toEqual([]);
});

test('a broker that has no such offset is asked why; after the third time the partition stops', async () => {
  for (const times of [1, 2]) {
    assignment.outOfRange('logs', 0);
    await eventually(() => expect(flows).toHaveLength(times + 1));
  }
  assignment.outOfRange('logs', 0);
  expect(receiver.reasons.get(feed)).toContain('no record 10');
});

test('a receiver that fails stops the partition', async () => {
  receiver.held.set(feed, Promise.reject(new TypeError('broken')));
  await fetch(10, 10, 12);
  expect(receiver.reasons.get(feed)).toBe('The records were not taken in (TypeError).');
});

test('after a rebalance what is ours goes on where it was, what is not is gone', async () => {
  await fetch(10, 10, 20);
  const session = { ranges: async () => new Map([[0, range], [1, range]]), pause() {}, refresh: async () => {}, flow: (_: string, __: number, offset: number) => { flows.push(offset); } };
  assignment.joined(session as unknown as Session, [{ topic: 'logs', partition: 0 }, { topic: 'logs', partition: 1 }]);
  // One before the position, to see whether the log is the same.
  await eventually(() => expect(flows.toSorted((a, b) => a - b)).toEqual([0, 10, 19]));
  await fetch(19, 19, 21);
  expect(receiver.texts(feed).at(-1)).toBe('20');
  assignment.joined(session as unknown as Session, [{ topic: 'logs', partition: 1 }]);
  expect(receiver.lost).toEqual([feed]);
  expect(await fetch(21, 21, 22)).toBeNull();
});
