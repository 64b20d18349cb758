import type { TokenEvent } from '../src/model/event.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import type { Place } from './places.ts';
import type { Near } from './unfamiliar-finding.ts';
import type { IdentityPlaces, UnfamiliarRecords } from './unfamiliar-records.ts';
import { isShortLived } from './use.ts';

/*
 * Another block of a known network is what scaling out, a second zone or the next deployment look like, and what a thief looks like who rents at
 * the same provider. It is told only by a second sign, in another field than the place, that none of those brings. While the old place goes on:
 * far more uses than ever within the hour, which a share of the load cannot be; or a token of a session, which its holder does not carry
 * elsewhere. While it rests: uses about an hour of the day at which it never was at work, since whoever moves takes the timetable along.
 */

const hourSeconds = 3_600;
const dayHours = 24;
/** Hours since 1970 are kept modulo whole days. */
const hoursKept = 65_520;
/** Uses in the hour, and how many times the most that the whole identity ever made in one. */
const leastUses = 8;
const leastTimes = 2;
/** So many times the most known, and that many more, is what one hour makes known. */
const mostGrowth = 2;
const most = 65_535;
/** So many days of work at the same hours make the others hours of rest. */
const leastDays = 14;
const mostDays = 255;
/** Who moves something may run it once by hand: that both are new is no two wonders. */
const byHandBits = 6;

/**
 * Counts a use into its hour: those at a place on probation apart, since they are what the others are held against. Of these half go on into the
 * next hour, so that none begins at a fixed time; where they are a share of the usual they come to no more than twice that.
 */
export function countHour(identity: IdentityPlaces, place: Place, seconds: number, probationSeconds: number): void {
  const hour = Math.floor(seconds / hourSeconds) % hoursKept;
  if (hour !== identity.hour) {
    closeHour(identity, Math.floor(hour / dayHours) !== Math.floor(identity.hour / dayHours));
    identity.hour = hour;
    identity.hourUses = 0;
    identity.candidateUses >>= 1;
  }
  const isOnProbation = identity.candidateSeconds > 0 && identity.candidate === place.block && seconds - identity.candidateSeconds <= probationSeconds;
  if (isOnProbation) identity.candidateUses = Math.min(most, identity.candidateUses + 1);
  else if (identity.hourUses < most) identity.hourUses += 1;
}

/** One hour raises the most a little only, or a theft from the known place would make room for one from beside it. */
function closeHour(identity: IdentityPlaces, isDayOver: boolean): void {
  const { hours, hour, hourUses } = identity;
  if (hourUses === 0) return;
  identity.mostHourUses = Math.max(identity.mostHourUses, Math.min(hourUses, mostGrowth * (identity.mostHourUses + 1)));
  const ofDay = hour % dayHours;
  if (isRest(hours, ofDay)) identity.sameHoursDays = 0;
  else if (isDayOver && identity.sameHoursDays < mostDays) identity.sameHoursDays += 1;
  identity.hours = hours | 1 << ofDay;
}

/** There never was work at this hour of the day nor at those beside it. */
function isRest(hours: number, ofDay: number): boolean {
  return (hours & (1 << ofDay | 1 << (ofDay + 1) % dayHours | 1 << (ofDay + dayHours - 1) % dayHours)) === 0;
}

/** What speaks against a candidate of a known network beside the place; `null`: nothing. The use at hand is not yet counted. */
export function nearSign(event: TokenEvent, place: Place, seconds: number, identity: IdentityPlaces, token: UnfamiliarRecords['token']): Near | null {
  if (event.identityKind === 'human') return null;
  const isParallel = identity.returnedSeconds !== 0;
  if (isParallel && token !== null && token.home !== 0 && token.home !== place.block && isShortLived(event)) return { kind: 'wandering', uses: 0, mostUses: 0, bits: 0 };
  const uses = identity.candidateUses + 1;
  if (uses < leastUses || identity.mostHourUses === 0) return null;
  const isAtRest = identity.sameHoursDays >= leastDays && isRest(identity.hours, Math.floor(seconds / hourSeconds) % dayHours);
  if (isAtRest) return { kind: 'resting', uses, mostUses: 0, bits: isParallel ? 0 : noveltyBits(0, identity.sameHoursDays) - byHandBits };
  const mostUses = Math.max(identity.mostHourUses, identity.hourUses);
  return isParallel && uses > leastTimes * mostUses ? { kind: 'crowded', uses, mostUses, bits: 0 } : null;
}

/** How improbable a day with a new block is for this identity, in bits. */
export function nearBits({ newBlockDays, activeDays }: IdentityPlaces): number {
  return noveltyBits(newBlockDays, activeDays);
}
