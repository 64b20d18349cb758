import { statSync } from 'node:fs';
import { join } from 'node:path';

/** Whatever of a data folder grows. */
export const storeFiles = ['effects.db', 'effects.db-wal', 'state.db', 'state.db-wal', 'spool.db', 'spool.db-wal', 'lock.db'] as const;

/** What a data folder takes, bytes. */
export function storeBytes(dir: string): number {
  return storeFiles.reduce((sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
