import { noveltyBits } from './novelty.ts';
import { keepLarger, type Numbers } from './numbers.ts';

/** On how many days a count reached each of a few levels, and when last: a histogram of days, so that a weekly peak is known as one. */
export interface LevelDays { readonly levelDays: Numbers; readonly lastLevelDays: Numbers }

const mostDays = 2_000;

/** The number of edges, which rise, that a count reached; 0: none. */
export function levelOf(count: number, edges: readonly number[]): number {
  let level = 0;
  while (level < edges.length && count >= (edges[level] ?? Infinity)) level += 1;
  return level;
}

/** Today a level, from 1, was reached, and so were those below it. */
export function noteLevel({ levelDays, lastLevelDays }: LevelDays, level: number, day: number): void {
  for (let below = 0; below < level; below += 1) {
    if (lastLevelDays.get(below) >= day) continue;
    lastLevelDays.set(below, day);
    levelDays.set(below, Math.min(mostDays, levelDays.get(below) + 1));
  }
}

/** Days before this one on which a level, from 1, was reached. */
export function daysAtLevel({ levelDays, lastLevelDays }: LevelDays, level: number, day: number): number {
  return levelDays.get(level - 1) - (lastLevelDays.get(level - 1) === day ? 1 : 0);
}

/** How improbable it is that a day reaches the level, in bits, after `days` of history. */
export function levelBits(levels: LevelDays, level: number, day: number, days: number): number {
  return noveltyBits(daysAtLevel(levels, level, day), days);
}

/** Takes over what another history of the same key knows: the larger counts hold. */
export function mergeLevels(levels: LevelDays, others: LevelDays): void {
  keepLarger(levels.levelDays, others.levelDays);
  keepLarger(levels.lastLevelDays, others.lastLevelDays);
}
