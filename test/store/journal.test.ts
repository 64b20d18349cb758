import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coalesce, decodeJournal, encodeJournal } from '../../src/store/journal.ts';
import type { JournalEntry } from '../../src/store/port.ts';

const name = fc.constantFrom('a.ndjson', 'b.ndjson', 'topic/3');
const entries: fc.Arbitrary<JournalEntry[]> = fc.array(fc.oneof(
  fc.record({ kind: fc.constant('read' as const), feed: name, count: fc.integer({ min: 1, max: 1e9 }) }),
  fc.record({ kind: fc.constant('tick' as const), timeMs: fc.integer({ min: 0, max: 4e12 }) }),
  fc.record({ kind: fc.constant('command' as const), number: fc.nat() }),
  fc.record({ kind: fc.constant('configuration' as const), hash: name }),
));

test('decoding gives back what was encoded, consecutive reads of a feed as one', () => {
  fc.assert(fc.property(entries, (list) => {
    expect(decodeJournal(encodeJournal(list))).toEqual(coalesce(list));
  }));
});

test('coalescing keeps order and sums', () => {
  const read = (feed: string, count: number): JournalEntry => ({ kind: 'read', feed, count });
  const tick: JournalEntry = { kind: 'tick', timeMs: 5 };
  expect(coalesce([read('a', 1), read('a', 2), read('b', 1), read('a', 1), tick, read('a', 1), read('a', 1)]))
    .toEqual([read('a', 3), read('b', 1), read('a', 1), tick, read('a', 2)]);
});

test('a thousand single reads of one feed take one short line', () => {
  const list = Array.from({ length: 1000 }, (): JournalEntry => ({ kind: 'read', feed: 'a.ndjson', count: 1 }));
  expect(encodeJournal(list)).toBe('[["a.ndjson"],[0,0,1000]]');
});
