import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { claim } from './claim.ts';
import { Cutter } from './cutter.ts';
import type { Examiner } from './examiner.ts';
import { TailedFile } from './file.ts';
import { headBytes, prefixOf, restingPrefixOf } from './identity.ts';
import { packedOf, type PackedFile } from './packed.ts';

export function inodeOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

/**
 * Decides what an open file is: one to follow, a packed one, or `null`: too little of it has been written to tell, or it is the
 * copy of one that is followed. `isQuiet`: nobody seems to write to it.
 */
export async function examine(path: string, handle: FileHandle, isQuiet: boolean, examiner: Examiner): Promise<TailedFile | PackedFile | null> {
  const stats = await handle.stat();
  const inode = inodeOf(stats);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  const head = buffer.subarray(0, bytesRead);
  const packed = packedOf(path, inode, head, stats.size, stats.mtimeMs);
  if (packed !== null) return isQuiet ? packed : null;
  const prefix = prefixOf(head) ?? (isQuiet ? restingPrefixOf(head) : null);
  if (prefix === null) return null;
  const claimed = await claim({ handle, size: stats.size, inode, prefix }, examiner);
  if (claimed === null) return null;
  const { identity, feed, position, context } = claimed;
  const { name: source, maxRecordBytes } = examiner;
  const origin = { path, place: 0, identity, source, modifiedMs: stats.mtimeMs };
  return new TailedFile(path, inode, feed, handle, new Cutter(origin, position, context, { feed, source, maxRecordBytes }), examiner);
}
