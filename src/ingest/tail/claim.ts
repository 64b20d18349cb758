import type { FileHandle } from 'node:fs/promises';
import { bytesBefore, type TailedFile } from './file.ts';
import { identityOf } from './identity.ts';
import { markBytes, markOf, parsePosition, type FilePosition } from './position.ts';

/** So many files may begin alike. */
export const maxAlike = 64;
export const begin: FilePosition = { offset: 0, mark: markOf(Buffer.alloc(0), 0), skip: 0 };

/** What a file turned out to be, and where to go on in it. */
export interface Claim {
  readonly identity: string;
  readonly feed: string;
  readonly position: FilePosition;
  readonly context: Buffer;
}

export interface Candidate {
  readonly handle: FileHandle;
  readonly size: number;
  readonly inode: string;
  readonly prefix: Buffer;
}

export interface Claims {
  /** The file that is followed under this feed now. */
  followed(feed: string): TailedFile | undefined;
  positionOf(feed: string): string | null;
}

/**
 * Finds out which feed a newly found file belongs to: one that was read before, under whatever name, if it holds what was
 * read there; else a new one. `null`: it holds what a followed file holds, so there is nothing to read in it yet.
 */
export async function claim(candidate: Candidate, claims: Claims): Promise<Claim | null> {
  const { handle, size, inode, prefix } = candidate;
  for (let number = 0; number < maxAlike; number++) {
    const identity = identityOf(prefix, inode, number);
    const feed = feedOf(identity);
    const other = claims.followed(feed);
    if (other !== undefined) {
      if (await isCopy(candidate, other)) return null;
      continue;
    }
    const position = parsePosition(claims.positionOf(feed));
    if (position === null) return { identity, feed, position: begin, context: Buffer.alloc(0) };
    const context = position.offset <= size ? await bytesBefore(handle, position.offset) : Buffer.alloc(0);
    const isSame = context.length === Math.min(markBytes, position.offset) && markOf(context, context.length) === position.mark;
    if (isSame) return { identity, feed, position, context };
  }
  return null;
}

export function feedOf(identity: string): string {
  return `file/${identity}`;
}

/**
 * Do both hold the same as far as the other one has been read? A longer one is no copy. While the other one is being
 * emptied nothing is certain: it will be dropped in a moment, and this one looked at again.
 */
async function isCopy({ handle, size }: Candidate, other: TailedFile): Promise<boolean> {
  const { fed, context } = other.cutter;
  if (!(await other.before(fed)).equals(context)) return true;
  if (size > fed && await other.size() === fed) return false;
  const common = Math.min(size, fed);
  return (await bytesBefore(handle, common)).equals(await other.before(common));
}
