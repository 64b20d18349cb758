import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from './error.ts';
import type { Store } from './open.ts';

const keyLength = 32;

/**
 * The key of fingerprints that belongs to a data folder, 32 random bytes in `fingerprint.key` (mode 0600), made at
 * first use. Throws `StoreError` when the file is no such key: another key would cut every token off from its history.
 */
export function loadOrCreateKey(dir: string): Buffer {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, 'fingerprint.key');
  const key = read(file) ?? create(file);
  if (key.length !== keyLength) throw new StoreError(`${file} holds ${key.length} bytes instead of ${keyLength}: restore it from a backup`);
  return key;
}

/** Under another key than the store was begun with every token would be a stranger to its own history. Throws `StoreError`. */
export function checkKey(store: Store, keyId: string): void {
  const { effects, dir } = store;
  const known = effects.getMeta('fingerprint.key');
  if (known === null) effects.setMeta('fingerprint.key', keyId);
  else if (known !== keyId) {
    void store.close();
    const wrong = `the fingerprints in ${dir} were made with the key ${known}, not with ${keyId}`;
    throw new StoreError(`${wrong}: give the key it was begun with, or begin another data folder`);
  }
}

function read(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw new StoreError(`${file} cannot be read`, { cause: error });
  }
}

/** Whole or not at all, and never over another process's key. */
function create(file: string): Buffer {
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true });
  const descriptor = openSync(draft, 'wx', 0o600);
  writeSync(descriptor, randomBytes(keyLength));
  fsyncSync(descriptor);
  closeSync(descriptor);
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  rmSync(draft);
  return readFileSync(file);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
