import { u32, u8 } from '../src/model/state.ts';
import type { Numbers } from '../src/stats/numbers.ts';
import { lowerPeaks } from '../src/stats/peak-book.ts';
import { dayMs, kinds, measures } from './egress-measures.ts';

/** Days before the end of a month that are counted from there as well. */
const lastDays = 4;

/**
 * Dates on which an identity takes several times the usual, month by month or quarter by quarter. What they bring is kept apart from other days: the
 * report of the fifth is no excuse on the twentieth.
 */
export const calendarFields = {
  /** Dates that were large, a bit each: days of the month, then days before its end. */
  largeDates: u32(), largeEnds: u8(),
  /** Large days on a date that was large before, and on others; what such dates bring beside the usual, in quarters, and 0 on a day that is none. */
  againDays: u8(), strayDays: u8(), dateTimes: u8(), timesToday: u8(),
  /** How far days are off the usual, in hundredths of a natural-log unit. */
  dayNoise: { ...u8(), initial: 30 },
};

export interface Calendar {
  largeDates: number;
  largeEnds: number;
  againDays: number;
  strayDays: number;
  dateTimes: number;
  timesToday: number;
  dayNoise: number;
  readonly highs: Numbers;
  readonly limits: Numbers;
  readonly peaks: Numbers;
}

/** A day is large from so many times the usual, and from so many times what days are off it. From the most on it is another job, not more of the same. */
const leastTimes = 2;
const leastNoise = 3;
const mostTimes = 40;
const noiseWeight = 1 / 30;
const quarters = 4;
/** On its date somewhat more may come again. */
const headroom = 1.5;
/** Days that came back before dates mean something, and how many of them for each that did not: more than chance brings. */
const leastAgain = 2;
const againForStray = 2;
/** So many more that did not come back: what was held to be a date is forgotten. */
const mostStray = 12;
/** A report of the third working day comes up to so many days sooner or later; what is counted from the end of the month does not. */
const slackDays = 1;
/** Peaks of ordinary days from this share of a date's were a date's too, before that was known: they become what is left without its factor, and a little. */
const ofDate = 0.6;
const scatter = 1.3;

/** More of everything, or larger: of requests as many as that brings are within their limits. */
const isOfSize = (measure: number): boolean => kinds[measure]?.unit === 'bytes' || kinds[measure]?.unit === 'sizes';
const dateOf = (day: number): number => new Date(day * dayMs).getUTCDate() - 1;

/** Does it have dates by now of which more than chance tells? */
export function hasDates({ againDays, strayDays }: Calendar): boolean {
  return againDays >= leastAgain && againDays >= againForStray * strayDays;
}

function daysLeft(day: number): number {
  const date = new Date(day * dayMs);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate() - date.getUTCDate();
}

/**
 * The open day is over, on which `usual` bytes were expected and on the busiest of the week `busiest`. Tells whether it was large at its date, and is
 * no peak of ordinary days then.
 */
export function closeDate(calendar: Calendar, day: number, bytes: number, usual: number, busiest: number): boolean {
  if (usual <= 0 || bytes <= 0) return false;
  const off = Math.log(bytes / usual);
  const noise = calendar.dayNoise / 100;
  const least = Math.max(Math.log(leastTimes), leastNoise * noise);
  calendar.dayNoise = Math.round(100 * noise + noiseWeight * 100 * (Math.min(Math.abs(off), least, 1) - noise) + ditherOf(day));
  if (off < least || bytes > mostTimes * usual) return false;
  const isAgain = noteLarge(calendar, day);
  if (!hasDates(calendar) || !isAgain && calendar.timesToday === 0) return false;
  setApart(calendar, bytes / busiest);
  return true;
}

/** Between whole hundredths the day decides, so that small changes add up. */
function ditherOf(day: number): number {
  return (day * 0.618) % 1 - 0.5;
}

/** Notes a large day; was it one at a date that was large before? */
function noteLarge(calendar: Calendar, day: number): boolean {
  const ofMonth = 1 << dateOf(day) >>> 0;
  const left = daysLeft(day);
  const ofEnd = left < lastDays ? 1 << left : 0;
  const isAgain = (calendar.largeDates & ofMonth) !== 0 || (calendar.largeEnds & ofEnd) !== 0;
  if (isAgain) calendar.againDays = Math.min(255, calendar.againDays + 1);
  // A job of every thirty days moves along the dates: beside one it neither came back nor stayed away.
  else if (!isNearLarge(calendar, day)) calendar.strayDays += 1;
  if (calendar.strayDays > calendar.againDays + mostStray) {
    calendar.largeDates = 0;
    calendar.largeEnds = 0;
    calendar.againDays = 0;
    calendar.strayDays = 0;
  }
  calendar.largeDates = (calendar.largeDates | ofMonth) >>> 0;
  calendar.largeEnds |= ofEnd;
  return isAgain;
}

/** What the day reached is its date's; what the same date left among other days before becomes what they would have been without it. */
function setApart(calendar: Calendar, times: number): void {
  const { highs, peaks } = calendar;
  calendar.dateTimes = Math.min(255, Math.max(calendar.dateTimes, Math.ceil(quarters * times)));
  const { dayBytes } = measures;
  const high = highs.get(dayBytes);
  if (times >= leastTimes) lowerPeaks(peaks, dayBytes, ofDate * high, scatter * high / times);
  for (let measure = 0; measure < highs.length; measure += 1) highs.set(measure, 0);
}

/** A day opens, with the limits of ordinary days; at a large date it may bring so many times as much. */
export function openDate(calendar: Calendar, day: number): void {
  calendar.timesToday = 0;
  if (!hasDates(calendar) || !isNearLarge(calendar, day)) return;
  calendar.timesToday = calendar.dateTimes;
  const { limits } = calendar;
  for (let measure = 0; measure < limits.length; measure += 1) {
    if (isOfSize(measure)) limits.set(measure, limits.get(measure) * headroom * Math.max(1, calendar.timesToday / quarters));
  }
}

/** The first is beside the last of the month before. */
function isNearLarge({ largeDates, largeEnds }: Calendar, day: number): boolean {
  for (let each = day - slackDays; each <= day + slackDays; each += 1) if ((largeDates >>> dateOf(each) & 1) === 1) return true;
  const left = daysLeft(day);
  return left < lastDays && (largeEnds >>> left & 1) === 1;
}
