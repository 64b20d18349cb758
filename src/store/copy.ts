import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from './connection.ts';
import { StoreError } from './error.ts';
import { openStore } from './open.ts';

const maxAttempts = 10;

/**
 * Copies the store of a data folder, with its key, into an empty folder, also while a service writes to it: what comes out is a state that it
 * could have been killed in. Changes nothing there. Throws `StoreError`.
 */
export async function copyStore(dir: string, into: string): Promise<void> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const before = await checkpointOf(dir);
    // State first: effects may be ahead of it, never behind.
    await copyDatabase(dir, into, 'state.db');
    await copyDatabase(dir, into, 'effects.db');
    // A checkpoint in between would have dropped what joins the two copies.
    if (await checkpointOf(dir) !== before) continue;
    const key = join(dir, 'fingerprint.key');
    if (existsSync(key)) copyFileSync(key, join(into, 'fingerprint.key'));
    return;
  }
  throw new StoreError(`${dir} is written to faster than it can be copied: take a copy while the service stands still`);
}

async function checkpointOf(dir: string): Promise<number> {
  const store = openStore(dir, { readOnly: true });
  try {
    return store.state.change();
  } finally {
    await store.close();
  }
}

async function copyDatabase(dir: string, into: string, name: string): Promise<void> {
  const connection = new Connection(join(dir, name), { readOnly: true });
  try {
    await connection.copyTo(join(into, name));
  } finally {
    connection.close();
  }
}
