import { Random } from '../../support/estate/random.ts';
import type { Attack, Transfer } from './attacks.ts';
import { dayMs, hourMs, type Workload } from './calls.ts';
import { learned, Learner } from './learner.ts';
import type { Theft } from './score.ts';

/**
 * Somebody who knows of each workload what no log tells: its true rhythm and scatter, and what the calendar makes of them. He plays the day of a
 * theft over without the thief, very many times, and sees a theft where one statistic of the day is larger than in all of those days. An ordinary
 * day is larger in any of them at most once in 10,000 days, as the highest of n + 1 days alike is the last one once in n + 1. What he does not see
 * in amounts cannot be seen in amounts with so few false alerts; others may see it in places, objects, clients or tokens, which he does not look at.
 */
export interface Verdict extends Pick<Theft, 'number' | 'way' | 'size' | 'from'> {
  readonly seen: boolean;
  /** Score of somebody who must learn the workload, and his highest ones of ordinary days, of which he saw `quietDays`. */
  readonly score: number;
  readonly highest: readonly number[];
}

const falseInDays = 10_000;
const hours = 24;
/** Days from which means and deviations are. */
const described = 2_000;

/** Of one day: bytes, calls, largest response, how large responses are on the whole, busiest hour by bytes and calls, and both as deviations of that hour. */
const statistics = 8;
export const quietDays = falseInDays * statistics;
/** Ten times as many as are beyond a cut-off of once in so many days. */
const kept = 10 * statistics;
const fewestDays = 3;

/** What an ordinary day looks like. */
interface Described {
  readonly logMean: number;
  readonly logDeviation: number;
  readonly bytesMean: Float64Array;
  readonly bytesDeviation: Float64Array;
  readonly callsMean: Float64Array;
  readonly callsDeviation: Float64Array;
}

/** Sums of one day by hour, filled again and again. */
class Day {
  readonly bytes = new Float64Array(hours);
  readonly calls = new Float64Array(hours);
  largest = 0;
  logs = 0;
  logSquares = 0;

  clear(): void {
    this.bytes.fill(0);
    this.calls.fill(0);
    this.largest = 0;
    this.logs = 0;
    this.logSquares = 0;
  }

  add(timeMs: number, bytes: number): void {
    const hour = Math.floor(timeMs % dayMs / hourMs);
    this.bytes[hour] = (this.bytes[hour] ?? 0) + bytes;
    this.calls[hour] = (this.calls[hour] ?? 0) + 1;
    if (bytes > this.largest) this.largest = bytes;
    const log = Math.log(Math.max(1, bytes));
    this.logs += log;
    this.logSquares += log * log;
  }
}

/** Bounds that a workload keeps on one day of the calendar, but once in 10,000 such days. */
export class Oracle {
  readonly #day = new Day();
  readonly #usual: Described;
  readonly #highest = new Float64Array(statistics).fill(Number.NEGATIVE_INFINITY);
  readonly #now = new Float64Array(statistics);
  readonly #learner: Learner;
  /** The learner's highest scores of ordinary days. */
  readonly highestScores: readonly number[];

  /** `historyDays`: working days from which one must learn who does not know. */
  constructor(workload: Workload, day: number, seed: number, historyDays: number) {
    const alike: Workload = { ...workload, random: new Random(seed) };
    const play = (): void => {
      this.#day.clear();
      workload.rhythm.day(alike, day, (timeMs, bytes) => this.#day.add(timeMs, bytes));
    };
    this.#usual = describe(this.#day, play);
    this.#learner = new Learner(Array.from({ length: Math.max(fewestDays, historyDays) }, () => {
      play();
      this.#measure();
      return [...this.#now.subarray(0, learned)];
    }));
    const scores = new Float64Array(quietDays);
    for (let quiet = 0; quiet < quietDays; quiet += 1) {
      play();
      this.#measure();
      for (let at = 0; at < statistics; at += 1) this.#highest[at] = Math.max(this.#highest[at] as number, this.#now[at] as number);
      scores[quiet] = this.#learner.score(this.#now);
    }
    this.highestScores = [...scores.sort().subarray(-kept)];
  }

  /** Is the day beyond all that the workload does by itself? */
  sees(calls: readonly Transfer[]): boolean {
    this.#measureDay(calls);
    return this.#now.some((value, at) => value > (this.#highest[at] as number));
  }

  /** How far the learner finds the day beyond what he saw. */
  score(calls: readonly Transfer[]): number {
    this.#measureDay(calls);
    return this.#learner.score(this.#now);
  }

  #measureDay(calls: readonly Transfer[]): void {
    this.#day.clear();
    for (const { endMs, bytes } of calls) this.#day.add(endMs, bytes);
    this.#measure();
  }

  #measure(): void {
    const { bytes, calls, largest, logs } = this.#day;
    const { logMean, logDeviation, bytesMean, bytesDeviation, callsMean, callsDeviation } = this.#usual;
    const count = sum(calls);
    this.#now.set([
      sum(bytes), count, largest, (logs - count * logMean) / (Math.sqrt(count + 1) * logDeviation), largestOf(bytes), largestOf(calls),
      mostBeyond(bytes, bytesMean, bytesDeviation), mostBeyond(calls, callsMean, callsDeviation),
    ]);
  }
}

