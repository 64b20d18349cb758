import type { TokenEvent } from '../src/model/event.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import type { Place } from './places.ts';
import type { Near } from './unfamiliar-finding.ts';
import type { IdentityPlaces, UnfamiliarRecords } from './unfamiliar-records.ts';
import { isShortLived } from './use.ts';

/*
 * Another block of a known network is what scaling out, a second zone or the next deployment look like, and what a thief looks like who rents at
 * the same provider. It is told only by a second sign, in another field than the place, that none of those brings. While the old place goes on:
 * far more uses than ever in an hour about that time of day, which a share of the load cannot be; or a token of a session, which its holder does not carry
 * elsewhere. While it rests: uses about an hour of the day at which it never was at work, since whoever moves takes the timetable along.
 */

const hourSeconds = 3_600;
const dayHours = 24;
/** Hours since 1970 are kept modulo whole days. */
const hoursKept = 65_520;
/** Uses in the hour, and how many times the most that the whole identity ever made in one about that time of day. */
const leastUses = 8;
const leastTimes = 2;
/** So many times the most known, and that many more, is what one hour makes known. */
const mostGrowth = 2;
const most = 65_535;
/** So many days of work at the same hours make the others hours of rest. */
const leastDays = 14;
const mostDays = 255;
/** A count by hours that stands for so many or more. */
const many = 255;
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
  const { mostByHours, hour, hourUses } = identity;
  if (hourUses === 0) return;
  const known = Math.min(hourUses, mostGrowth * (identity.mostHourUses + 1));
  identity.mostHourUses = Math.max(identity.mostHourUses, known);
  if (mostAbout(identity, hour) === 0) identity.sameHoursDays = 0;
  else if (isDayOver && identity.sameHoursDays < mostDays) identity.sameHoursDays += 1;
  const place = (hour % dayHours) >> 1;
  if (mostByHours.get(place) < known) mostByHours.set(place, Math.min(many, known));
}

/** The most uses in one hour about that time of day: two hours, and those before and after. */
function mostAbout({ mostByHours, mostHourUses }: IdentityPlaces, hour: number): number {
  const { length } = mostByHours;
  const place = (hour % dayHours) >> 1;
  const found = Math.max(mostByHours.get(place), mostByHours.get((place + 1) % length), mostByHours.get((place + length - 1) % length));
  return found < many ? found : mostHourUses;
}

/** What speaks against a candidate of a known network beside the place; `null`: nothing. The use at hand is not yet counted. */
export function nearSign(event: TokenEvent, place: Place, seconds: number, identity: IdentityPlaces, token: UnfamiliarRecords['token']): Near | null {
  if (event.identityKind === 'human') return null;
  const isParallel = identity.returnedAfter !== 0;
  const isWandering = isParallel && token !== null && token.home !== 0 && token.home !== place.block && isShortLived(event);
  if (isWandering) return { kind: 'wandering', uses: 0, mostUses: 0, bits: 0 };
  const uses = identity.candidateUses + 1;
  if (uses < leastUses || identity.mostHourUses === 0) return null;
  const known = identity.sameHoursDays < leastDays ? identity.mostHourUses : mostAbout(identity, Math.floor(seconds / hourSeconds));
  if (known === 0) return { kind: 'resting', uses, mostUses: 0, bits: isParallel ? 0 : noveltyBits(0, identity.sameHoursDays) - byHandBits };
  const mostUses = Math.max(known, identity.hourUses);
  return isParallel && uses > leastTimes * mostUses ? { kind: 'crowded', uses, mostUses, bits: 0 } : null;
}

/** How improbable a day with a new block is for this identity, in bits. */
export function nearBits({ newBlockDays, activeDays }: IdentityPlaces): number {
  return noveltyBits(newBlockDays, activeDays);
}
