import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Alert, Incident } from '../../src/model/alert.ts';
import { emptyEvent } from '../../src/model/event.ts';
import { defineState, f64, u32 } from '../../src/model/state.ts';
import { RowTable } from '../../src/state/rows.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import type { EffectsBatch } from '../../src/store/port.ts';

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

export function batchOf(part: Partial<EffectsBatch>): EffectsBatch {
  return { alerts: [], incidents: [], refusals: [], counters: {}, journal: [], ...part };
}

export function alertOf(id: string, version: number, part: Partial<Alert> = {}): Alert {
  return {
    id, version, status: 'open', detector: 'egress-spike', severity: 47, riskScore: 10, surpriseBits: 20, confidence: 0.5, reason: 'Much more than usual.',
    baseline: { bytesPerHour: 10 }, observed: { bytesPerHour: 1000 }, startMs: 1000, endMs: 2000, createdMs: 1000, count: 1, bytesOut: 5,
    evidenceFirst: ['e1'], evidenceLast: [], late: false, incidentId: 'i1', mergedInto: null, first: emptyEvent('ecs', 1000),
    tokens: [], networks: [], resources: [], announced: [], ...part,
  };
}

export function incidentOf(id: string, version: number, startMs = 1000): Incident {
  return { id, version, startMs, endMs: startMs, riskScore: 1, alertIds: [], identityIds: [], tokens: [], mergedInto: null };
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
