import { auditHash, auditStart } from '../store/audit-hash.ts';
import type { AuditRow, ResponseStore } from '../store/port.ts';

/** The newest entry as a second place remembers it. */
export interface ChainHead { readonly number: number; readonly hash: string }

/** What the second place tells: see `verifyChain`. */
export type Head = ChainHead | 'lost' | null;

/** What can be wrong with an entry. */
export type ChainFault = 'missing' | 'changed' | 'unreadable' | 'end_missing' | 'end_changed' | 'head_missing' | 'checkpoint_differs';

/** `count`: how many entries are in order. `bad`: number of the first that is not as it was written, and what is wrong in a fixed word. */
export interface ChainFinding {
  readonly count: number;
  readonly bad: { readonly number: number; readonly why: ChainFault } | null;
}

/**
 * Goes through the chain from its beginning. Every entry carries the hash of the one before, so what was changed, removed, put in
 * or put elsewhere is found; what was cut off at the end is found by `head`. `null`: the second place never
 * remembered anything; `lost`: it did, and does not any more. `marks`: hashes of entries by number, as signed checkpoints have them.
 */
export function verifyChain(rows: Iterable<AuditRow>, head: Head, marks: ReadonlyMap<number, string> = new Map()): ChainFinding {
  let count = 0;
  let hash = auditStart;
  let isHeadSeen = head === null || head === 'lost';
  for (const row of rows) {
    const number = count + 1;
    const why = faultOf(row, number, hash);
    if (why !== null) return { count, bad: { number, why } };
    if ((marks.get(number) ?? row.hash) !== row.hash) return { count, bad: { number, why: 'checkpoint_differs' } };
    if (head !== null && head !== 'lost' && head.number === number) {
      if (head.hash !== row.hash) return { count, bad: { number, why: 'end_changed' } };
      isHeadSeen = true;
    }
    hash = row.hash;
    count = number;
  }
  const isMarkMissing = [...marks.keys()].some((number) => number > count);
  if (!isHeadSeen || isMarkMissing) return { count, bad: { number: count + 1, why: 'end_missing' } };
  if (head === 'lost') return { count, bad: { number: count + 1, why: 'head_missing' } };
  return { count, bad: null };
}

/** Is what the second place remembers still there, as it was? Quick enough for every start; `verifyChain` looks at everything. */
export function verifyEnd(responses: Pick<ResponseStore, 'auditRows'>, head: Head): boolean {
  if (head === null || head === 'lost') return head === null;
  const [row] = responses.auditRows(head.number);
  return row !== undefined && row.number === head.number && row.hash === head.hash && row.hash === auditHash(row.number, row.previous, row.note);
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
