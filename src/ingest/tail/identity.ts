import { createHash } from 'node:crypto';
import { ValueScanner } from '../split/scan.ts';

/** So much of a file's beginning is looked at. */
export const headBytes = 4096;
/** Shorter lines are too alike to tell files apart. */
const minLineBytes = 32;
const newline = 10, hash = 35;

/**
 * The beginning of a file that tells it from others and stays as it grows: up to the end of its first line that is no
 * comment and no shorter than 32 bytes, or its first 4 KiB. `null` while that has not been written.
 */
export function prefixOf(head: Buffer): Buffer | null {
  for (let start = 0; start < head.length;) {
    const end = head.indexOf(newline, start);
    if (end < 0) break;
    if (head[start] !== hash && end - start >= minLineBytes) return head.subarray(0, end);
    start = end + 1;
  }
  return head.length >= headBytes ? head.subarray(0, headBytes) : null;
}

/** The whole of a short file that nobody goes on writing, without its last newline. `null` where it ends within something. */
export function restingPrefixOf(head: Buffer): Buffer | null {
  if (head.at(-1) === newline) return head.subarray(0, -1);
  return isWholeJson(head) ? head : null;
}

/** Is it one JSON value, or more of them, with nothing unfinished behind? */
export function isWholeJson(bytes: Buffer): boolean {
  let start = 0;
  while (start < bytes.length && bytes[start]! <= 32) start++;
  if (bytes[start] !== 123 && bytes[start] !== 91) return false;
  const scanner = new ValueScanner();
  while (start < bytes.length) {
    scanner.reset();
    if (scanner.scan(bytes, start, bytes.length) !== 'done') return false;
    start += scanner.position;
    while (start < bytes.length && bytes[start]! <= 32) start++;
  }
  return true;
}

/**
 * Identity of a file by what it holds, so that a copy, a renamed and a compressed one are the same. Of files that begin
 * alike and go on differently the first is number 0; the others are told apart by `device:inode` too.
 */
export function identityOf(prefix: Buffer, inode: string, number: number): string {
  const sum = createHash('sha256').update(prefix);
  if (number > 0) sum.update(`\n${inode}:${number}`);
  return sum.digest().subarray(0, 16).toString('base64url');
}
