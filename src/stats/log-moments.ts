/** Running mean and variance of logarithms, recent values weighing more. */
export interface LogMoments { mean: number; variance: number; count: number }

/**
 * Learns one positive value: a plain mean over the first `memory` values, exponentially weighted after
 * (West, 1979, with the weight capped from below). `count` stops at 65,535.
 */
export function learnLog(moments: LogMoments, value: number, memory: number): void {
  moments.count = Math.min(65_535, moments.count + 1);
  const weight = 1 / Math.min(moments.count, memory);
  const difference = Math.log(value) - moments.mean;
  moments.mean += weight * difference;
  moments.variance = (1 - weight) * (moments.variance + weight * difference * difference);
}

/**
 * The value that is `deviations` standard deviations above the mean on the log scale. `leastDeviation` is the
 * narrowest spread believed, in natural-log units, so that a few equal values do not make a law.
 */
export function farAbove(moments: LogMoments, deviations: number, leastDeviation: number): number {
  return Math.exp(moments.mean + deviations * Math.max(leastDeviation, Math.sqrt(moments.variance)));
}
