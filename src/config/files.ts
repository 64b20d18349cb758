import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/** Shortest key that is accepted, in bytes. */
export const minKeyLength = 32;
/** Marks the metadata at the end of a MaxMind database, within its last 128 KiB. */
const databaseMark = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

/** Why a file cannot be used; `null` when it can. */
export interface FileComplaint { readonly message: string; readonly hint: string | null }

/** Is it a file that this process may read? */
export function checkReadable(path: string): FileComplaint | null {
  return withFile(path, () => null);
}

/** Is it long enough, and readable by its owner (and group) only? */
export function checkKeyFile(path: string): FileComplaint | null {
  return withFile(path, (descriptor) => {
    const { size, mode } = fstatSync(descriptor);
    if (size < minKeyLength) {
      const hint = `make one: head -c ${minKeyLength} /dev/urandom > ${path}`;
      return { message: `key file "${path}" holds ${size} bytes, ${minKeyLength} are needed`, hint };
    }
    if ((mode & 0o007) === 0 || process.platform === 'win32') return null;
    return { message: `key file "${path}" can be used by everybody on this machine`, hint: `chmod 600 ${path}` };
  });
}

/** Does it end as a MaxMind database does? */
export function checkDatabase(path: string): FileComplaint | null {
  return withFile(path, (descriptor) => {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, 128 * 1024));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    if (tail.includes(databaseMark)) return null;
    return { message: `"${path}" is no MaxMind database`, hint: 'expected an uncompressed .mmdb file' };
  });
}

/** The bytes of a checked key file. Throws when it cannot be read or is too short. */
export function readKeyFile(path: string): Buffer {
  const complaint = checkKeyFile(path);
  if (complaint !== null) throw new Error(complaint.message);
  return readFileSync(path);
}

function withFile(path: string, check: (descriptor: number) => FileComplaint | null): FileComplaint | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, 'r');
    if (!fstatSync(descriptor).isFile()) return { message: `"${path}" is no file`, hint: null };
    return check(descriptor);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const reasons: Record<string, string> = { ENOENT: 'does not exist', EACCES: 'may not be read by this user' };
    const reason = reasons[code] ?? `cannot be read (${code})`;
    return { message: `file "${path}" ${reason}`, hint: 'file names are relative to the working folder' };
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
