import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';

/** Folders nested deeper than this are not walked. */
const maxFolderDepth = 64;

/** A path on the command line that is not there: wrong usage. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** What the walk came upon: something to read, or why it cannot be read. */
export interface Found {
  /** The argument joined with the walk; `-` for standard input. */
  readonly path: string;
  /** Length as stored and time of modification; `null` for a stream. */
  readonly length: number | null;
  readonly modifiedMs: number | null;
  /** Why it cannot be read, in words; else `null`. */
  readonly unreadable: string | null;
}

/** Throws an `InputError` for the first path that does not exist. */
export async function checkPaths(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (path !== '-') await stat(path).catch(() => { throw new InputError(`There is no file or folder at ${path}.`); });
  }
}

/** All files under the paths, in the order given, folders in byte order of their names. Links are followed, but not in circles. */
export async function* walk(paths: readonly string[]): AsyncGenerator<Found> {
  for (const path of paths) {
    if (path === '-') yield { path, length: null, modifiedMs: null, unreadable: null };
    else yield* walkPath(path, []);
  }
}

/** `above` are the folders on the way here. */
async function* walkPath(path: string, above: readonly string[]): AsyncGenerator<Found> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return yield describe(path, found, above.length === 0);
    const real = await realpath(path);
    if (above.includes(real)) return;
    if (above.length === maxFolderDepth) return yield unreadable(path, 'Folders are nested too deep.');
    const names = (await readdir(path)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const prefix = path.endsWith('/') ? path : `${path}/`;
    for (const name of names) yield* walkPath(prefix + name, [...above, real]);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    yield unreadable(path, `The system cannot read it (${error.code}).`);
  }
}

/** A regular file; or a stream, if the user named it outright: in a folder, pipes and devices are not opened. */
function describe(path: string, found: Stats, isNamed: boolean): Found {
  if (found.isFile()) return { path, length: found.size, modifiedMs: found.mtimeMs, unreadable: null };
  return isNamed ? { path, length: null, modifiedMs: null, unreadable: null } : unreadable(path, 'It is no regular file.');
}

function unreadable(path: string, why: string): Found {
  return { path, length: null, modifiedMs: null, unreadable: why };
}

/** An error of the operating system, as files raise them. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