function describe(day: Day, play: () => void): Described {
  const bytes = [new Float64Array(hours), new Float64Array(hours)] as const;
  const calls = [new Float64Array(hours), new Float64Array(hours)] as const;
  let [count, logs, logSquares] = [0, 0, 0];
  for (let played = 0; played < described; played += 1) {
    play();
    count += sum(day.calls);
    logs += day.logs;
    logSquares += day.logSquares;
    for (const [[sums, squares], values] of [[bytes, day.bytes], [calls, day.calls]] as const) {
      for (const [hour, value] of values.entries()) {
        sums[hour] = (sums[hour] ?? 0) + value;
        squares[hour] = (squares[hour] ?? 0) + value * value;
      }
    }
  }
  const logMean = logs / Math.max(1, count);
  const spread = ([sums, squares]: readonly [Float64Array, Float64Array]): Float64Array => squares.map((square, hour) => deviation(sums[hour] ?? 0, square, described));
  return {
    logMean, logDeviation: deviation(logs, logSquares, Math.max(1, count)),
    bytesMean: bytes[0].map((value) => value / described), bytesDeviation: spread(bytes),
    callsMean: calls[0].map((value) => value / described), callsDeviation: spread(calls),
  };
}

/** Never zero. */
function deviation(total: number, squares: number, count: number): number {
  return Math.sqrt(Math.max(0, squares / count - (total / count) ** 2)) + 1e-6;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function largestOf(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}

function mostBeyond(values: Float64Array, mean: Float64Array, spread: Float64Array): number {
  let most = 0;
  for (const [hour, value] of values.entries()) most = Math.max(most, (value - (mean[hour] as number)) / (spread[hour] as number));
  return most;
}

/** What he says of so many thefts of egress, picked by chance. Those of a thousand days need nobody who knows so much. */
export function verdictsOf(attacks: readonly Attack[], seed: number, count: number, historyDays: number): Verdict[] {
  const random = new Random(seed * 7_919 + 13);
  const able = attacks.filter(({ way, size, ofDay }) => way.family === 'egress' && size < 1_000 && ofDay.length > 0);
  const picked = able.map((attack) => ({ attack, at: random.next() })).sort((a, b) => a.at - b.at).slice(0, count);
  return picked.map(({ attack: { number, way, size, from, day, workload, ofDay } }) => {
    const oracle = new Oracle(workload, day, seed + number, workingDays(workload, day, historyDays));
    return { number, way: way.name, size, from, seen: oracle.sees(ofDay), score: oracle.score(ofDay), highest: oracle.highestScores };
  });
}

/** On how many days it worked in as many before, and in those that its kind has more. */
function workingDays(workload: Workload, day: number, historyDays: number): number {
  const alike: Workload = { ...workload, random: new Random(workload.number) };
  let count = 0;
  for (let before = day - historyDays - workload.rhythm.extraHistoryDays; before < day; before += 1) {
    let calls = 0;
    workload.rhythm.day(alike, before, () => { calls += 1; });
    if (calls > 0) count += 1;
  }
  return count;
}

/** From which score on the learner alerts so that ordinary days of all these workloads come once in 10,000. */
export function cutOffOf(verdicts: readonly Pick<Verdict, 'highest'>[]): number {
  const scores = verdicts.flatMap(({ highest }) => highest).sort((a, b) => b - a);
  return scores[verdicts.length * quietDays / falseInDays] ?? 0;
}
