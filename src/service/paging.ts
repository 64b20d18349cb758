import type { Paging } from '../server/api/ports.ts';

/** Something with its place in a list: highest `first`, then highest `second`, then lowest `id`. */
export interface Ordered<T> { readonly value: T; readonly id: string; readonly first: number; readonly second: number }

type Place = Omit<Ordered<unknown>, 'value'>;

export interface Page<T> {
  readonly values: T[];
  readonly total: number;
  /** Names the last place of the page, so what is new or changes before it moves nothing; `null`: there is no more. */
  readonly next: string | null;
}

/** One page out of a list in any order, in one pass over it: only the best that come after the last page are kept and sorted. */
export function pageOf<T>(all: Iterable<Ordered<T>>, { limit, after }: Paging): Page<T> {
  const from = after === undefined ? null : decode(after);
  let best: Ordered<T>[] = [];
  let total = 0;
  let left = 0;
  for (const one of all) {
    total++;
    if (from !== null && compare(one, from) <= 0) continue;
    left++;
    best.push(one);
    if (best.length >= 4 * limit + 64) best = best.sort(compare).slice(0, limit);
  }
  best = best.sort(compare).slice(0, limit);
  const last = best.at(-1);
  return { values: best.map(({ value }) => value), total, next: left > best.length && last !== undefined ? encode(last) : null };
}

/** Of all that have one key only the first in the order, with their number. */
export function firstOfEach<T>(all: Iterable<Ordered<T>>, keyOf: (value: T) => string): Iterable<Ordered<readonly [T, number]>> {
  const groups = new Map<string, { first: Ordered<T>; count: number }>();
  for (const one of all) {
    const key = keyOf(one.value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: one, count: 1 });
    else {
      group.count++;
      if (compare(one, group.first) < 0) group.first = one;
    }
  }
  return groups.values().map(({ first, count }) => ({ ...first, value: [first.value, count] as const }));
}

/** The words that somebody searches for, in small letters. */
export function wordsIn(text: string | undefined): string[] {
  return (text ?? '').toLowerCase().split(/\s+/).filter((word) => word !== '');
}

/** What is searched: all that is known, in small letters. */
export function wordsOf(...texts: readonly (string | null)[]): string {
  return texts.filter((text) => text !== null).join('\n').toLowerCase();
}

function compare(left: Place, right: Place): number {
  return right.first - left.first || right.second - left.second || (left.id < right.id ? -1 : left.id === right.id ? 0 : 1);
}

function encode({ first, second, id }: Place): string {
  return Buffer.from(JSON.stringify([first, second, id])).toString('base64url');
}

/** What is none leads to the first page. */
function decode(text: string): Place | null {
  try {
    const [first, second, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    return typeof first === 'number' && typeof second === 'number' && typeof id === 'string' ? { first, second, id } : null;
  } catch {
    return null;
  }
}
