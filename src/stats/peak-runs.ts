import type { Numbers } from './numbers.ts';

/** Peaks kept for each measure and generation, falling. */
export const peaksKept = 6;
/** Old, previous, current. */
export const generations = 3;

/** Lengths of the arrays for a number of measures. */
export function peaksLength(measures: number): number {
  return measures * generations * peaksKept;
}

/** What `collect` found: one object for all calls. */
export const collected = { found: 0, highest: 0, excess: 0 };

/** Peaks from which on a few that stand far above all others are a kind of their own. */
const fewest = 3;

/**
 * The highest of a measure over the first `used` generations, each of which is sorted: a merge that stops after `peaksKept`. `excess`: the sum of what they
 * are above the lowest; where a few stand far above the others, as those of a quarterly job do, of these alone, and `far` for each of the rest.
 */
export function collect(peaks: Numbers, measure: number, used: number, far: number): void {
  const base = measure * generations * peaksKept;
  let a = 0;
  let b = used > 1 ? 0 : peaksKept;
  let c = used > 2 ? 0 : peaksKept;
  let found = 0;
  let sum = 0;
  let excess = Infinity;
  let value = 0;
  collected.highest = 0;
  for (; found < peaksKept; found += 1) {
    const old = a < peaksKept ? peaks.get(base + a) : 0;
    const previous = b < peaksKept ? peaks.get(base + peaksKept + b) : 0;
    const current = c < peaksKept ? peaks.get(base + 2 * peaksKept + c) : 0;
    const next = Math.max(old, previous, current);
    if (next === 0) break;
    if (next === old) a += 1;
    else if (next === previous) b += 1;
    else c += 1;
    value = next;
    if (found === 0) collected.highest = value;
    sum += value;
    if (found + 1 >= fewest) excess = Math.min(excess, sum - (found + 1) * value + far * (peaksKept - 1 - found));
  }
  collected.found = found;
  collected.excess = Math.min(excess, sum - found * value);
}

/** The highest of a measure over all generations; 0: none. */
export function highestOf(peaks: Numbers, measure: number): number {
  const base = measure * generations * peaksKept;
  return Math.max(peaks.get(base), peaks.get(base + peaksKept), peaks.get(base + 2 * peaksKept));
}

/** Puts a value in its place in a run of falling values; the lowest drops out. */
export function insertPeak(peaks: Numbers, base: number, value: number): void {
  let place = value;
  for (let rank = 0; rank < peaksKept && place > 0; rank += 1) {
    const held = peaks.get(base + rank);
    if (place > held) {
      peaks.set(base + rank, place);
      place = held;
    }
  }
}

/** Values of a measure's runs above `most` become `instead`, which is no more than that. */
export function lowerAbove(peaks: Numbers, measure: number, most: number, instead: number): void {
  const base = measure * generations * peaksKept;
  for (let run = base; run < base + generations * peaksKept; run += peaksKept) {
    for (let turn = 0; turn < peaksKept && peaks.get(run) > most; turn += 1) {
      for (let rank = 1; rank < peaksKept; rank += 1) peaks.set(run + rank - 1, peaks.get(run + rank));
      peaks.set(run + peaksKept - 1, 0);
      insertPeak(peaks, run, instead);
    }
  }
}
