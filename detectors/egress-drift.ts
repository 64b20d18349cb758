import { knownPeak, peakValue } from '../src/stats/peak-book.ts';
import { measures, narrowest } from './egress-measures.ts';
import type { IdentityVolume } from './egress-records.ts';

/** In natural-log units: what a day must exceed the highest by to count as drift, what one day can add, and the sum that is beyond belief. */
const driftMargin = 0.22;
const driftPerDay = 0.4;
const driftLimit = 1;
/** What is done again may be somewhat larger. */
const anotherRun = 1.2;

/**
 * How far the last days in a row went beyond a margin over the highest known, summed up on a log scale (a one-sided CUSUM; Page, 1954).
 * One day counts little, so that a peak of a day or two stays a matter of its size.
 */
export function driftAfter(identity: IdentityVolume, dayBytes: number): number {
  const peak = knownPeak(identity, measures.dayBytes, narrowest);
  if (peak === null || identity.limits.get(measures.dayBytes) === 0 || dayBytes === 0) return 0;
  return Math.max(0, identity.drift + Math.min(driftPerDay, Math.log1p(dayBytes) - peak.highest - driftMargin));
}

/** A day may bring its run twice, as when that failed: the largest known day and one more of the largest hours. */
export function leaveRoomForAnotherRun(identity: IdentityVolume): void {
  for (const [day, hour] of [[measures.dayBytes, measures.hourBytes], [measures.dayRequests, measures.hourRequests]] as const) {
    const limit = identity.limits.get(day);
    const ofDay = limit === 0 ? null : knownPeak(identity, day, narrowest);
    const ofHour = limit === 0 ? null : knownPeak(identity, hour, narrowest);
    if (ofDay !== null && ofHour !== null) identity.limits.set(day, Math.max(limit, peakValue(ofDay) + anotherRun * peakValue(ofHour)));
  }
}

/** Have the days before gone so far beyond the known that the limit of this one is lower? */
export function isDrifting({ drift }: IdentityVolume): boolean {
  return driftLimit - drift <= driftPerDay;
}

/** After days beyond the known the limit of the next comes down: a ramp need not reach what one sudden day may. */
export function lowerForDrift(identity: IdentityVolume): void {
  const peak = knownPeak(identity, measures.dayBytes, narrowest);
  if (peak === null || !isDrifting(identity)) return;
  const missing = driftLimit - identity.drift;
  const limit = Math.expm1(peak.highest + driftMargin + Math.max(0, missing));
  identity.limits.set(measures.dayBytes, Math.min(limit, identity.limits.get(measures.dayBytes)));
}
