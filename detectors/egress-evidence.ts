import type { TokenEvent } from '../src/model/event.ts';
import type { Numbers } from '../src/stats/numbers.ts';
import { knownPeak, peakValue, reachedValue, surpriseBits, type Narrowest, type Peak, type PeakBook } from '../src/stats/peak-book.ts';
import { rareBits } from '../src/stats/rate.ts';
import { firstOfHour, kinds, measures, narrowest, sharedMeasures } from './egress-measures.ts';
import { isDrifting } from './egress-drift.ts';
import { factorOf, mostOfIt } from './egress-expected.ts';
import type { EgressParameters, EgressRecords, IdentityVolume } from './egress-records.ts';
import { leastOddBits } from './egress-rhythm.ts';
import { judgedValue } from './egress-sums.ts';

/** One response that makes most of ten minutes or an hour must go so many bits further: single sizes scatter more than sums of many. */
const singleResponseBits = 2;
/** From so many requests in ten minutes a rate beyond belief counts, where the bytes are rare as well. */
export const jointRequests = 10;
/** How rare those bytes must be, in bits, and for an hour what share of the highest known. */
const jointBits = 8;
const jointShare = 0.5;
/** What is evidence beside the volume counts where that brings so many bits by itself, and comes near enough to the limit. */
export const leastVolumeBits = 4;
export const reach = 10;
/** Days until one and two month-ends have been seen, and how far beyond the highest a known client must go before each. */
const oneMonthEnd = 35;
export const twoMonthEnds = 70;
const firstMonthEndFactor = 16;
const monthEndFactor = 8;
/** What came before may come again, somewhat larger; where the hour is odd as well, hardly so. */
const sameAgainFactor = 1.5;
const sameAgainAtOddTime = 1.5;

/** Of the largest day. */
const muchShare = 0.8;

interface Volume { readonly sums: Numbers }

/** Within what the turn of a month may bring: reports are the commonest legitimate peak, and how large they are nobody knows before the first. */
export function isOfMonthEnd(book: PeakBook, measure: number, value: number, least: Narrowest): boolean {
  const knownDays = book.day - book.firstDay;
  const peak = knownDays >= twoMonthEnds ? null : knownPeak(book, measure, least);
  if (peak === null) return false;
  const factor = knownDays < oneMonthEnd ? firstMonthEndFactor : monthEndFactor;
  return value < factor * peakValue(peak) || value < sameAgainFactor * reachedValue(peak);
}

/**
 * Before two month-ends have been seen, what comes from a known client must go further beyond the highest.
 * A client new today is not given that.
 */
export function mayBeMonthEnd(records: EgressRecords, measure: number, value: number): boolean {
  const { identity } = records;
  const source = records['source+client'];
  if (identity === null) return false;
  if (source !== null && source.firstDay >= source.day - 1 && identity.firstDay < source.firstDay) return false;
  return isOfMonthEnd(identity, measure, value, narrowest);
}

/**
 * More bytes than ever in ten minutes, by a rate of requests that is beyond belief: each alone may be little, but many ordinary calls in a
 * row are no scatter of sizes.
 */
export function isJoint({ orderMs }: TokenEvent, identity: IdentityVolume, measure: number, value: number): boolean {
  if (measure !== measures.windowBytes && measure !== measures.hourBytes) return false;
  const limit = identity.limits.get(measure + 1);
  if (limit === 0 || ownValue(identity, measure + 1) < Math.max(limit, jointRequests)) return false;
  if (measure === measures.windowBytes) return rareBits(identity, orderMs, Math.log1p(value)) >= jointBits;
  const peak = knownPeak(identity, measure, narrowest);
  return peak !== null && value > jointShare * peakValue(peak);
}

/**
 * Much, and at an hour or on a day of the week when it does not work: neither alone would do. A monthly run of one that works a little each day
 * comes at an odd hour every time.
 */
export function isOddTime(identity: IdentityVolume, measure: number, value: number, values: EgressParameters): boolean {
  if (identity.oddTimeBits < leastOddBits || kinds[measure]?.span === 'day' || value * reach < identity.limits.get(measure)) return false;
  const peak = knownPeak(identity, measure, narrowest);
  if (peak === null || value < sameAgainAtOddTime * reachedValue(peak)) return false;
  const bits = volumeBits(identity, measure, peak, value, values);
  return bits >= leastVolumeBits && bits + identity.oddTimeBits >= values.thresholdBits;
}

/** Bits of surprise by the limit of today, which a drift may have lowered. */
export function volumeBits(identity: IdentityVolume, measure: number, { scale }: Peak, value: number, { thresholdBits }: EgressParameters): number {
  return thresholdBits + Math.log(value / identity.limits.get(measure)) / (scale * Math.LN2);
}

/** Hardly beyond what is known, and by one response, the `largest`. */
export function mayBeOneResponse(measure: number, value: number, largest: number, peak: Peak, values: EgressParameters): boolean {
  return (measure === measures.windowBytes || measure === measures.hourBytes) && largest >= mostOfIt * value
    && surpriseBits(peak, value) < values.thresholdBits + singleResponseBits;
}

/** Still within the largest day, but for what is to come, as when work begins early; or made by one response that hours let believe. */
export function isNoDay(identity: IdentityVolume, measure: number, value: number, peak: Peak, values: EgressParameters): boolean {
  if (measure !== measures.dayBytes) return false;
  if (value < peakValue(peak) * factorOf(identity, value)) return true;
  if (identity.largest < mostOfIt * value || isDrifting(identity)) return false;
  const ofHour = knownPeak(identity, measures.hourBytes, narrowest);
  return ofHour !== null && mayBeOneResponse(measures.hourBytes, identity.largest, identity.largest, ofHour, values);
}

/** So large a day as makes larger responses worth telling; on dates of large days they are expected. */
export function isMuch(identity: IdentityVolume): boolean {
  if (identity.timesToday > 0) return false;
  const peak = knownPeak(identity, measures.dayBytes, narrowest);
  return peak !== null && judgedValue(identity, measures.dayBytes, identity.sums.get(measures.dayBytes)) > muchShare * peakValue(peak);
}

export function ownValue(identity: IdentityVolume, measure: number): number {
  if (measure < sharedMeasures) return identity.sums.get(measure);
  return measure < firstOfHour ? identity.dayObjects : identity.hourSums.get(measure - firstOfHour);
}

/** A client that is new has taken nothing but what it took today: the most that it can have taken in an hour. */
export function takenBySource(source: Volume, measure: number): number {
  return source.sums.get(measure < firstOfHour ? measure : measures.dayBytes + measure - firstOfHour);
}

export function valueOf(record: Volume & { dayObjects?: number }, measure: number): number {
  return measure < sharedMeasures ? record.sums.get(measure) : record.dayObjects ?? 0;
}

export function floorOf(measure: number, values: EgressParameters): number {
  return kinds[measure]?.unit === 'bytes' ? values.minimumBytes : values.minimumRequests;
}
