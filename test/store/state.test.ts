import { expect, test } from 'vitest';
import { defineState, f32, u16 } from '../../src/model/state.ts';
import { EntityMap } from '../../src/state/entities.ts';
import { RowTable } from '../../src/state/rows.ts';
import { batchOf, checkpoint, counting, countingTable, makeFolder, opened } from './support.ts';

const nothing = { rows: [], entities: [], positions: new Map<string, string>() };

test('a checkpoint brings rows, entities, positions and its change to the store', async () => {
  const dir = makeFolder();
  const store = opened(dir);
  const table = countingTable(store);
  store.effects.commit(batchOf({ counters: { events: 1 } }));
  await checkpoint(store, table, ['a', 'b'], 7);
  const things = new EntityMap<string>('thing');
  things.set('ä', 'one');
  things.set('b', 'two');
  await store.state.write({ ...nothing, change: 1, entities: things.takeDirty(), positions: new Map([['other', 'x']]) });
  await store.close();

  const again = opened(dir);
  const reader = countingTable(again);
  expect(again.seed).toEqual(store.seed);
  reader.bind(reader.find('b'));
  expect(reader.cursor<typeof counting.fields>('counting').count).toBe(7);
  expect(reader.find('c')).toBe(-1);
  expect([...again.state.rows('identity')]).toHaveLength(2);
  expect([...again.state.rows('unknown')]).toEqual([]);
  expect([...again.state.entities('thing')].map(([key]) => key)).toEqual(['b', 'ä']);
  expect(new TextDecoder().decode(again.state.entity('thing', 'ä')!)).toBe('"one"');
  expect(again.state.entity('thing', 'c')).toBeNull();
  expect(again.state.positions()).toEqual(new Map([['feed', '7'], ['other', 'x']]));
  expect(again.state.change()).toBe(1);
});

test('what was deleted is gone from the store', async () => {
  const store = opened(null);
  const table = countingTable(store);
  await checkpoint(store, table, ['a', 'b'], 1);
  table.delete('a');
  const things = new EntityMap<number>('thing');
  things.set('x', 1);
  things.set('y', 1);
  await store.state.write({ ...nothing, change: 0, rows: [table.takeDirty()], entities: things.takeDirty() });
  things.delete('x');
  await store.state.write({ ...nothing, change: 0, entities: things.takeDirty() });
  expect([...store.state.rows('identity')]).toHaveLength(1);
  expect([...store.state.entities('thing')].map(([key]) => key)).toEqual(['y']);
  expect(countingTable(store).find('a')).toBe(-1);
});

test('thousands of rows arrive, in whatever order they were touched', async () => {
  const store = opened(null);
  const names = Array.from({ length: 5000 }, (_, i) => `key ${i}`);
  await checkpoint(store, countingTable(store), names, 3);
  const table = countingTable(store);
  table.load(store.state.rows('identity'));
  expect(table.size).toBe(5000);
  expect(names.every((name) => table.find(name) !== -1)).toBe(true);
});

test('a store of an older layout is opened with a newer one, and histories are kept', async () => {
  const dir = makeFolder();
  const older = opened(dir);
  await checkpoint(older, countingTable(older), ['a', 'b'], 70_000);
  await older.close();

  const newer = opened(dir);
  const layout = defineState({ added: f32(2), count: u16() });
  const table = new RowTable('identity', { fresh: layout, counting: layout }, newer.seed, { incomplete: true, reload: (key) => newer.state.row('identity', key) });
  table.bind(table.find('a'));
  const cursor = table.cursor<typeof layout.fields>('counting');
  expect([cursor.count, cursor.added, table.cursor<typeof layout.fields>('fresh').count]).toEqual([65535, 2, 0]);
  table.markDirty();
  await newer.state.write({ ...nothing, change: 0, rows: [table.takeDirty()] });
  table.checkpointDone();
  // Rows of both layouts stand side by side now.
  expect(new Set([...newer.state.rows('identity')].map((row) => row.layout)).size).toBe(2);
  const everything = new RowTable('identity', { fresh: layout, counting: layout }, newer.seed);
  everything.load(newer.state.rows('identity'));
  for (const name of ['a', 'b']) {
    everything.bind(everything.find(name));
    expect(everything.cursor<typeof layout.fields>('counting').count).toBe(65535);
  }
});

test('one checkpoint at a time; closing waits for the one under way', async () => {
  const dir = makeFolder();
  const store = opened(dir);
  const first = checkpoint(store, countingTable(store), ['a'], 1);
  await expect(store.state.write({ ...nothing, change: 0 })).rejects.toThrow('a checkpoint is still being written');
  await store.close();
  await first;
  expect(opened(dir).state.positions()).toEqual(new Map([['feed', '1']]));
});

test('a checkpoint that cannot be written is reported, and leaves nothing behind', async () => {
  const store = opened(null);
  const table = countingTable(store);
  table.row('a');
  const broken = new Map([['feed', undefined as unknown as string]]);
  await expect(store.state.write({ change: 0, rows: [table.takeDirty()], entities: [], positions: broken })).rejects.toThrow();
  table.checkpointFailed();
  expect([...store.state.rows('identity')]).toEqual([]);
  await checkpoint(store, table, [], 1);
  expect([...store.state.rows('identity')]).toHaveLength(1);
});
