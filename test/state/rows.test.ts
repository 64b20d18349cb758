import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineState, f32, f64, i32, u16, u16s, u32, u32s, u8, u8s } from '../../src/model/state.ts';
import type { SavedRow } from '../../src/state/row-reader.ts';
import { RowTable, type RowTableOptions } from '../../src/state/rows.ts';
import type { RowsCopy } from '../../src/store/port.ts';

const seed = { a: 11, b: 12 };
const counting = defineState({ count: u32(), lastMs: f64(-1), recent: u16s(3, 9) });
const other = defineState({ x: f64(5) });

function makeTable(options: RowTableOptions = {}): RowTable {
  return new RowTable('token', { counting, other }, seed, options);
}

function setCount(table: RowTable, key: string, count: number): void {
  table.bind(table.row(key));
  table.cursor<typeof counting.fields>('counting').count = count;
  table.markDirty();
}

function countOf(table: RowTable, key: string): number | null {
  const row = table.find(key);
  if (row === -1) return null;
  table.bind(row);
  return table.cursor<typeof counting.fields>('counting').count;
}

/** Stands in for the store: applies copies as the checkpoint worker does. */
class Saved {
  readonly rows = new Map<string, SavedRow>();
  reads = 0;

  apply(copy: RowsCopy): void {
    for (let at = 0; at < copy.deleted.length; at += 8) this.rows.delete(hex(copy.deleted.subarray(at, at + 8)));
    for (let i = 0; i < copy.count; i++) {
      const bytes = copy.rows.slice(i * copy.rowLength, (i + 1) * copy.rowLength);
      this.rows.set(hex(copy.keys.subarray(i * 8, i * 8 + 8)), { layout: copy.layout, bytes });
    }
  }

  read = (key: Uint8Array): SavedRow | null => {
    this.reads++;
    return this.rows.get(hex(key)) ?? null;
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('cursors', () => {
  test('each type keeps its values, and a row begins with the initial ones', () => {
    const layout = defineState({ a: f64(1.5), b: f32(0.5), c: u32(3), d: i32(-4), e: u16(5), f: u8(6), g: u32s(2, 7), h: u8s(3, 8) });
    const table = new RowTable('s', { first: defineState({ odd: u8(1) }), layout }, seed);
    const cursor = table.cursor<typeof layout.fields>('layout');
    const values = () => [cursor.a, cursor.b, cursor.c, cursor.d, cursor.e, cursor.f, cursor.g.get(1), cursor.h.get(2)];
    const written = [Math.PI, 0.25, 2 ** 32 - 1, -(2 ** 31), 65535, 255, 123, 45];
    const [one, two] = [table.row('one'), table.row('two')];
    table.bind(one);
    expect(values()).toEqual([1.5, 0.5, 3, -4, 5, 6, 7, 8]);
    Object.assign(cursor, { a: written[0], b: written[1], c: written[2], d: written[3], e: written[4], f: written[5] });
    cursor.g.set(1, 123);
    cursor.h.set(2, 45);
    expect(values()).toEqual(written);
    table.bind(two);
    expect(values()).toEqual([1.5, 0.5, 3, -4, 5, 6, 7, 8]);
    table.bind(one);
    expect(values()).toEqual(written);
    expect(cursor.g.get(0)).toBe(7);
    cursor.h.fill(2);
    expect([0, 1, 2].map((i) => cursor.h.get(i))).toEqual([2, 2, 2]);
    expect([cursor.f, cursor.g.get(1)]).toEqual([255, 123]);
  });

  test('a run refuses places outside of it', () => {
    const table = makeTable();
    table.bind(table.row('k'));
    const { recent } = table.cursor<typeof counting.fields>('counting');
    for (const index of [-1, 3, 0.5, NaN]) {
      expect(() => recent.get(index)).toThrow(RangeError);
      expect(() => recent.set(index, 1)).toThrow(RangeError);
    }
  });

  test('a part can be taken back to what it was, without its neighbours', () => {
    const table = makeTable();
    table.bind(table.row('k'));
    const cursor = table.cursor<typeof counting.fields>('counting');
    cursor.count = 3;
    table.remember();
    cursor.count = 99;
    cursor.recent.fill(0);
    table.cursor<typeof other.fields>('other').x = 6;
    table.takeBack('counting');
    expect([cursor.count, cursor.recent.get(2), table.cursor<typeof other.fields>('other').x]).toEqual([3, 9, 6]);
    expect(() => table.takeBack('nobody')).toThrow('rows of scope token have no part nobody');
  });

  test('a bound row stays bound while the table grows', () => {
    const table = makeTable();
    table.bind(table.row('first'));
    const cursor = table.cursor<typeof counting.fields>('counting');
    for (let i = 0; i < 100; i++) {
      table.row(`more ${i}`);
      cursor.count++;
    }
    expect(countOf(table, 'first')).toBe(100);
  });
});

test('tens of thousands of rows over several chunks', () => {
  const table = makeTable();
  for (let i = 0; i < 60_000; i++) setCount(table, `key ${i}`, i);
  expect(table.size).toBe(60_000);
  for (let i = 0; i < 60_000; i += 7) expect(countOf(table, `key ${i}`)).toBe(i);
  expect(table.find('key 60000')).toBe(-1);
  expect(table.dirtyCount).toBe(60_000);
});

test('a table without a way back to the store keeps everything', () => {
  expect(() => makeTable({ capacity: 5 })).toThrow('could leave memory without a way back');
  expect(makeTable().evict()).toBe(0);
});

type Step =
  | { kind: 'set' | 'delete' | 'find'; key: string; value: number }
  | { kind: 'evict' | 'take' | 'done' | 'failed' | 'restart' };

const key = fc.integer({ min: 0, max: 40 }).map((n) => `key ${n}`);
const steps = fc.array(fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('set', 'set', 'delete', 'find'), key, value: fc.nat(1e6) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('evict', 'take', 'done', 'failed') }) },
), { maxLength: 120 }) as fc.Arbitrary<Step[]>;

