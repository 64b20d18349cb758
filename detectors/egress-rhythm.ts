import { f32, u16s, u32 } from '../src/model/state.ts';
import type { Numbers } from '../src/stats/numbers.ts';

/** When an identity works: shares of its days with each hour of day, shares of each day of the week on which it worked at all. */
export const rhythmFields = {
  hourShares: u16s(24), weekdayShares: u16s(7), rareShare: f32(),
  /** Hours of the open day, a bit each; the rarest moment of it, in bits; and what the present moment is worth. */
  hoursToday: u32(), rarestToday: f32(), oddTimeBits: f32(),
};

export interface Rhythm {
  readonly hourShares: Numbers;
  readonly weekdayShares: Numbers;
  rareShare: number;
  hoursToday: number;
  rarestToday: number;
  oddTimeBits: number;
}

const hourMs = 3_600_000;
const whole = 65_535;
/** Days and weeks that the shares remember. */
const daysRemembered = 60;
const weeksRemembered = 16;
/** Active days before the hour says anything. */
const leastDays = 14;
/** The most that an odd time counts for: a job done again after it failed comes at an odd time too. */
const mostBits = 6;
/** From so many bits a time is odd enough to be evidence. */
export const leastOddBits = 2;
/** From so many bits a moment is rare; who has rare moments all the time is not odd for another one. */
const rareBits = 3;
/** Half a sighting for what never was. */
const prior = 0.5;

/** A ten-minute window opens: how odd is it that the identity works at this hour of this weekday? */
export function noteTime(rhythm: Rhythm, timeMs: number, day: number, activeDays: number, knownDays: number): void {
  const hour = Math.floor(timeMs / hourMs) % 24;
  rhythm.hoursToday = (rhythm.hoursToday | 1 << hour) >>> 0;
  if (activeDays < leastDays) {
    rhythm.oddTimeBits = 0;
    return;
  }
  const days = Math.min(activeDays, daysRemembered);
  const weeks = Math.min(knownDays / 7, weeksRemembered);
  const bits = smoothedBits(shareNear(rhythm.hourShares, hour), days) + smoothedBits(rhythm.weekdayShares.get(day % 7) / whole, weeks);
  rhythm.rarestToday = Math.max(rhythm.rarestToday, bits);
  rhythm.oddTimeBits = Math.min(mostBits, bits, smoothedBits(rhythm.rareShare, days));
}

/** The open day is over; `nextDay` is the one that comes, after days without work perhaps. */
export function closeRhythmDay(rhythm: Rhythm, day: number, nextDay: number, activeDays: number, knownDays: number): void {
  const hourWeight = 1 / Math.min(activeDays + 1, daysRemembered);
  for (let hour = 0; hour < 24; hour += 1) {
    const held = rhythm.hourShares.get(hour);
    const seen = (rhythm.hoursToday >>> hour & 1) * whole;
    rhythm.hourShares.set(hour, Math.round(held + hourWeight * (seen - held)));
  }
  rhythm.rareShare += hourWeight * ((rhythm.rarestToday >= rareBits ? 1 : 0) - rhythm.rareShare);
  const weekWeight = 1 / Math.min(Math.floor(knownDays / 7) + 1, weeksRemembered);
  for (let each = day; each < Math.min(nextDay, day + 7 * weeksRemembered); each += 1) {
    const held = rhythm.weekdayShares.get(each % 7);
    rhythm.weekdayShares.set(each % 7, Math.round(held + weekWeight * ((each === day ? whole : 0) - held)));
  }
  rhythm.hoursToday = 0;
  rhythm.rarestToday = 0;
}

/** A job that starts on the hour may start before it. */
function shareNear(shares: Numbers, hour: number): number {
  return Math.max(shares.get(hour), shares.get((hour + 23) % 24) / 2, shares.get((hour + 1) % 24) / 2) / whole;
}

function smoothedBits(share: number, of: number): number {
  return -Math.log2((share * of + prior) / (of + 2 * prior));
}
