import { f32, u16s, u8 } from '../src/model/state.ts';
import type { Numbers } from '../src/stats/numbers.ts';
import { dayMs, hourMs } from './egress-measures.ts';

/** What an identity takes on each day of the week, and what follows from that for the day that is open. */
export const expectedFields = {
  /** Mean bytes of a weekday, as logarithms in steps. */
  weekdayLevels: u16s(7),
  /** Bytes that hours still to come usually bring; the root of what such a weekday brings beside the busiest one, in per cent, 0 before that is known. */
  restBytes: f32(), dayPercent: u8(),
  /** Largest response of the day. */
  largest: f32(),
};

export interface Expected {
  readonly weekdayLevels: Numbers;
  restBytes: number;
  dayPercent: number;
  largest: number;
}

/** How often it works in an hour of the day, and the logarithm of what it takes in ten minutes of it. */
interface Hours { readonly hourShares: Numbers; readonly levels: Numbers }

/** Steps per natural-log unit. */
const steps = 1600;
const weeksRemembered = 8;
/** Days before it says anything. */
const leastDays = 21;
/** What is so many times the usual teaches no more than that. */
const mostTimes = 3;
/** A weekday that brings less than this share of the busiest is quiet, and can be held against less; not one on which nothing happens at all. */
const quietShare = 0.6;
const idleShare = 0.05;
const leastFactor = 0.5;
/** One response that makes so much of a sum is a matter of its own size, whatever the day. */
export const mostOfIt = 0.6;
/** The most that 16 bits hold; the largest share of days with work in an hour that is told from always. */
const whole = 65_535;
const nearlyAlways = 0.98;

/** Of calls that come by chance, the share of hours that had some tells how many come in one. By the upper half of the share. */
const callsByShare = Float64Array.from({ length: 256 }, (_, share) => -Math.log(1 - Math.min(nearlyAlways, (share + 0.5) / 256)));
/** Powers of e, in steps fine enough for shares of a day. */
const perLevel = 32;
const bytesByLevel = Float64Array.from({ length: 41 * perLevel }, (_, step) => Math.exp(step / perLevel));

const levelAt = (levels: Numbers, place: number): number => Math.expm1(levels.get(place) / steps);

/** The open day is over; `nextDay` is the one that comes, after days without work perhaps. */
export function closeWeekday({ weekdayLevels }: Expected, day: number, nextDay: number, bytes: number, knownDays: number): void {
  const weight = 1 / Math.min(Math.floor(knownDays / 7) + 1, weeksRemembered);
  for (let each = day; each < Math.min(nextDay, day + 7 * weeksRemembered); each += 1) {
    const held = levelAt(weekdayLevels, each % 7);
    const brought = each === day ? bytes : 0;
    const level = held + weight * ((held > 0 ? Math.min(brought, mostTimes * held) : brought) - held);
    weekdayLevels.set(each % 7, Math.min(whole, Math.round(Math.log1p(level) * steps)));
  }
}

/** What such a weekday usually brings; 0: not known yet. */
export function usualOf({ weekdayLevels }: Expected, day: number, knownDays: number): number {
  return knownDays < leastDays ? 0 : levelAt(weekdayLevels, day % 7);
}

/** What the busiest weekday usually brings. */
export function busiestOf({ weekdayLevels }: Expected): number {
  let busiest = 0;
  for (let each = 1; each < 7; each += 1) if (weekdayLevels.get(each) > weekdayLevels.get(busiest)) busiest = each;
  return levelAt(weekdayLevels, busiest);
}

/** A day opens: how quiet is its weekday? */
export function openWeekday(expected: Expected, day: number, knownDays: number): void {
  const usual = usualOf(expected, day, knownDays);
  const share = usual === 0 ? 1 : usual / busiestOf(expected);
  expected.dayPercent = share > quietShare || share < idleShare ? 100 : Math.round(100 * Math.max(leastFactor, Math.sqrt(share)));
}

/** A window opens: renews what is expected of the rest of the day. */
export function lookAhead(expected: Expected & Hours, timeMs: number, knownDays: number): void {
  const usual = usualOf(expected, Math.floor(timeMs / dayMs), knownDays);
  expected.restBytes = usual === 0 ? 0 : usual * shareAfter(expected, Math.floor(timeMs / hourMs) % 24);
}

/** Share of a day that comes after an hour. What a run of that hour brings is not waited for again. */
function shareAfter({ hourShares, levels }: Hours, hour: number): number {
  let all = 0;
  let after = 0;
  for (let each = 0; each < 24; each += 1) {
    const share = hourShares.get(each);
    const level = share === 0 ? 0 : (callsByShare[share >>> 8] ?? 0) * (bytesByLevel[Math.round(levels.get(each) * perLevel)] ?? 0);
    all += level;
    if (each > hour) after += level;
  }
  return all === 0 ? 0 : after / all;
}

/**
 * The bytes that a day is going to have, as the busiest weekday would bring them. So what is taken before work begins counts as much as after, and
 * the owner's next calls, which were expected, add nothing. Sums of independent calls scatter with the root of what is usual, so a quiet day is held
 * against that.
 */
export function forecastOf(expected: Expected, bytes: number): number {
  return (bytes + expected.restBytes) / factorOf(expected, bytes);
}

/** What a quiet day is held against, beside the busiest. */
export function factorOf({ largest, dayPercent }: Expected, bytes: number): number {
  return largest >= mostOfIt * bytes || dayPercent === 0 ? 1 : dayPercent / 100;
}
