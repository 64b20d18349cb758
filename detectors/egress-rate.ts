import { f32, f32s, u16s, u32 } from '../src/model/state.ts';
import { numbersOf } from '../src/stats/numbers.ts';
import type { ToldRate } from '../src/stats/rate.ts';

/** Bins of each histogram. One either side moves results by as much as any other choice does. */
const bins = 28;

/** Fields of an identity's rate of bytes, ten minutes at a time on a log scale. */
export const rateFields = {
  counts: u16s(bins), low: f32(), width: f32(), distanceCounts: u16s(bins), distanceLow: f32(), distanceWidth: f32(),
  levels: f32s(24), hoursKnown: u32(),
};

/** The same in plain memory, for one series. */
export function freshRate(): ToldRate {
  return {
    counts: numbersOf(new Uint16Array(bins)), low: 0, width: 0, distanceCounts: numbersOf(new Uint16Array(bins)), distanceLow: 0, distanceWidth: 0,
    levels: numbersOf(new Float32Array(24)), hoursKnown: 0, standing: 0,
  };
}
