import { learnValue, rarityBits, type AdaptiveHistogram } from './adaptive-histogram.ts';
import type { Numbers } from './numbers.ts';

/**
 * How rare the rate of a source is, in bits, as it comes: by the share of earlier values near it, and by the share of earlier distances
 * from what is usual at its hour of day. The rarer view counts, so a value is judged by where it never was as well as by when.
 * About 270 bytes for one source; works for bytes and requests of windows on a log scale as for any other series.
 */
export interface Rate {
  readonly counts: Numbers;
  low: number;
  width: number;
  /** Histogram of distances from the hour's level. */
  readonly distanceCounts: Numbers;
  distanceLow: number;
  distanceWidth: number;
  /** Running level of each hour of day, UTC. */
  readonly levels: Numbers;
  /** Bit for each hour that has a level. */
  hoursKnown: number;
}

/** One of which each rarity is to be told once. */
export interface ToldRate extends Rate {
  /** Rarity that was reported and still stands: what is no rarer is no news. */
  standing: number;
}

const hourMs = 3_600_000;
/** Share of a value in its hour's level: about ten values make it. */
const levelWeight = 0.1;
/** Values after which a reported rarity stands for a third of itself. */
const standingFor = 1_500;
/** First width of a bin as a share of the first value; a histogram widens by itself but never narrows. */
const firstWidth = 0.01;
const narrowestWidth = 1e-9;
/** How far beyond the known range, in quarters of it, counts as one bit, then two, four and so on. */
const quarters = 4;

/** Bits by which this value is rare, before it is learned; 0 for what is no rarer than what was reported lately. */
export function newsBits(rate: ToldRate, timeMs: number, value: number): number {
  const bits = rareBits(rate, timeMs, value);
  return bits > rate.standing ? bits : 0;
}

/** Bits by which this value is rare, whatever was reported before. */
export function rareBits(rate: Rate, timeMs: number, value: number): number {
  const byValue = rate.width === 0 ? 0 : rarityBits(rate, value) + beyondBits(rate, value);
  const hour = hourOf(timeMs);
  if ((rate.hoursKnown >>> hour & 1) === 0 || rate.distanceWidth === 0) return byValue;
  const distance = value - rate.levels.get(hour);
  const distances = distancesOf(rate);
  return Math.max(byValue, rarityBits(distances, distance) + beyondBits(distances, distance));
}

/** Learns a value, and that its rarity was told. */
export function learnTold(rate: ToldRate, timeMs: number, value: number): void {
  rate.standing = Math.max(rareBits(rate, timeMs, value), rate.standing * (1 - 1 / standingFor));
  learnRate(rate, timeMs, value);
}

/** Learns a value. */
export function learnRate(rate: Rate, timeMs: number, value: number): void {
  learnValue(rate, value, widthFor(value));
  const hour = hourOf(timeMs);
  const known = (rate.hoursKnown >>> hour & 1) === 1;
  const level = known ? rate.levels.get(hour) : value;
  if (known) learnDistance(rate, value - level);
  rate.levels.set(hour, level + levelWeight * (value - level));
  rate.hoursKnown = (rate.hoursKnown | 1 << hour) >>> 0;
}

/** One object for all calls, so that looking at the second histogram of a rate allocates nothing. */
const shared: { counts: Numbers; low: number; width: number } = { counts: { length: 0, get: () => 0, set: () => undefined }, low: 0, width: 0 };

function distancesOf(rate: Rate): AdaptiveHistogram {
  shared.counts = rate.distanceCounts;
  shared.low = rate.distanceLow;
  shared.width = rate.distanceWidth;
  return shared;
}

function learnDistance(rate: Rate, distance: number): void {
  const distances = distancesOf(rate);
  learnValue(distances, distance, widthFor(distance));
  rate.distanceLow = distances.low;
  rate.distanceWidth = distances.width;
}

function beyondBits({ counts, low, width }: AdaptiveHistogram, value: number): number {
  const range = width * counts.length;
  const beyond = Math.max(low - value, value - low - range);
  return beyond <= 0 ? 0 : Math.log2(1 + quarters * beyond / range);
}

function widthFor(first: number): number {
  return Math.max(narrowestWidth, firstWidth * Math.abs(first) || 1e-6);
}

function hourOf(timeMs: number): number {
  return Math.floor(timeMs / hourMs) % 24;
}
