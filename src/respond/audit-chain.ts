import { auditHash, auditStart } from '../store/audit-hash.ts';
import type { AuditRow } from '../store/port.ts';

/** The newest entry as a second place remembers it. */
export interface ChainHead { readonly number: number; readonly hash: string }

/** `count`: how many entries are in order. `bad`: number of the first that is not as it was written, and what is wrong in a fixed word. */
export interface ChainFinding {
  readonly count: number;
  readonly bad: { readonly number: number; readonly why: 'missing' | 'changed' | 'unreadable' | 'end_missing' | 'end_changed' | 'head_missing' } | null;
}

/**
 * Goes through the chain from its beginning. Every entry carries the hash of the one before, so what was changed, removed, put in
 * or put elsewhere is found; what was cut off at the end is found by `head`. `null`: the second place remembers nothing, which is
 * in order only where there is no entry.
 */
export function verifyChain(rows: Iterable<AuditRow>, head: ChainHead | null): ChainFinding {
  let count = 0;
  let hash = auditStart;
  let isHeadSeen = head === null || head.number === 0;
  for (const row of rows) {
    const number = count + 1;
    const why = faultOf(row, number, hash);
    if (why !== null) return { count, bad: { number, why } };
    if (head?.number === number) {
      if (head.hash !== row.hash) return { count, bad: { number, why: 'end_changed' } };
      isHeadSeen = true;
    }
    hash = row.hash;
    count = number;
  }
  if (!isHeadSeen) return { count, bad: { number: count + 1, why: 'end_missing' } };
  if (head === null && count > 0) return { count, bad: { number: count + 1, why: 'head_missing' } };
  return { count, bad: null };
}

function faultOf(row: AuditRow, number: number, previous: string): 'missing' | 'changed' | 'unreadable' | null {
  if (row.number !== number) return 'missing';
  if (row.previous !== previous || row.hash !== auditHash(number, previous, row.note)) return 'changed';
  return isNote(row.note) ? null : 'unreadable';
}

function isNote(text: string): boolean {
  try {
    const note = JSON.parse(text) as unknown;
    return typeof note === 'object' && note !== null;
  } catch {
    return false;
  }
}
