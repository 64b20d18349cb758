import { existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '../../store/connection.ts';
import { isBusy } from '../../store/error.ts';
import { openStore, type Store } from '../../store/open.ts';
import { storeBytes, storeFiles } from '../../store/size.ts';
import { bad, ok, size, span, warn, type Finding } from './finding.ts';

const leastFreeBytes = 256 << 20;
const littleFreeBytes = 2 ** 31;
/** The service checkpoints every few seconds while anything comes in. */
const longSinceMs = 15 * 60_000;

/** When any file of the folder was written last; `null` where there is none. */
export function newestWrite(dir: string): number | null {
  return latest(dir, storeFiles);
}

function latest(dir: string, names: readonly string[]): number | null {
  const times = names.map((name) => join(dir, name)).filter((path) => existsSync(path)).map((path) => statSync(path).mtimeMs);
  return times.length === 0 ? null : Math.max(...times);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'cannot be read';
}

/** Everything about a data folder. Reads only; another process may be writing to it. */
export async function checkFolder(dir: string, nowMs: number): Promise<Finding[]> {
  if (!existsSync(dir)) return [warn('data folder', `${dir} does not exist yet`, 'the first "run", or "replay --data-dir", makes it')];
  return [checkPermissions(dir), checkDisk(dir), ...await checkStore(dir, nowMs)];
}

function checkPermissions(dir: string): Finding {
  const { mode } = statSync(dir);
  if ((mode & 0o007) === 0 || process.platform === 'win32') return ok('data folder', dir);
  return warn('data folder', `${dir} can be entered by everybody on this machine`, `chmod 700 ${dir}`);
}

function checkDisk(dir: string): Finding {
  const { bavail, bsize } = statfsSync(dir);
  const free = bavail * bsize;
  const held = storeBytes(dir);
  const text = `the store takes ${size(held)}, ${size(free)} are free`;
  const advice = 'make room, or move the folder: when the disk is full, reading stops';
  if (free < leastFreeBytes) return bad('disk', text, advice);
  return free < littleFreeBytes || free < held / 4 ? warn('disk', text, advice) : ok('disk', text);
}

async function checkStore(dir: string, nowMs: number): Promise<Finding[]> {
  let store: Store;
  try {
    store = openStore(dir, { readOnly: true });
  } catch (error) {
    // A StoreError names the file and says what can be done.
    return [bad('store', textOf(error), 'nothing was changed by looking: decide before "run" writes to it')];
  }
  try {
    return [ok('store', `opens; ${store.effects.lastChange()} changes so far`), checkRun(dir, store, nowMs)];
  } catch (error) {
    return [bad('store', textOf(error), 'restore the whole folder from a backup')];
  } finally {
    await store.close();
  }
}

/** How far the checkpoint is behind, and whether anybody is at work. */
function checkRun(dir: string, { effects, state }: Store, nowMs: number): Finding {
  const behind = effects.lastChange() - state.change();
  effects.journalSince(state.change());
  const age = nowMs - (latest(dir, ['state.db', 'state.db-wal']) ?? nowMs);
  const running = isInUse(dir);
  if (running && behind > 0 && age > longSinceMs) {
    const text = `a process writes here, but its last checkpoint is ${span(age)} old`;
    return bad('checkpoint', text, 'see its log: the disk may be full or too slow');
  }
  if (running) return ok('checkpoint', `a process writes here; last checkpoint ${span(age)} ago`);
  if (behind === 0) return ok('checkpoint', `last one ${span(age)} ago; nothing is under way`);
  const text = `the last run was interrupted: ${behind} changes came after its checkpoint, ${span(age)} ago`;
  return warn('checkpoint', text, 'start "run" again: it follows its journal and loses nothing');
}

/** Is the lock of the folder held? */
function isInUse(dir: string): boolean {
  const file = join(dir, 'lock.db');
  if (!existsSync(file)) return false;
  let connection: Connection | null = null;
  try {
    connection = new Connection(file, { readOnly: true, waitMs: 0 });
    connection.get('SELECT 1 FROM sqlite_schema');
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    connection?.close();
  }
}
