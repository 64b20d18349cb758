import { knownPeak } from '../src/stats/peak-book.ts';
import { measures, narrowest } from './egress-measures.ts';
import type { IdentityVolume } from './egress-records.ts';

/** In natural-log units: what a day must exceed the highest by to count as drift, what one day can add, and the sum that is beyond belief. */
const driftMargin = 0.22;
const driftPerDay = 0.4;
const driftLimit = 1;

/**
 * How far the last days in a row went beyond a margin over the highest known, summed up on a log scale (a one-sided CUSUM; Page, 1954).
 * One day counts little, so that a peak of a day or two stays a matter of its size.
 */
export function driftAfter(identity: IdentityVolume, dayBytes: number): number {
  const peak = knownPeak(identity, measures.dayBytes, narrowest);
  if (peak === null || identity.limits.get(measures.dayBytes) === 0 || dayBytes === 0) return 0;
  return Math.max(0, identity.drift + Math.min(driftPerDay, Math.log1p(dayBytes) - peak.highest - driftMargin));
}

/** After days beyond the known the limit of the next comes down: a ramp need not reach what one sudden day may. */
export function lowerForDrift(identity: IdentityVolume): void {
  const peak = knownPeak(identity, measures.dayBytes, narrowest);
  const missing = driftLimit - identity.drift;
  if (peak === null || missing > driftPerDay) return;
  const limit = Math.expm1(peak.highest + driftMargin + Math.max(0, missing));
  identity.limits.set(measures.dayBytes, Math.min(limit, identity.limits.get(measures.dayBytes)));
}
