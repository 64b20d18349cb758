import { noveltyBits } from '../src/stats/novelty.ts';
import { u16 } from '../src/model/state.ts';
import { dayMs, dayOf } from './use.ts';

/** On how many days a key was active, and on how many of those something new of one kind came. */
export interface Habit { activeDays: number; lastDay: number; newDays: number; lastNewDay: number }

/** The fields of a habit, for a record that keeps one. */
export const habitFields = { activeDays: u16(), lastDay: u16(), newDays: u16(), lastNewDay: u16() };

/** Active days from which a habit is one. */
export const graceDays = 3;
/** More active days make nothing more surprising. */
const mostDays = 720;

/** Opens the day of an event, if it is a new one. Answers the day, from 1. */
export function openDay(habit: Pick<Habit, 'activeDays' | 'lastDay'>, orderMs: number): number {
  const day = Math.min(65_535, dayOf(orderMs));
  if (day <= habit.lastDay) return day;
  habit.lastDay = day;
  if (habit.activeDays < mostDays) habit.activeDays += 1;
  return day;
}

/** Something new came on this day. */
export function countNew(habit: Habit, day: number): void {
  if (habit.lastNewDay === day) return;
  habit.lastNewDay = day;
  if (habit.newDays < mostDays) habit.newDays += 1;
}

/** How improbable something new is, in bits. Asked before it is counted. */
export function surpriseOf(habit: Habit): number {
  return noveltyBits(habit.newDays, habit.activeDays);
}

/** An accepted habit beside what was learned meanwhile: the larger counts hold. */
export function acceptHabit(habit: Habit, accepted: Habit): void {
  for (const name of ['activeDays', 'lastDay', 'newDays', 'lastNewDay'] as const) habit[name] = Math.max(habit[name], accepted[name]);
}

/** Days on which somebody did what hardly anybody does, and the first and last of them. */
export interface Livelihood { firstDay: number; lastDay: number; days: number }

/** The fields of a livelihood: 6 bytes. */
export const livelihoodFields = { firstDay: u16(), lastDay: u16(), days: u16() };

/** Who did so on that many days, over that long, does it for a living. */
const livelihoodDays = 3;
const livelihoodSpanDays = 14;

/** Does it for a living, by the days before this one is counted. */
export function isLivelihood({ firstDay, days }: Livelihood, day: number): boolean {
  return days >= livelihoodDays && day - firstDay >= livelihoodSpanDays;
}

/** It was done on this day. */
export function countLivelihood(livelihood: Livelihood, day: number): void {
  if (day <= livelihood.lastDay) return;
  livelihood.firstDay ||= day;
  livelihood.lastDay = day;
  livelihood.days = Math.min(65_535, livelihood.days + 1);
}

/** Days of life that count as one of work where only the seldom is looked at: whoever lives is taken to work one day in four. */
const daysOfLife = 4;

/** Days that stand behind a judgement of something seldom: those on which the key was active, or a quarter of the days it has been known for. */
export function evidenceDays(activeDays: number, sinceMs: number | null, orderMs: number): number {
  const alive = sinceMs === null ? 0 : Math.floor((orderMs - sinceMs) / (daysOfLife * dayMs));
  return Math.max(activeDays, Math.min(mostDays, alive));
}
