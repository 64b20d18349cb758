import { z } from 'zod';
import { text } from './scalars.ts';
import { isTimezone } from './units.ts';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const minuteMs = 60_000;
const weekMinutes = 7 * 24 * 60;
const maxWindows = 100;

const moment = z.iso.datetime({ offset: true }).meta({ title: 'a time such as 2026-12-20T18:00:00Z' });
const weekly = z.string().regex(/^(?:sun|mon|tue|wed|thu|fri|sat) (?:[01]\d|2[0-3]):[0-5]\d$/).meta({ title: 'a day and time such as fri 16:00' });

const once = z.strictObject({ name: text, from: moment, to: moment }).refine(({ from, to }) => Date.parse(from) < Date.parse(to))
  .meta({ title: 'a window whose end comes after its beginning' });
const eachWeek = z.strictObject({
  name: text, from: weekly, to: weekly, timezone: z.string().refine(isTimezone).default('UTC').meta({ title: 'a time zone such as Europe/Berlin' }),
}).refine(({ from, to }) => from !== to).meta({ title: 'a window with a beginning and an end' });

export const freezeSchema = z.array(z.union([once, eachWeek])).max(maxWindows).default([])
  .meta({ title: 'a list such as { name: weekend, from: "fri 16:00", to: "mon 08:00", timezone: Europe/Berlin }' })
  .describe('Times in which nothing is done by itself: what would be waits for a person. Telling goes on.');

/** A time in which people decide. Weekly ones in minutes since Sunday 00:00 there; `to` before `from` goes over the end of the week. */
export type Freeze =
  | { readonly name: string; readonly fromMs: number; readonly toMs: number }
  | { readonly name: string; readonly fromMinute: number; readonly toMinute: number; readonly timezone: string };

export function makeFreeze(raw: z.output<typeof freezeSchema>[number]): Freeze {
  if ('timezone' in raw) return { name: raw.name, fromMinute: minuteOf(raw.from), toMinute: minuteOf(raw.to), timezone: raw.timezone };
  return { name: raw.name, fromMs: Date.parse(raw.from), toMs: Date.parse(raw.to) };
}

/** Name of the first window that holds at this time; `null`: none. */
export function frozenBy(freezes: readonly Freeze[], timeMs: number): string | null {
  return freezes.find((freeze) => holds(freeze, timeMs))?.name ?? null;
}

function holds(freeze: Freeze, timeMs: number): boolean {
  if ('fromMs' in freeze) return timeMs >= freeze.fromMs && timeMs < freeze.toMs;
  const { fromMinute, toMinute, timezone } = freeze;
  const minute = weekMinute(timeMs, timezone);
  return fromMinute < toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute;
}

function minuteOf(text: string): number {
  const [day = '', time = ''] = text.split(' ');
  const [hours = '', minutes = ''] = time.split(':');
  return days.indexOf(day as typeof days[number]) * 24 * 60 + Number(hours) * 60 + Number(minutes);
}

/** Minutes since Sunday 00:00 by the clocks of a zone. */
function weekMinute(timeMs: number, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    .formatToParts(Math.floor(timeMs / minuteMs) * minuteMs);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return minuteOf(`${part('weekday').toLowerCase()} ${part('hour')}:${part('minute')}`) % weekMinutes;
}
