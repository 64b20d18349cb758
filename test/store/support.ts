import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { defineState, f64, u32 } from '../../src/model/state.ts';
import { RowTable } from '../../src/state/rows.ts';
import { openStore, type Store } from '../../src/store/open.ts';

export { alertOf, batchOf, incidentOf } from './alerts.ts';

/** A folder that goes when the test ends. */
export function makeFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tokenward-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A store that is closed when the test ends. */
export function opened(dir: string | null, options: { readonly readOnly?: boolean } = {}): Store {
  const store = openStore(dir, options);
  onTestFinished(() => store.close());
  return store;
}

export const counting = defineState({ count: u32(), twin: u32(), lastMs: f64(-1) });

export function countingTable(store: Store): RowTable {
  return new RowTable('identity', { counting }, store.seed, { incomplete: true, reload: (key) => store.state.row('identity', key) });
}

/** Writes one checkpoint of `names` rows, each with its name's number in both counters. */
export async function checkpoint(store: Store, table: RowTable, names: readonly string[], value: number): Promise<void> {
  const cursor = table.cursor<typeof counting.fields>('counting');
  for (const name of names) {
    table.bind(table.row(name));
    cursor.count = value;
    cursor.twin = value;
    table.markDirty();
  }
  const change = store.effects.lastChange();
  await store.state.write({ change, rows: [table.takeDirty()], entities: [], positions: new Map([['feed', String(value)]]) });
  table.checkpointDone();
}
