import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private folder that goes when it is removed, and at the latest with the process. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

/** Makes an empty folder that only this user can read. `parent` is the system's folder for such things by default. */
export function makeTemporaryFolder(prefix: string, parent: string = tmpdir()): TemporaryFolder {
  const path = mkdtempSync(join(parent, prefix));
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, remove };
}
