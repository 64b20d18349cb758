/** Timestamps as logs write them. Everything comes out as epoch milliseconds, UTC. */
import { isTimezone, toUtc } from './timezone.ts';

export { isTimezone };

/** The months' three letters, small, as one number each. */
const months = new Map('jan feb mar apr may jun jul aug sep oct nov dec'.split(' ').map((name, index) => [lettersAt(name, 0), index + 1]));
const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const maxLength = 64;
const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Bare numbers are taken for times only between 1973 and 2200: there, seconds, ms, us and ns cannot be confused. */
const minEpochSeconds = 1e8;
const maxEpochSeconds = 7_258_118_400;

/**
 * Reads a time in one of the ways logs write it: RFC 3339 and its relatives (space for `T`, comma
 * or point before up to 9 fraction digits, `/` for `-`), `22/Nov/2026:04:07:38 +0000`,
 * `Nov 22 04:07:38`, or an epoch number whose unit is told by its size.
 *
 * @param timezone IANA zone of times that name none; `''` when none is known: such times are refused.
 * @param referenceMs moment that gives the year to times without one; `null`: such times are refused.
 * @returns epoch ms, cut (not rounded) to whole ones; `null` for what is no time, a day that does not exist, or before 1970.
 */
export function parseTime(value: string | number | boolean | null, timezone: string, referenceMs: number | null): number | null {
  if (typeof value === 'number') return epoch(value);
  if (typeof value !== 'string' || value.length > maxLength) return null;
  const first = value.charCodeAt(0);
  if (first >= 48 && first <= 57) {
    const fifth = value.charCodeAt(4);
    if (fifth === 45 || fifth === 47) return calendar(value, 0, 4, timezone);
    if (isDecimal(value)) return epoch(Number(value));
    return commonLog(value, timezone);
  }
  // Years beyond 9999 are written with a sign and six digits; refused later as implausible, by value.
  if (first === 43) return calendar(value, 1, 6, timezone);
  return monthFirst(value, timezone, referenceMs);
}

/**
 * Can a record that was stored at `storedMs` carry this time? Clocks may run 5 min ahead and logs
 * come 24 h late; beyond that the clock is not believed: no watermark moves, nothing acts.
 */
export function isPlausibleTime(timeMs: number, storedMs: number): boolean {
  return timeMs <= storedMs + 5 * minuteMs && timeMs >= storedMs - dayMs;
}

function epoch(value: number): number | null {
  for (let unitsPerSecond = 1; unitsPerSecond <= 1e9; unitsPerSecond *= 1000) {
    if (value < minEpochSeconds * unitsPerSecond) return null;
    if (value <= maxEpochSeconds * unitsPerSecond) return Math.trunc(unitsPerSecond === 1 ? value * 1000 : value / (unitsPerSecond / 1000));
  }
  return null;
}

function isDecimal(text: string): boolean {
  let points = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46 && i > 0 && i < text.length - 1 && points++ === 0) continue;
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** `count` decimal digits at `at` as a number, or -1. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** `2026-11-22T04:07:38.735Z`, the year standing at `at` with `yearDigits` digits. */
function calendar(text: string, at: number, yearDigits: number, timezone: string): number | null {
  const year = digits(text, at, yearDigits);
  const next = at + yearDigits;
  const separator = text.charCodeAt(next);
  if ((separator !== 45 && separator !== 47) || text.charCodeAt(next + 3) !== separator) return null;
  const between = text.charCodeAt(next + 6) | 32;
  if (between !== 116 && between !== 32) return null;
  return assemble(year, digits(text, next + 1, 2), digits(text, next + 4, 2), text, next + 7, timezone);
}

/** `22/Nov/2026:04:07:38 +0000` of the common log format; HAProxy writes a fraction and no zone. */
function commonLog(text: string, timezone: string): number | null {
  if (text.charCodeAt(2) !== 47 || text.charCodeAt(6) !== 47 || text.charCodeAt(11) !== 58) return null;
  return assemble(digits(text, 7, 4), monthAt(text, 3), digits(text, 0, 2), text, 12, timezone);
}

/** `Nov 22 04:07:38`, with the year of the reference, `Nov 22 2026 04:07:38` or `Sun Nov 22 04:07:38.123 2026`. */
function monthFirst(text: string, timezone: string, referenceMs: number | null): number | null {
  const start = text.charCodeAt(3) === 32 && monthAt(text, 0) < 0 ? 4 : 0;
  const month = monthAt(text, start);
  if (month < 0 || text.charCodeAt(start + 3) !== 32) return null;
  const padded = text.charCodeAt(start + 4) === 32;
  const single = padded || text.charCodeAt(start + 5) === 32;
  const day = padded ? digits(text, start + 5, 1) : digits(text, start + 4, single ? 1 : 2);
  const next = start + (single && !padded ? 6 : 7);
  if (text.charCodeAt(next - 1) !== 32) return null;
  const year = digits(text, next, 4);
  if (year >= 0 && text.charCodeAt(next + 4) === 32) return assemble(year, month, day, text, next + 5, timezone);
  const last = digits(text, text.length - 4, 4);
  if (last >= 0 && text.charCodeAt(text.length - 5) === 32) return assemble(last, month, day, text.slice(0, -5), next, timezone);
  return withoutYear(month, day, text, next, timezone, referenceMs);
}

