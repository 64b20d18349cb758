import { criLine } from './cri.ts';
import { envelopeTime } from './payload.ts';
import { syslogLine, type Header } from './syslog.ts';

/** Can a line begin with a header of a container runtime or of syslog? Looks at a few bytes only. */
export function isHeaded(bytes: Buffer, start: number): boolean {
  const first = bytes[start]!;
  if (first === 50 /* 2 */) return bytes[start + 10] === 84 /* T */ && bytes[start + 4] === 45 /* - */;
  if (first === 60 /* < */) return bytes[start + 1]! >= 48 && bytes[start + 1]! <= 57;
  // `Nov 22 02:14:00 host`
  return first >= 65 && first <= 83 && bytes[start + 3] === 32 && bytes[start + 6] === 32 && bytes[start + 9] === 58;
}

/** The header of a line; `null` for a line without one. `referenceMs` gives the year to times that have none. */
export function headerOf(bytes: Buffer, start: number, end: number, referenceMs: number | null): Header | null {
  if (!isHeaded(bytes, start)) return null;
  const cri = bytes[start] === 50 ? criLine(bytes, start, end) : null;
  if (cri !== null) return { start: cri.start, timeMs: envelopeTime(cri.time), isLocal: false };
  return syslogLine(bytes, start, end, referenceMs);
}
