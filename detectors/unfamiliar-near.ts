import type { TokenEvent } from '../src/model/event.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import type { Place } from './places.ts';
import type { Near } from './unfamiliar-finding.ts';
import type { IdentityPlaces, UnfamiliarRecords } from './unfamiliar-records.ts';
import { isShortLived } from './use.ts';

/*
 * Another block of a known network is what scaling out, a second zone or the next deployment look like, and what a thief looks like who rents at
 * the same provider. It is told only while the old place goes on, and by a second sign that none of those brings: far more uses than ever
 * within the hour, which a share of the load cannot be; or a token of a session, which its holder does not carry elsewhere.
 */

const hourSeconds = 3_600;
/** Uses in the hour, and how many times the most that the whole identity ever made in one. */
const leastUses = 8;
const leastTimes = 2;
/** So many times the most known, and that many more, is what one hour makes known. */
const mostGrowth = 2;
const most = 65_535;

/**
 * Counts a use into its hour: those at a new place apart, since they are what the others are held against. Of these half go on into the next
 * hour, so that none begins at a fixed time; where they are a share of the usual they come to no more than twice that.
 */
export function countHour(identity: IdentityPlaces, place: Place, seconds: number): void {
  const hour = Math.floor(seconds / hourSeconds) & 0xffff;
  if (hour !== identity.hour) {
    // One hour raises it a little only, or a theft from the known place would make room for one from beside it.
    identity.mostHourUses = Math.max(identity.mostHourUses, Math.min(identity.hourUses, mostGrowth * (identity.mostHourUses + 1)));
    identity.hour = hour;
    identity.hourUses = 0;
    identity.candidateUses >>= 1;
  }
  if (identity.candidateSeconds > 0 && identity.candidate === place.block) identity.candidateUses = Math.min(most, identity.candidateUses + 1);
  else if (identity.hourUses < most) identity.hourUses += 1;
}

/** What speaks against a candidate of a known network beside the place; `null`: nothing. The use at hand is not yet counted. */
export function nearSign(event: TokenEvent, place: Place, identity: IdentityPlaces, token: UnfamiliarRecords['token']): Near | null {
  if (event.identityKind === 'human') return null;
  if (token !== null && token.home !== 0 && token.home !== place.block && isShortLived(event)) return { kind: 'wandering', uses: 0, mostUses: 0 };
  const mostUses = Math.max(identity.mostHourUses, identity.hourUses);
  const uses = identity.candidateUses + 1;
  return uses >= leastUses && uses > leastTimes * mostUses && mostUses > 0 ? { kind: 'crowded', uses, mostUses } : null;
}

/** How improbable a day with a new block is for this identity, in bits. */
export function nearBits({ newBlockDays, activeDays }: IdentityPlaces): number {
  return noveltyBits(newBlockDays, activeDays);
}