/** The year of the reference, or the one before where that would lie more than a day ahead of it: logs of December read in January. */
function withoutYear(month: number, day: number, text: string, at: number, timezone: string, referenceMs: number | null): number | null {
  if (referenceMs === null) return null;
  const year = new Date(referenceMs).getUTCFullYear();
  // A reference early on 1 January UTC may be behind the record's own calendar.
  for (let candidate = year + 1; candidate >= year - 1; candidate--) {
    const timeMs = assemble(candidate, month, day, text, at, timezone);
    if (timeMs !== null && timeMs <= referenceMs + dayMs) return timeMs;
  }
  return null;
}

/** 1 to 12, or -1. */
function monthAt(text: string, at: number): number {
  return months.get(lettersAt(text, at)) ?? -1;
}

/** Three letters of any case as a number, another for each three; -1 where others than ASCII are among them. */
function lettersAt(text: string, at: number): number {
  const first = text.charCodeAt(at), second = text.charCodeAt(at + 1), third = text.charCodeAt(at + 2);
  if (!(first >= 65 && first < 123 && second >= 65 && second < 123 && third >= 65 && third < 123)) return -1;
  return ((first | 32) << 16) + ((second | 32) << 8) + (third | 32);
}

/** Joins a date with the `04:07:38.735Z` that begins at `at` and must fill the rest of the text. */
function assemble(year: number, month: number, day: number, text: string, at: number, timezone: string): number | null {
  if (!isDay(year, month, day)) return null;
  const hour = digits(text, at, 2);
  const minute = digits(text, at + 3, 2);
  const second = digits(text, at + 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return null;
  if (text.charCodeAt(at + 2) !== 58 || text.charCodeAt(at + 5) !== 58) return null;
  const zoneAt = fractionEnd(text, at + 8);
  if (zoneAt < 0) return null;
  // A leap second has no place in epoch time: it is the last millisecond before it.
  const leap = second === 60;
  const seconds = (dayNumber(year, month, day) * 24 + hour) * 3600 + minute * 60 + (leap ? 59 : second);
  const localMs = seconds * 1000 + (leap ? 999 : milliseconds(text, at + 9, zoneAt));
  if (!(localMs <= 8.64e15)) return null;
  const timeMs = applyZone(localMs, text, zoneAt, timezone);
  return timeMs !== null && timeMs >= 0 ? timeMs : null;
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1969 || month < 1 || month > 12 || day < 1 || day > daysInMonth[month - 1]!) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** Days since 1 January 1970 in the Gregorian calendar, whose years are counted from March here. */
function dayNumber(year: number, month: number, day: number): number {
  const years = month < 3 ? year - 1 : year;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const daysBefore = Math.floor((153 * (month < 3 ? month + 9 : month - 3) + 2) / 5);
  return years * 365 + leapDays + daysBefore + day - 719_469;
}

/** Behind the fraction that may begin at `at`; -1 for one without digits or with more than nine. */
function fractionEnd(text: string, at: number): number {
  const mark = text.charCodeAt(at);
  if (mark !== 46 && mark !== 44) return at;
  let end = at + 1;
  while (end < text.length && digits(text, end, 1) >= 0) end++;
  return end === at + 1 || end > at + 10 ? -1 : end;
}

function milliseconds(text: string, from: number, to: number): number {
  const count = Math.min(3, to - from);
  if (count <= 0) return 0;
  const value = digits(text, from, count);
  return count === 3 ? value : count === 2 ? value * 10 : value * 100;
}

/** Local time to UTC by the zone written at `at`, else by the configured one. */
function applyZone(localMs: number, text: string, at: number, timezone: string): number | null {
  if (at === text.length) return timezone === '' ? null : toUtc(localMs, timezone);
  const start = text.charCodeAt(at) === 32 ? at + 1 : at;
  const sign = text.charCodeAt(start);
  if (sign !== 43 && sign !== 45) return isUtcName(text, start) ? localMs : null;
  const offset = offsetMinutes(text, start + 1);
  if (offset < 0) return null;
  return sign === 43 ? localMs - offset * minuteMs : localMs + offset * minuteMs;
}

function isUtcName(text: string, at: number): boolean {
  const length = text.length - at;
  if (length === 1) return (text.charCodeAt(at) | 32) === 122;
  return length === 3 && (text.startsWith('UTC', at) || text.startsWith('GMT', at));
}

/** `01:00`, `0100` or `01` up to the end of the text, in minutes; -1 when it is no offset. */
function offsetMinutes(text: string, at: number): number {
  const hours = digits(text, at, 2);
  const minuteAt = text.charCodeAt(at + 2) === 58 ? at + 3 : at + 2;
  const minutes = at + 2 === text.length ? 0 : digits(text, minuteAt, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return -1;
  return at + 2 === text.length || minuteAt + 2 === text.length ? hours * 60 + minutes : -1;
}
