import { f32, u16 } from '../src/model/state.ts';
import { learnLog, type LogMoments } from '../src/stats/log-moments.ts';

/** Sizes of an identity's responses on a log scale, and how far the last ones in a row were above them. */
export const sizeFields = { mean: f32(), variance: f32(), count: u16(), shift: f32(), shiftCount: u16(), shiftLogs: f32() };

export interface Sizes extends LogMoments { shift: number; shiftCount: number; shiftLogs: number }

/** Responses that make the usual size. */
const memory = 1_000;
/** Responses before the usual is known. */
const leastCount = 50;
/** One response counts for no more than so many deviations, and must exceed the mean by so many to count at all. */
const mostDeviations = 3;
const slackDeviations = 0.5;
/** The narrowest spread believed, in natural-log units. */
const leastDeviation = 0.25;

/**
 * Adds a response up with those before it that were larger than usual (a one-sided CUSUM; Page, 1954), then learns it. A wider query under
 * the same calls shifts every size, which shows long before the sum does.
 */
export function addSize(sizes: Sizes, bytes: number): void {
  if (sizes.count >= leastCount) {
    const above = Math.log(bytes) - sizes.mean;
    const deviations = above / Math.max(leastDeviation, Math.sqrt(sizes.variance));
    sizes.shift = Math.max(0, sizes.shift + Math.max(-mostDeviations, Math.min(mostDeviations, deviations)) - slackDeviations);
    sizes.shiftCount = sizes.shift === 0 ? 0 : Math.min(65_535, sizes.shiftCount + 1);
    sizes.shiftLogs = sizes.shift === 0 ? 0 : sizes.shiftLogs + above;
  }
  learnLog(sizes, bytes, memory);
}

/** A new day: what was large yesterday is no run any more. */
export function endRun(sizes: Sizes): void {
  sizes.shift = 0;
  sizes.shiftCount = 0;
  sizes.shiftLogs = 0;
}

/** How many times as large as usual the responses of the present run are, in the geometric mean. */
export function timesUsual({ shiftCount, shiftLogs }: Sizes): number {
  return shiftCount === 0 ? 1 : Math.exp(shiftLogs / shiftCount);
}
