import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder, type TemporaryFolder } from '../files/temporary-folder.ts';
import type { Seed } from '../model/state.ts';
import { openEffects, type SqliteEffects } from './effects.ts';
import { StoreError } from './error.ts';
import { lockFolder } from './lock.ts';
import { openState, type SqliteState } from './state.ts';

/** Where the service keeps its state when the configuration names no folder. */
export const defaultDir = 'tokenward-data';

export interface Store {
  /** The folder, also where it is a temporary one. */
  readonly dir: string;
  readonly effects: SqliteEffects;
  readonly state: SqliteState;
  /** Keys the hashes of rows; belongs to the stored state. */
  readonly seed: Seed;
  /** Waits for a checkpoint under way; removes a temporary folder. */
  close(): Promise<void>;
}

/**
 * Opens the store of a data folder, made where there is none; `null`: one in a private temporary folder that goes with
 * `close`. One process writes; others may open it with `readOnly` meanwhile. Throws `StoreError`.
 */
export function openStore(dir: string | null, options: { readonly readOnly?: boolean } = {}): Store {
  const readOnly = options.readOnly ?? false;
  const temporary = dir === null ? makeTemporaryFolder('tokenward-') : null;
  const folder = dir ?? (temporary as TemporaryFolder).path;
  if (readOnly) requireStore(folder);
  else makeFolder(folder);
  const unlock = readOnly ? null : lockFolder(folder);
  const undo = [() => unlock?.(), () => temporary?.remove()];
  try {
    const { effects, state } = openBoth(folder, { readOnly, durable: dir !== null });
    undo.unshift(() => effects.close());
    const close = async (): Promise<void> => {
      await state.close();
      for (const step of undo.splice(0)) step();
    };
    return { dir: folder, effects, state, seed: seedOf(state, readOnly), close };
  } catch (error) {
    for (const step of undo) step();
    throw error;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreError(`${folder} cannot be made or is no folder`, { cause: error });
  }
}

function requireStore(folder: string): void {
  if (!existsSync(join(folder, 'effects.db')) || !existsSync(join(folder, 'state.db'))) {
    throw new StoreError(`${folder} holds no store: name the folder that \`--data-dir\` or \`store.dir\` named`);
  }
}

function openBoth(folder: string, options: { readonly readOnly: boolean; readonly durable: boolean }): { effects: SqliteEffects; state: SqliteState } {
  const effects = openEffects(join(folder, 'effects.db'), options);
  let state: SqliteState | null = null;
  try {
    state = openState(join(folder, 'state.db'), options);
    checkPair(folder, effects, state, options.readOnly);
    return { effects, state };
  } catch (error) {
    void state?.close();
    effects.close();
    throw error;
  }
}

/** Both files carry one random id, so that a file lost, emptied or brought from elsewhere is noticed. */
function checkPair(folder: string, effects: SqliteEffects, state: SqliteState, readOnly: boolean): void {
  const ids = [effects.getMeta('store'), state.getMeta('store')];
  if (ids[0] === ids[1] && ids[0] !== null) {
    checkAge(folder, effects, state);
    return;
  }
  const isNew = effects.lastChange() === 0 && state.change() === 0 && (ids[0] === null || ids[1] === null);
  if (!isNew || readOnly) {
    throw new StoreError(`effects.db and state.db in ${folder} do not belong together, or one of them is missing: restore both from one backup`);
  }
  const id = ids[0] ?? ids[1] ?? randomBytes(16).toString('hex');
  effects.setMeta('store', id);
  state.setMeta('store', id);
}

function checkAge(folder: string, effects: SqliteEffects, state: SqliteState): void {
  if (state.change() > effects.lastChange()) {
    throw new StoreError(`effects.db in ${folder} is older than state.db (${effects.lastChange()} < ${state.change()}): restore both from one backup`);
  }
}

function seedOf(state: SqliteState, readOnly: boolean): Seed {
  let text = state.getMeta('seed');
  if (text === null) {
    text = randomBytes(8).toString('hex');
    if (!readOnly) state.setMeta('seed', text);
  }
  const bytes = Buffer.from(text, 'hex');
  return { a: bytes.readInt32LE(0), b: bytes.readInt32LE(4) };
}
