import type { Numbers } from './numbers.ts';
import { collect, collected, generations, highestOf, insertPeak, lowerAbove, peaksKept } from './peak-runs.ts';

/**
 * The highest daily peaks of several measures, and from them the value of each measure that is beyond belief.
 *
 * Peaks over a threshold fall off exponentially on a log scale once they are rare (Pickands, Balkema and de Haan;
 * Hill's estimator for the rate), so with the highest peak known, reached once in `days`, a value e^x times higher is
 * expected once in days * e^(x / scale). In bits that is log2(days) + x / (scale * ln 2): little history or a ragged
 * past ask for more excess, a long and steady one for less. Idle days and idle windows need no entry.
 *
 * Peaks are kept in three generations of 28 days each: this one, the one before, and all older. Once the old ones hold
 * enough days they alone are judged by, so a ramp is measured against the level of one to two months ago, and a generation that
 * joins them adds at most `growth` to what is known. A peak seen on one day each month
 * is thus remembered as long as it keeps coming, and fades by a tenth a year if it does not.
 */
export interface PeakBook {
  /** For each measure three runs of `peaksKept` falling values: old, previous, current. */
  readonly peaks: Numbers;
  /** For each measure the value that is beyond belief; 0 where nothing can be said yet. */
  readonly limits: Numbers;
  /** For each measure today's highest. */
  readonly highs: Numbers;
  /** Active days in old, previous, current. */
  readonly activeDays: Numbers;
  /** Days since the epoch; 0: nothing seen. */
  day: number;
  blockDay: number;
  firstDay: number;
}

export interface BookSettings {
  /** Bits from which a value is beyond belief. */
  readonly thresholdBits: number;
  /** Active days before the book judges at all. */
  readonly minimumDays: number;
}

/** For each measure the narrowest fall-off believed, in natural-log units, so that a few equal days do not make a law. */
export type Narrowest = readonly number[];

/**
 * What the book knows of one measure: its highest peak and fall-off (natural log), over how many days, how many of them active. `reached` is the
 * highest of any earlier day (natural log), those included that do not count yet.
 */
export interface Peak {
  readonly highest: number; readonly scale: number; readonly days: number; readonly activeDays: number; readonly reached: number;
}

const blockDays = 28;
/** Days of old peaks that suffice to leave the newer ones out. */
const anchorDays = 14;
/** Steps per natural-log unit: 16 bits reach e^40. */
const steps = 1600;
/** Natural-log growth of the known that one 28-day generation can bring. */
const growth = 0.4;
/**
 * The fall-off expected before any is known, at most twice the narrowest believed; what each peak still missing is taken for, and each that stands far
 * below the few that count; and the widest believed. In natural-log units.
 */
const scalePrior = 0.3;
const scalePriorWeight = 2;
const missingExcess = 0.6;
const farExcess = 0.4;
const widest = 0.7;
/** Old peaks fade by this much per generation. */
const fading = 16;
/** Calendar days that an active day vouches for: a monthly job's silence between is evidence too. */
const daysPerActiveDay = 31;
/** Long enough for any rhythm; keeps the 16-bit counter from running over. */
const mostDays = 2_000;

/** Notes a value of today. */
export function raiseHigh(highs: Numbers, measure: number, value: number): void {
  if (value > highs.get(measure)) highs.set(measure, value);
}

/** Moves on to a day: closes the last one, rolls generations that are over, renews the limits. Earlier days change nothing. */
export function advanceDay(book: PeakBook, day: number, settings: BookSettings, narrowest: Narrowest): void {
  if (day <= book.day) return;
  if (book.day === 0) {
    book.blockDay = day;
    book.firstDay = day;
    book.day = day;
    return;
  }
  closeDay(book);
  const blocks = Math.floor((day - book.blockDay) / blockDays);
  for (let roll = 0; roll < Math.min(blocks, generations); roll += 1) rollGeneration(book);
  if (blocks > 0) book.blockDay += blocks * blockDays;
  book.day = day;
  const isYoung = daysKnown(book) < settings.minimumDays;
  for (let measure = 0; measure < book.limits.length; measure += 1) {
    book.limits.set(measure, isYoung ? 0 : limitOf(knownPeak(book, measure, narrowest), settings));
  }
}

/**
 * What deviated is accepted: where `accepted`, a copy that went on with it, reached beyond all that `book` knows, its peaks join the oldest
 * and count at once, uncut. What both know stays once. Closes the day that `accepted` had open.
 */
export function acceptPeaks(book: PeakBook, accepted: PeakBook): void {
  closeDay(accepted);
  if (book.day === 0) {
    book.day = accepted.day;
    book.blockDay = accepted.blockDay;
    book.firstDay = accepted.firstDay;
  }
  for (let measure = 0; measure < book.limits.length; measure += 1) {
    const base = measure * generations * peaksKept;
    const known = highestOf(book.peaks, measure);
    for (let place = 0; place < generations * peaksKept; place += 1) {
      const peak = accepted.peaks.get(base + place);
      if (peak > known) insertPeak(book.peaks, base, peak);
    }
    const highest = highestOf(book.peaks, measure);
    if (highest > known) book.limits.set(measure, book.limits.get(measure) * Math.exp((highest - known) / steps));
  }
  for (let generation = 0; generation < generations; generation += 1) {
    book.activeDays.set(generation, Math.max(book.activeDays.get(generation), accepted.activeDays.get(generation)));
  }
}

