import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { emptyEvent } from '../../../src/model/event.ts';
import type { TokenEvent } from '../../../src/model/event.ts';
import { decodeEvent, encodeEvent } from '../../../src/ingest/sort/encode.ts';
import { EventSorter } from '../../../src/ingest/sort/sorter.ts';
import type { SortedEvent } from '../../../src/ingest/sort/sorter.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const anyEvent: fc.Arbitrary<TokenEvent> = fc.record(Object.fromEntries(Object.entries(emptyEvent('x', 0)).map(([key, value]) => [
  key, fc.oneof(fc.constant(value), fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0), fc.boolean(), fc.constant(null), fc.array(fc.string())),
]))) as unknown as fc.Arbitrary<TokenEvent>;

interface Item { readonly timeMs: number; readonly input: number; readonly ordinal: number }

/** Inputs 1 and 3 are the same file named twice. */
const pathOf = (input: number): string => ['b', 'a', 'c', 'a'][input]!;

function sorted(items: readonly Item[], maxInMemory: number): SortedEvent[] {
  const sorter = new EventSorter({ maxInMemory, folder });
  try {
    for (const { timeMs, input, ordinal } of items) sorter.add({ ...emptyEvent('d', timeMs), id: `${input}-${ordinal}`, path: pathOf(input) }, `feed ${input}`, input, ordinal);
    return [...sorter.finish()].flat();
  } finally {
    sorter.dispose();
  }
}

describe('encoding', () => {
  it('gives back the same event, whatever it holds', () => {
    fc.assert(fc.property(anyEvent, (event) => {
      const text = encodeEvent(event);
      expect(text).not.toContain('\n');
      const decoded = decodeEvent(text);
      expect(decoded).toEqual(event);
      expect(Object.keys(decoded)).toEqual(Object.keys(emptyEvent('', 0)));
    }), { numRuns: 200 });
  });
  it('refuses another version', () => {
    const values = JSON.parse(encodeEvent(emptyEvent('x', 1))) as unknown[];
    expect(() => decodeEvent(JSON.stringify([0, ...values.slice(1)]))).toThrow('version');
  });
});

describe('order', () => {
  const places = fc.uniqueArray(fc.tuple(fc.nat(3), fc.nat(200)), { maxLength: 150, selector: (pair) => pair.join() });
  const items = places.chain((pairs) => fc.array(fc.integer({ min: -3, max: 10 }), { minLength: pairs.length, maxLength: pairs.length })
    .map((times) => pairs.map(([input, ordinal], n) => ({ timeMs: times[n]!, input, ordinal }))));

  it('is time, then path, then record, then input, spilled or not', () => {
    fc.assert(fc.property(items, fc.constantFrom(1, 2, 7, 50), (all, maxInMemory) => {
      const byPath = (a: Item, b: Item): number => (pathOf(a.input) < pathOf(b.input) ? -1 : Number(pathOf(a.input) > pathOf(b.input)));
      const expected = [...all].sort((a, b) => a.timeMs - b.timeMs || byPath(a, b) || a.ordinal - b.ordinal || a.input - b.input);
      const whole = sorted(all, 1_000);
      expect(whole.map(({ event, feed, input, ordinal }) => [event.orderMs, event.id, feed, input, ordinal]))
        .toEqual(expected.map(({ timeMs, input, ordinal }) => [timeMs, `${input}-${ordinal}`, `feed ${input}`, input, ordinal]));
      expect(sorted(all, maxInMemory)).toEqual(whole);
    }), { numRuns: 60 });
  });
  it('holds over several ranks of merged files', () => {
    const all = Array.from({ length: 300 }, (_, n) => ({ timeMs: (n * 7919) % 100, input: n % 3, ordinal: n }));
    const whole = sorted(all, 1_000);
    expect(sorted(all, 1)).toEqual(whole);
    expect(whole).toHaveLength(300);
  });
});

describe('disk', () => {
  it('is used in a private folder, which is gone afterwards, in the middle too', () => {
    const sorter = new EventSorter({ maxInMemory: 10, folder });
    for (let n = 0; n < 105; n++) sorter.add(emptyEvent('d', n), 'f', 0, n);
    const [own] = readdirSync(folder);
    expect(statSync(join(folder, own!)).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, own!)).map((name) => statSync(join(folder, own!, name)).mode & 0o777)).toEqual(Array.from({ length: 10 }, () => 0o600));
    const batches = sorter.finish();
    expect(batches.next().value).toHaveLength(105);
    sorter.dispose();
    expect(readdirSync(folder)).toEqual([]);
  });
  it('is left alone where memory is enough', () => {
    const sorter = new EventSorter({ maxInMemory: 10, folder });
    for (let n = 0; n < 9; n++) sorter.add(emptyEvent('d', -n), 'f', 0, n);
    expect(readdirSync(folder)).toEqual([]);
    expect([...sorter.finish()].flat().map((one) => one.event.timeMs)).toEqual([-8, -7, -6, -5, -4, -3, -2, -1, -0]);
    sorter.dispose();
  });
});
