/**
 * A level that follows its series slowly, and how far the last values in a row were above it: a one-sided CUSUM (Page, 1954) of what double
 * exponential smoothing (Holt, 1957) did not expect, on a log scale. A trend that was always there is expected; a step is not, however small
 * it is beside the highest value. What is above is hardly learned, so a step does not become the level before it has been told.
 */
export interface LevelShift {
  /** Values so far; counts no further than it matters. */
  values: number;
  level: number;
  trend: number;
  variance: number;
  /** Sum of what was above, in deviations; and of how many values in a row. */
  shift: number;
  shiftValues: number;
}

/** Values that the level and the variance remember. */
const levelMemory = 8;
const varianceMemory = 26;
const mostValues = 1_000;
/** The spread expected before any is known, and of how many values it is worth; the narrowest believed. In natural-log units. */
const priorVariance = 0.04;
const priorWeight = 4;
const leastDeviation = 0.1;
/** How fast the trend follows the level, and the steepest believed: three per cent a value. */
const trendRate = 0.3;
const steepest = 0.03;
/** So much above is no excess, in natural-log units; and one value counts for no more than so many deviations. */
const margin = 0.15;
const slackDeviations = 0.5;
const mostDeviations = 3;
/** From such a sum on the level learns at a tenth of its pace. */
const suspicious = 2;
const suspiciousPace = 0.1;
/** Values before a shift is counted. */
const settled = 8;
/** Where the sum ends, so that it comes down again. */
const mostShift = 12;

/** What the next value was expected to be. */
export function expectedNext({ level, trend }: LevelShift): number {
  return level + trend;
}

/** Adds a value up with those before it, then learns it. */
export function addValue(series: LevelShift, value: number): void {
  series.values = Math.min(mostValues, series.values + 1);
  if (series.values === 1) {
    series.level = value;
    series.variance = priorVariance;
    return;
  }
  const expected = expectedNext(series);
  const deviation = Math.max(leastDeviation, Math.sqrt(series.variance));
  if (series.values > settled) addUp(series, clamp((value - expected - margin) / deviation) - slackDeviations);
  const error = clamp((value - expected) / deviation) * deviation;
  const weight = (series.shift > suspicious ? suspiciousPace : 1) / Math.min(series.values, levelMemory);
  series.level = expected + weight * error;
  series.trend = Math.max(-steepest, Math.min(steepest, series.trend + trendRate * weight * error));
  series.variance += (error * error - series.variance) / Math.min(series.values + priorWeight, varianceMemory);
}

/** The present level is the usual one from here on. */
export function acceptLevel(series: LevelShift, level: number): void {
  series.level = level;
  series.trend = 0;
  series.shift = 0;
  series.shiftValues = 0;
}

function addUp(series: LevelShift, above: number): void {
  series.shift = Math.min(mostShift, Math.max(0, series.shift + above));
  series.shiftValues = series.shift === 0 ? 0 : Math.min(255, series.shiftValues + 1);
}

function clamp(deviations: number): number {
  return Math.max(-mostDeviations, Math.min(mostDeviations, deviations));
}
