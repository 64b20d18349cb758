import { contributionOf } from '../src/stats/heavy-hitters.ts';
import type { Numbers } from '../src/stats/numbers.ts';
import { knownPeak, peakValue } from '../src/stats/peak-book.ts';
import { valueOf } from './egress-evidence.ts';
import { kinds, measures, narrowest, weightOf } from './egress-measures.ts';
import { judgedValue } from './egress-sums.ts';
import type { IdentityVolume, ResourceVolume } from './egress-records.ts';

/** Who brought at least this share of a sum answers for it: a caller for what several share, a token before others of its identity. */
const responsibleShare = 0.5;

/** The identity's volume is above its own highest, or it has none to go by, and no other token of it is to blame. */
export function isUnusual(identity: IdentityVolume | null, measure: number, token: number): boolean {
  if (identity === null) return true;
  if (isOutweighed(identity, measure, token)) return false;
  const peak = knownPeak(identity, measure, narrowest);
  return peak === null || identity.limits.get(measure) === 0 || judgedValue(identity, measure, valueOf(identity, measure)) > peakValue(peak);
}

/**
 * Another token brought so much of the identity's sum that this one is not to blame. Where none did, as when a thief mints a token
 * an hour, the identity answers as a whole, and whichever token is at hand is named.
 */
export function isOutweighed(identity: IdentityVolume, measure: number, token: number): boolean {
  const day = kinds[measure]?.span === 'day';
  const keys = day ? identity.dayKeys : identity.windowKeys;
  const weights = day ? identity.dayWeights : identity.windowWeights;
  const { sums } = identity;
  const half = responsibleShare * (day ? weightOf(sums.get(measures.dayBytes), sums.get(measures.dayRequests))
    : weightOf(sums.get(measures.windowBytes), sums.get(measures.windowRequests)));
  for (let slot = 0; slot < keys.length; slot += 1) if (weights.get(slot) >= half && keys.get(slot) !== token) return true;
  return false;
}

export function isResponsible(resource: ResourceVolume, measure: number, caller: number): boolean {
  const day = kinds[measure]?.span === 'day';
  const keys = day ? resource.dayKeys : resource.windowKeys;
  const weights = day ? resource.dayWeights : resource.windowWeights;
  return contributionOf(keys, weights, caller) >= responsibleShare * sumOf(weights);
}

function sumOf(numbers: Numbers): number {
  let sum = 0;
  for (let index = 0; index < numbers.length; index += 1) sum += numbers.get(index);
  return sum;
}

/** A settled identity that brought most of a client's volume is judged by its own history. */
export function answersAlone(identity: IdentityVolume | null, measure: number, value: number): boolean {
  return identity !== null && identity.limits.get(measure) > 0 && valueOf(identity, measure) >= responsibleShare * value;
}

/** Shares are counted by weight, where bytes outweigh requests: who made less than half of the requests did not make them. */
export function canHaveBrought(identity: IdentityVolume | null, measure: number, value: number): boolean {
  return identity === null || valueOf(identity, measure) >= responsibleShare * value;
}
