import type { Numbers } from './numbers.ts';

/**
 * A histogram whose equal-width bins grow with what they see: 28 bins of 16 bits and two floats are
 * 64 bytes. A value outside [low, low + bins * width) doubles the width and adds the bins up in pairs,
 * towards the side of the value, so every count ever made stays in a bin.
 * Counts are in sixteenths: halving them to forget then still tells one sighting from none.
 */
export interface AdaptiveHistogram {
  readonly counts: Numbers;
  low: number;
  /** 0 until the first value. */
  width: number;
}

/** One sighting, in the unit of `counts`. */
const sighting = 16;
const highestCount = 65_535;
/** Prior weight of each bin, in sightings. */
const prior = 0.1;
/** A range can double this often before it holds any pair of finite 32-bit floats. */
const mostDoublings = 300;

/**
 * How rare a value is, in bits: -log2 of the smoothed share of its bin; for a value outside the range,
 * of an empty bin. At most about log2(sightings): how far outside it lies is for the caller to add.
 */
export function rarityBits(histogram: AdaptiveHistogram, value: number): number {
  const { counts } = histogram;
  let total = 0;
  for (let bin = 0; bin < counts.length; bin += 1) total += counts.get(bin);
  const bin = binOf(histogram, value);
  const count = bin < 0 || bin >= counts.length ? 0 : counts.get(bin);
  return -Math.log2((count / sighting + prior) / (total / sighting + prior * counts.length));
}

/**
 * Learns one value. `finest` is the narrowest bin that makes sense in the value's unit.
 * When a bin is full, all are halved: the past then weighs half.
 */
export function learnValue(histogram: AdaptiveHistogram, value: number, finest: number): void {
  const { counts } = histogram;
  if (histogram.width === 0) {
    histogram.width = finest;
    histogram.low = value - finest * (counts.length / 2);
  }
  for (let doubling = 0; doubling < mostDoublings; doubling += 1) {
    const bin = binOf(histogram, value);
    if (bin >= 0 && bin < counts.length) {
      if (counts.get(bin) + sighting > highestCount) halve(counts);
      counts.set(bin, counts.get(bin) + sighting);
      return;
    }
    widen(histogram, bin < 0);
  }
}

/** The value below which a share of what was seen lies, to within a bin; `null` before the first value. */
export function quantileOf(histogram: AdaptiveHistogram, share: number): number | null {
  const { counts } = histogram;
  let total = 0;
  for (let bin = 0; bin < counts.length; bin += 1) total += counts.get(bin);
  if (total === 0) return null;
  let below = 0;
  for (let bin = 0; bin < counts.length; bin += 1) {
    const here = counts.get(bin);
    if (here > 0 && below + here >= share * total) {
      return histogram.low + histogram.width * (bin + (share * total - below) / here);
    }
    below += here;
  }
  return histogram.low + histogram.width * counts.length;
}

function binOf(histogram: AdaptiveHistogram, value: number): number {
  return histogram.width === 0 ? -1 : Math.floor((value - histogram.low) / histogram.width);
}

function halve(counts: Numbers): void {
  for (let bin = 0; bin < counts.length; bin += 1) counts.set(bin, counts.get(bin) >> 1);
}

/** Doubles the range downwards or upwards; the present bins become the upper or the lower half. */
function widen(histogram: AdaptiveHistogram, downwards: boolean): void {
  const { counts } = histogram;
  const half = counts.length / 2;
  if (downwards) {
    histogram.low -= histogram.width * counts.length;
    for (let pair = half - 1; pair >= 0; pair -= 1) counts.set(half + pair, pairSum(counts, pair));
    for (let bin = 0; bin < half; bin += 1) counts.set(bin, 0);
  } else {
    for (let pair = 0; pair < half; pair += 1) counts.set(pair, pairSum(counts, pair));
    for (let bin = half; bin < counts.length; bin += 1) counts.set(bin, 0);
  }
  histogram.width *= 2;
}

function pairSum(counts: Numbers, pair: number): number {
  return Math.min(highestCount, counts.get(2 * pair) + counts.get(2 * pair + 1));
}
