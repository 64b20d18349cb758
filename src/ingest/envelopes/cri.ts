import { envelopeTime } from './payload.ts';

/** The longest timestamp that a container runtime writes, and some room. */
const maxTimeBytes = 40;

/**
 * The part of a container runtime's log line (CRI: time, stream, tag, text) that the program wrote:
 * where it starts, and the runtime's time. `null` for any other line. Partial lines (tag `P`) count as they are.
 */
export function criLine(bytes: Buffer, start: number, end: number): { readonly start: number; readonly time: string } | null {
  const space = bytes.indexOf(32, start);
  if (space < 0 || space - start > maxTimeBytes || space + 10 > end) return null;
  const stream = bytes.toString('latin1', space, space + 8);
  if (stream !== ' stdout ' && stream !== ' stderr ') return null;
  const tag = bytes[space + 8];
  if ((tag !== 70 /* F */ && tag !== 80 /* P */) || bytes[space + 9] !== 32) return null;
  const time = bytes.toString('latin1', start, space);
  return envelopeTime(time) === null ? null : { start: space + 10, time };
}
