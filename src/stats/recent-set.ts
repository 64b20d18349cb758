import type { Numbers } from './numbers.ts';

/**
 * A small set that ages by itself: each slot holds a 16-bit fingerprint and the day it was last seen.
 * When full, the slot not seen for longest gives way. A stranger passes for a member with
 * a chance of slots / 65,536. Answers the day (1 or later), or 0.
 */
export function daySeen(fingerprints: Numbers, days: Numbers, fingerprint: number): number {
  for (let slot = 0; slot < fingerprints.length; slot += 1) {
    if (fingerprints.get(slot) === fingerprint) {
      const day = days.get(slot);
      if (day > 0) return day;
    }
  }
  return 0;
}

/** Notes a sighting on a day (1 or later). Answers the day it was last seen before, or 0. */
export function noteSeen(fingerprints: Numbers, days: Numbers, fingerprint: number, day: number): number {
  let oldest = 0;
  let oldestDay = Infinity;
  for (let slot = 0; slot < fingerprints.length; slot += 1) {
    const seen = days.get(slot);
    if (fingerprints.get(slot) === fingerprint && seen > 0) {
      if (day > seen) days.set(slot, day);
      return seen;
    }
    if (seen < oldestDay) {
      oldest = slot;
      oldestDay = seen;
    }
  }
  fingerprints.set(oldest, fingerprint);
  days.set(oldest, day);
  return 0;
}

/** Takes over the members of another set, each with its newer day; one older than all here is no gain when there is no room. */
export function mergeSeen(fingerprints: Numbers, days: Numbers, others: Numbers, otherDays: Numbers): void {
  for (let other = 0; other < others.length; other += 1) {
    const day = otherDays.get(other);
    if (day === 0) continue;
    let oldestDay = Infinity;
    for (let slot = 0; slot < days.length; slot += 1) oldestDay = Math.min(oldestDay, days.get(slot));
    if (day > oldestDay || daySeen(fingerprints, days, others.get(other)) !== 0) noteSeen(fingerprints, days, others.get(other), day);
  }
}

/** Number of members. */
export function countSeen(days: Numbers): number {
  let members = 0;
  for (let slot = 0; slot < days.length; slot += 1) if (days.get(slot) > 0) members += 1;
  return members;
}

/** 16 bits of a 32-bit hash. */
export function fingerprint16(hash: number): number {
  return (hash ^ (hash >>> 16)) & 0xffff;
}
