/** Arithmetic of sorted address ranges, for building the table. */

/** From `start` to `end` (inclusive) this value holds. v4: the address; v6: its first 64 bits. */
export interface Range<T> { readonly start: bigint; readonly end: bigint; readonly value: T }

/** From `start` up to the next row's start. ASN 0 and country '' mean unknown. */
export interface Row { readonly start: bigint; readonly asNumber: number; readonly country: string }

/** The ranges without what lies in `holes`; both sorted by start, the holes without overlap. */
export function subtract<T>(ranges: readonly Range<T>[], holes: readonly Range<unknown>[]): Range<T>[] {
  return ranges.flatMap((range) => {
    const kept: Range<T>[] = [];
    let start = range.start;
    for (const hole of holes) {
      if (hole.end < start || hole.start > range.end) continue;
      if (hole.start > start) kept.push({ ...range, start, end: hole.start - 1n });
      start = hole.end + 1n;
    }
    if (start <= range.end) kept.push({ ...range, start });
    return kept;
  });
}

/**
 * Lays two lists of ranges over one another and merges neighbours that say the same. Each
 * list is sorted by start; where two of one list overlap, the earlier keeps what both claim.
 */
export function overlay(asNumbers: readonly Range<number>[], countries: readonly Range<string>[]): Row[] {
  const left = withoutOverlap(asNumbers);
  const right = withoutOverlap(countries);
  const cuts = [...new Set([...left, ...right].flatMap((range) => [range.start, range.end + 1n]))];
  cuts.sort((a, b) => (a < b ? -1 : 1));
  const rows: Row[] = [];
  let l = 0;
  let r = 0;
  for (const start of cuts) {
    while (l < left.length && left[l]!.end < start) l++;
    while (r < right.length && right[r]!.end < start) r++;
    const row = { start, asNumber: valueAt(left[l], start) ?? 0, country: valueAt(right[r], start) ?? '' };
    const last = rows.at(-1);
    if (last?.asNumber !== row.asNumber || last.country !== row.country) rows.push(row);
  }
  return rows;
}

function valueAt<T>(range: Range<T> | undefined, at: bigint): T | undefined {
  return range !== undefined && range.start <= at ? range.value : undefined;
}

function withoutOverlap<T>(ranges: readonly Range<T>[]): Range<T>[] {
  const kept: Range<T>[] = [];
  let next = 0n;
  for (const range of ranges) {
    const start = range.start > next ? range.start : next;
    if (start > range.end) continue;
    kept.push({ ...range, start });
    next = range.end + 1n;
  }
  return kept;
}
