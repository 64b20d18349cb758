import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { StoreError } from '../../src/store/error.ts';
import { openStore } from '../../src/store/open.ts';
import { alertOf, batchOf, checkpoint, countingTable, makeFolder, opened } from './support.ts';

const names = Array.from({ length: 400 }, (_, i) => `key ${i}`);

/** Everything the store gives back, as text, or what it says. */
async function contents(dir: string): Promise<string> {
  try {
    const { effects, state, close } = openStore(dir, { readOnly: true });
    try {
      const rows = [...state.rows('identity')].map(({ key, bytes }) => [Buffer.from(key).toString('hex'), Buffer.from(bytes).toString('hex')]);
      return JSON.stringify([rows, [...state.entities('thing')].map(([key, bytes]) => [key, Buffer.from(bytes).toString()]), [...state.positions()], state.change(),
        [...effects.alerts()], effects.journalSince(0), effects.lastChange()]);
    } finally {
      await close();
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return 'noticed';
  }
}

test.each(['state.db', 'effects.db'])('a flipped bit in %s is noticed, or touches nothing that is read', async (file) => {
  const dir = makeFolder();
  const store = opened(dir);
  for (let i = 0; i < 120; i++) store.effects.commit(batchOf({ alerts: [alertOf(`a${i}`, 1)], journal: [{ kind: 'read', feed: 'f', count: i + 1 }] }));
  await checkpoint(store, countingTable(store), names, 5);
  const entities = names.map((key) => ({ kind: 'thing', key, bytes: new TextEncoder().encode(`value of ${key}`) }));
  await store.state.write({ change: 120, rows: [], entities, positions: new Map() });
  await store.close();

  const intact = await contents(dir);
  expect(intact).not.toBe('noticed');
  const kept = `${makeFolder()}/kept`;
  copyFileSync(`${dir}/${file}`, kept);
  const bytes = readFileSync(kept);
  let noticed = 0;
  for (let n = 0; n < 100; n++) {
    // Spread evenly and always the same: 0.618 is the golden ratio's fraction.
    const at = Math.floor(((n * 0.6180339887) % 1) * bytes.length);
    const flipped = Uint8Array.from(bytes);
    flipped[at]! ^= 1 << (n & 7);
    writeFileSync(`${dir}/${file}`, flipped);
    const found = await contents(dir);
    if (found === 'noticed') noticed++;
    else expect(found === intact, `byte ${at} bit ${n & 7}`).toBe(true);
  }
  expect(noticed).toBeGreaterThan(20);
});
