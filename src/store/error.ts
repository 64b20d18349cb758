/** The store cannot be used as it is. The message says which file, what is wrong, and what can be done. */
export class StoreError extends Error {
  override name = 'StoreError';
}

const restore = 'restore the whole folder from a backup, or move it away to begin anew without history';

/** For a value that is not what was written. */
export function damaged(file: string, what: string): StoreError {
  return new StoreError(`${file} is damaged (${what}): ${restore}`);
}

/** Result codes of SQLite (sqlite.org/rescode.html) that an operator can do something about. */
const explanations: ReadonlyMap<number, string> = new Map([
  [5, 'is in use by another process'],
  [8, 'cannot be written: read-only file or folder'],
  [10, 'cannot be read or written: the disk reports an error'],
  [11, `is damaged: ${restore}`],
  [13, 'cannot be written: the disk is full'],
  [14, 'cannot be opened: check that the folder exists and may be written'],
  [26, 'is no store of Tokenward, or is damaged: restore the whole folder from a backup, or name another'],
]);

/** What SQLite threw, as a `StoreError` that names the file. Anything else comes back unchanged. */
export function explain(error: unknown, file: string): unknown {
  const code = codeOf(error);
  if (code === null) return error;
  return new StoreError(`${file} ${explanations.get(code) ?? `cannot be used: ${(error as Error).message}`}`, { cause: error });
}

/** Somebody else holds a lock. */
export function isBusy(error: unknown): boolean {
  return codeOf(error instanceof StoreError ? error.cause : error) === 5;
}

function codeOf(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}