/** Runs steps against a table that may evict, and against a map that says what it must hold. */
class Model {
  readonly saved = new Saved();
  readonly expected = new Map<string, number>();
  readonly table = makeTable({ capacity: 8, reload: this.saved.read });
  private flying: RowsCopy | null = null;

  run(step: Step): void {
    switch (step.kind) {
      case 'set':
        setCount(this.table, step.key, step.value);
        this.expected.set(step.key, step.value);
        return;
      case 'delete':
        this.table.delete(step.key);
        this.expected.delete(step.key);
        return;
      case 'find':
        expect(countOf(this.table, step.key)).toBe(this.expected.get(step.key) ?? null);
        return;
      case 'evict': this.table.evict(); return;
      case 'take': this.flying ??= this.table.takeDirty(); return;
      default: this.settle(step.kind === 'done');
    }
  }

  settle(isDurable: boolean): void {
    if (this.flying === null) return;
    if (isDurable) {
      this.saved.apply(this.flying);
      this.table.checkpointDone();
    } else this.table.checkpointFailed();
    this.flying = null;
  }

  check(): void {
    for (let n = 0; n <= 40; n++) expect(countOf(this.table, `key ${n}`)).toBe(this.expected.get(`key ${n}`) ?? null);
  }
}

test('rows come and go like those of a map, through eviction, reload, and checkpoints that fail', () => {
  fc.assert(fc.property(steps, (list) => {
    const model = new Model();
    for (const step of list) model.run(step);
    model.check();
    // What the store holds in the end is everything, byte for byte.
    model.settle(false);
    model.saved.apply(model.table.takeDirty());
    model.table.checkpointDone();
    expect(model.saved.rows.size).toBe(model.expected.size);
    const fresh = makeTable({ incomplete: true, reload: model.saved.read });
    for (const [name, count] of model.expected) expect(countOf(fresh, name)).toBe(count);
  }), { numRuns: 300 });
});

test('eviction keeps what is dirty, in flight or lately used, and the store is asked only afterwards', () => {
  const saved = new Saved();
  const table = makeTable({ capacity: 2, reload: saved.read });
  for (const name of ['a', 'b', 'c', 'd']) setCount(table, name, 1);
  expect(table.evict()).toBe(0);
  const copy = table.takeDirty();
  expect(table.evict()).toBe(0);
  saved.apply(copy);
  table.checkpointDone();
  table.find('unknown');
  expect(saved.reads).toBe(0);
  setCount(table, 'a', 2);
  expect(table.evict()).toBe(2);
  expect(table.size).toBe(2);
  expect(countOf(table, 'a')).toBe(2);
  expect(saved.reads).toBe(0);
  expect(['b', 'c', 'd'].map((name) => countOf(table, name))).toEqual([1, 1, 1]);
  expect(saved.reads).toBe(2);
});

test('a deleted row does not come back from the store while its deletion is under way', () => {
  const saved = new Saved();
  const table = makeTable({ capacity: 1, reload: saved.read });
  for (const name of ['a', 'b']) setCount(table, name, 1);
  saved.apply(table.takeDirty());
  table.checkpointDone();
  expect(table.evict()).toBe(1);
  table.delete('a');
  expect(countOf(table, 'a')).toBeNull();
  const copy = table.takeDirty();
  expect(countOf(table, 'a')).toBeNull();
  table.checkpointFailed();
  expect(countOf(table, 'a')).toBeNull();
  expect(table.takeDirty().deleted).toEqual(copy.deleted);
});

test('a checkpoint holds what changed since the last one, and no more', () => {
  const table = makeTable();
  setCount(table, 'a', 1);
  setCount(table, 'b', 1);
  expect(table.takeDirty()).toMatchObject({ scope: 'token', count: 2, rowLength: table.layout.length });
  table.checkpointDone();
  setCount(table, 'b', 2);
  table.delete('a');
  const copy = table.takeDirty();
  expect([copy.count, copy.deleted.length]).toEqual([1, 8]);
  expect(table.takeDirty()).toMatchObject({ count: 0 });
});

test('loading stops at the capacity, and the rest is found in the store', () => {
  const saved = new Saved();
  const writer = makeTable();
  for (let i = 0; i < 10; i++) setCount(writer, `key ${i}`, i);
  saved.apply(writer.takeDirty());
  const table = makeTable({ capacity: 4, reload: saved.read });
  table.load([...saved.rows].map(([name, row]) => ({ key: Buffer.from(name, 'hex'), ...row })));
  expect(table.size).toBe(4);
  for (let i = 0; i < 10; i++) expect(countOf(table, `key ${i}`)).toBe(i);
  expect(table.dirtyCount).toBe(0);
});
