import { Connection } from './connection.ts';
import { isBusy, StoreError } from './error.ts';

/**
 * Forbids a second writer: an exclusive lock on a tiny database of its own, which the operating
 * system gives back when the process dies in whatever way. Answers how to let go of it.
 */
export function lockFolder(dir: string): () => void {
  let connection: Connection | null = null;
  try {
    connection = new Connection(`${dir}/lock.db`, { waitMs: 0 });
    connection.execute('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    connection?.close();
    if (isBusy(error)) {
      throw new StoreError(`${dir} is in use by another Tokenward that writes to it: stop that one first, or name another folder`, { cause: error });
    }
    throw error;
  }
  const held = connection;
  return () => held.close();
}
