import { expect, test } from 'vitest';
import { defineState, f32, f64, i32, u16, u32, u32s, u8, type StateLayout } from '../../src/model/state.ts';
import { compileLayout, type LayoutDescription } from '../../src/state/layout.ts';
import { copyRow, planCopy } from '../../src/state/migrate.ts';
import { RowTable } from '../../src/state/rows.ts';

const seed = { a: 1, b: 2 };
type Parts = Record<string, StateLayout>;

/** Writes one row in the old layout, has it read under the new one, and gives the table that read it. */
function reopened(before: Parts, fill: (table: RowTable) => void, after: Parts): RowTable {
  const writer = new RowTable('identity', before, seed);
  writer.bind(writer.row('billing'));
  fill(writer);
  const { layout, keys, rows } = writer.takeDirty();
  const reader = new RowTable('identity', after, seed);
  reader.load([{ key: keys, layout, bytes: rows }]);
  reader.bind(reader.find('billing'));
  return reader;
}

test('fields are kept by name, new ones begin with their initial value, removed ones go', () => {
  const before = defineState({ count: u32(), gone: f64(), lastMs: f64() });
  const after = defineState({ added: f32(2.5), lastMs: f64(), count: u32() });
  const table = reopened({ rate: before }, (writer) => Object.assign(writer.cursor('rate'), { count: 7, gone: 1, lastMs: 1e12 }), { rate: after });
  const cursor = table.cursor<typeof after.fields>('rate');
  expect([cursor.count, cursor.lastMs, cursor.added]).toEqual([7, 1e12, 2.5]);
  expect(table.notes).toEqual([]);
});

test('retyped fields keep the nearest value that fits', () => {
  const before = defineState({ a: f64(), b: f64(), c: i32(), d: f64(), e: u32(), f: f64(), g: f64() });
  const after = defineState({ a: u8(), b: u16(), c: u32(), d: f32(), e: f64(), f: u32(9), g: i32() });
  const values = { a: 300.5, b: 12.9, c: -4, d: 1e300, e: 4_000_000_000, f: NaN, g: -Infinity };
  const table = reopened({ p: before }, (writer) => Object.assign(writer.cursor('p'), values), { p: after });
  const cursor = table.cursor<typeof after.fields>('p');
  expect([cursor.a, cursor.b, cursor.c, cursor.e, cursor.f, cursor.g]).toEqual([255, 12, 0, 4_000_000_000, 9, -(2 ** 31)]);
  expect(cursor.d).toBeCloseTo(3.4028234663852886e38, -30);
});

test('runs are kept by index, shortened or lengthened', () => {
  const before = defineState({ grown: u32s(2), cut: u32s(3) });
  const after = defineState({ grown: u32s(4, 8), cut: u32s(1) });
  const table = reopened({ p: before }, (writer) => {
    const cursor = writer.cursor<typeof before.fields>('p');
    cursor.grown.fill(5);
    cursor.cut.set(0, 6);
  }, { p: after });
  const cursor = table.cursor<typeof after.fields>('p');
  expect([0, 1, 2, 3].map((i) => cursor.grown.get(i))).toEqual([5, 5, 8, 8]);
  expect(cursor.cut.get(0)).toBe(6);
});

test('a part whose meaning changed begins anew and says so; its neighbours keep their history', () => {
  const kept = defineState({ n: u32() });
  const table = reopened(
    { old: defineState({ n: u32(3) }), kept, removed: kept },
    (writer) => { Object.assign(writer.cursor('old'), { n: 50 }); Object.assign(writer.cursor('kept'), { n: 60 }); },
    { added: defineState({ n: u32(4) }), kept, old: defineState({ n: u32(3) }, 2) },
  );
  expect(['added', 'kept', 'old'].map((part) => table.cursor<typeof kept.fields>(part).n)).toEqual([4, 60, 3]);
  expect(table.notes).toEqual(['old: history dropped, its meaning changed from 1 to 2']);
});

test('an unchanged layout is copied as it is, and a row of the wrong length is refused', () => {
  const layout = compileLayout({ p: defineState({ a: f64(), b: u8s3() }) });
  const saved = JSON.parse(layout.text) as LayoutDescription;
  const bytes = Uint8Array.from({ length: layout.length }, (_, i) => i + 1);
  expect(copyRow(saved, bytes, layout)).toEqual(bytes);
  expect(copyRow(saved, bytes.subarray(1), layout)).toBeNull();
  expect(planCopy(saved, layout).resets).toEqual([]);
  const table = new RowTable('identity', { p: defineState({ a: f64() }) }, seed);
  expect(() => table.load([{ key: new Uint8Array(8), layout: layout.text, bytes: bytes.subarray(1) }])).toThrow('saved row of scope identity has 15 bytes, its layout 16');
});

function u8s3() {
  return { type: 'u8', length: 3, initial: 0, array: true } as const;
}
