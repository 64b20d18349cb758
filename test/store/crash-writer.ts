/** Commits and checkpoints without end in the folder given, until it is killed. Says what is durable: the number of each commit, and `checkpoint`. */
import { writeSync } from 'node:fs';
import { RowTable } from '../../src/state/rows.ts';
import { openStore } from '../../src/store/open.ts';
import { crashNames, crashState } from './crash-support.ts';

const store = openStore(process.argv[2]!);
const table = new RowTable('identity', { counting: crashState }, store.seed);
const cursor = table.cursor<typeof crashState.fields>('counting');
table.load(store.state.rows('identity'));
let isWriting = false;

async function checkpoint(change: number): Promise<void> {
  isWriting = true;
  for (const name of crashNames) {
    table.bind(table.row(name));
    cursor.count = change;
    cursor.twin = change;
    table.markDirty();
  }
  await store.state.write({ change, rows: [table.takeDirty()], entities: [], positions: new Map([['feed', String(change)]]) });
  table.checkpointDone();
  store.effects.trimJournal(change);
  writeSync(1, 'checkpoint\n');
  isWriting = false;
}

for (;;) {
  store.effects.commit({ alerts: [], incidents: [], refusals: [], counters: { events: 1 }, journal: [{ kind: 'read', feed: 'feed', count: 1 }] });
  writeSync(1, `${store.effects.lastChange()}\n`);
  if (!isWriting) void checkpoint(store.effects.lastChange());
  await new Promise((resolve) => { setImmediate(resolve); });
}