/** Peaks of a measure above `most` become `instead`: what they reached is known to be of another kind. */
export function lowerPeaks(peaks: Numbers, measure: number, most: number, instead: number): void {
  lowerAbove(peaks, measure, Math.round(Math.log1p(most) * steps), Math.round(Math.log1p(Math.min(most, instead)) * steps));
}

/** Bits of surprise in a value against a known peak. */
export function surpriseBits(peak: Peak, value: number): number {
  return Math.log2(peak.days) + (Math.log1p(value) - peak.highest) / (peak.scale * Math.LN2);
}

/** The highest known peak as a value. */
export function peakValue(peak: Peak): number {
  return Math.expm1(peak.highest);
}

/** The highest value that any day before today reached, whether or not it counts already. */
export function reachedValue(peak: Peak): number {
  return Math.expm1(peak.reached);
}

/** What is known of a measure, `null` if nothing. */
export function knownPeak(book: PeakBook, measure: number, narrowest: Narrowest): Peak | null {
  const used = generationsUsed(book.activeDays);
  collect(book.peaks, measure, used, farExcess * steps);
  const { found, excess, highest } = collected;
  if (found === 0) return null;
  const least = narrowest[measure] ?? widest;
  const prior = Math.min(scalePrior, 2 * least);
  const missing = peaksKept - found;
  const scale = (excess / steps + prior * scalePriorWeight + missingExcess * missing) / (peaksKept - 1 + scalePriorWeight);
  const activeDays = activeDaysIn(book.activeDays, used);
  const days = Math.min(daysPerActiveDay * activeDays, daysCovered(book, used));
  const reached = highestOf(book.peaks, measure) / steps;
  return { highest: highest / steps, scale: Math.min(widest, Math.max(least, scale)), days, activeDays, reached };
}

/** Active days behind what is known: cheaper than all of it. */
export function daysKnown({ activeDays }: PeakBook): number {
  return activeDaysIn(activeDays, generationsUsed(activeDays));
}

/** Active days in all. */
export function activeDaysOf({ activeDays }: PeakBook): number {
  return activeDaysIn(activeDays, generations);
}

function activeDaysIn(activeDays: Numbers, used: number): number {
  let days = 0;
  for (let generation = 0; generation < used; generation += 1) days += activeDays.get(generation);
  return days;
}

/** Calendar days from the first to the end of the newest generation used. */
function daysCovered(book: PeakBook, used: number): number {
  if (used === generations) return Math.max(1, book.day - book.firstDay);
  return Math.max(1, book.blockDay - (used === 1 ? blockDays : 0) - book.firstDay);
}

function limitOf(peak: Peak | null, settings: BookSettings): number {
  if (peak === null) return 0;
  const bits = Math.max(1, settings.thresholdBits - Math.log2(peak.days));
  return Math.expm1(peak.highest + bits * peak.scale * Math.LN2);
}

/** Judge by the old generation alone when it holds enough, else by as many newer ones as it takes. */
function generationsUsed(activeDays: Numbers): number {
  let days = 0;
  for (let generation = 0; generation < generations; generation += 1) {
    days += activeDays.get(generation);
    if (days >= anchorDays) return generation + 1;
  }
  return generations;
}

function closeDay(book: PeakBook): void {
  for (let measure = 0; measure < book.highs.length; measure += 1) {
    const high = book.highs.get(measure);
    if (high > 0) insertPeak(book.peaks, (measure * generations + 2) * peaksKept, Math.min(65_535, Math.round(Math.log1p(high) * steps)));
    book.highs.set(measure, 0);
  }
  book.activeDays.set(2, Math.min(mostDays, book.activeDays.get(2) + 1));
}

function rollGeneration(book: PeakBook): void {
  const { peaks, activeDays } = book;
  // All that did not alert is believed until old peaks have stood for a month beside newer ones.
  const stands = activeDays.get(0) >= anchorDays && book.blockDay - book.firstDay >= generations * blockDays;
  for (let measure = 0; measure < book.highs.length; measure += 1) {
    const base = measure * generations * peaksKept;
    const old = peaks.get(base);
    const believable = stands && old > 0 ? old + Math.round(growth * steps) : Infinity;
    for (let rank = 0; rank < peaksKept; rank += 1) peaks.set(base + rank, Math.max(0, peaks.get(base + rank) - fading));
    for (let rank = 0; rank < peaksKept; rank += 1) {
      insertPeak(peaks, base, Math.min(believable, peaks.get(base + peaksKept + rank)));
      peaks.set(base + peaksKept + rank, peaks.get(base + 2 * peaksKept + rank));
      peaks.set(base + 2 * peaksKept + rank, 0);
    }
  }
  activeDays.set(0, Math.min(mostDays, activeDays.get(0) + activeDays.get(1)));
  activeDays.set(1, activeDays.get(2));
  activeDays.set(2, 0);
}
