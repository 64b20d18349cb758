import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { quantileOf } from '../src/stats/adaptive-histogram.ts';
import { peakValue, reachedValue, surpriseBits, type Peak, type PeakBook } from '../src/stats/peak-book.ts';
import { dayMs, hourMs, inUnit, kinds, measures, someKind, toldAs, windowMs, type MeasureKind } from './egress-measures.ts';
import { hasDates } from './egress-calendar.ts';
import { isDrifting } from './egress-drift.ts';
import { factorOf, usualOf } from './egress-expected.ts';
import { leastOddBits } from './egress-rhythm.ts';
import { windowStartOf } from './egress-sums.ts';
import { timesUsual } from './egress-sizes.ts';
import type { EgressParameters, IdentityVolume } from './egress-records.ts';
import { bytesInWords, countInWords, durationInWords, nameOf, plural } from './words.ts';

/** Days after which a confidence of one half is reached. */
const halfConfidenceDays = 14;
/** Below this no volume is critical. */
const criticalBytes = 1_000_000_000;
/** What is still to come is told from this share of what was taken. */
const tellingShare = 0.2;
/** So many times what it is held against, the largest of the last weeks is told beside it. */
const lately = 1.25;

/** What was beyond belief, and by whose book; without a peak, by the fixed amount. */
export interface Verdict {
  readonly measure: number;
  readonly value: number;
  /** The same as it is held against the peak. */
  readonly judged: number;
  readonly peak: Peak | null;
  readonly book: PeakBook;
  readonly judgedBy: string;
}

/** An identity's own volume in words and numbers. */
export function ownFinding(event: TokenEvent, identity: IdentityVolume, verdict: Verdict, values: EgressParameters, bytes: number): Finding {
  const kind = toldAs(kinds[verdict.measure] ?? someKind, event);
  const single = bytes > 0.5 * verdict.value && isVolume(kind) && event.endMs !== null;
  const tookMs = single ? event.orderMs - event.timeMs : event.orderMs - windowStartOf(identity);
  const time = single || kind.span === 'window' ? durationInWords(Math.max(1000, tookMs)) : kind.span === 'hour' ? 'about an hour' : 'a day';
  const did = `${nameOf(event)} ${verbOf(kind)} ${amount(kind, verdict.value)} in ${time}`;
  if (verdict.peak === null) {
    return {
      severity: 47, surpriseBits: values.thresholdBits, confidence: 0.2, deviates: 'token',
      reason: `${did}; there is no history yet of it, its workload or its account, and the fixed limit is ${bytesInWords(values.coldStartBytes)} a day.`,
      baseline: { coldStartBytes: values.coldStartBytes }, observed: observedOf(kind, verdict.value),
    };
  }
  const typical = verdict.measure === 0 ? quantileOf(identity, 0.5) : null;
  const own = verdict.judgedBy === 'identity';
  const before = own ? history(kind, verdict.peak, identity)
    : `it is new, and the largest ${span(kind)} of any identity of its ${verdict.judgedBy} ${were(kind)} ${amount(kind, peakValue(verdict.peak))}`;
  const missingBits = Math.max(0, values.thresholdBits - surpriseBits(verdict.peak, verdict.judged));
  const isDay = verdict.measure === measures.dayBytes;
  const beside = !own ? '' : isDay ? besideDay(event, identity, verdict.value) : missingBits > 0 ? besides(event, identity) : '';
  const reason = `${did}; ${before}${beside}.`;
  const result = finding(event, kind, verdict.value, verdict.peak, verdict.book, 'token', reason, verdict.judgedBy, values, missingBits, verdict.judged);
  if (typical === null) return result;
  return { ...result, baseline: { ...result.baseline, [`typicalWindow${capital(kind.unit)}`]: Math.round(inUnit(kind, Math.expm1(typical))) } };
}

/** Responses that have grown under the same calls. */
export function sizesFinding(event: TokenEvent, identity: IdentityVolume, peak: Peak, values: EgressParameters): Finding {
  const dayBytes = identity.sums.get(measures.dayBytes);
  const kind = toldAs(kinds[measures.dayBytes] ?? someKind, event);
  const times = timesUsual(identity);
  const grown = `the last ${plural(identity.shiftCount, 'response')} to ${nameOf(event)} were ${countInWords(times)} times as large as usual`;
  const historyDays = identity.day - identity.firstDay;
  const reason = `${grown}, ${amount(kind, dayBytes)} today; in ${plural(historyDays, 'day')} they were never so for so long.`;
  return {
    ...finding(event, kind, dayBytes, peak, identity, 'token', reason, 'identity', values, 0, identity.shift),
    baseline: { usualResponseBytes: Math.round(Math.exp(identity.mean)), historyDays, activeDays: peak.activeDays, judgedBy: 'identity' },
    observed: { ...observedOf(kind, dayBytes), timesUsualSize: Math.round(times * 10) / 10, responses: identity.shiftCount },
  };
}

/** What a sum of a day was held against beside the largest. */
function besideDay(event: TokenEvent, identity: IdentityVolume, value: number): string {
  const kind = toldAs(kinds[measures.dayBytes] ?? someKind, event);
  const { day, restBytes } = identity;
  const dates = hasDates(identity) ? ' apart from the dates of a month that are always large' : '';
  const usual = usualOf(identity, day, day - identity.firstDay);
  const weekday = factorOf(identity, value) < 1 ? `, and on ${nameOfWeekday(day)} it usually takes about ${amount(kind, usual)}` : '';
  const rest = restBytes > tellingShare * value ? `, and about ${amount(kind, restBytes)} more are usual before the day ends` : '';
  return `${dates}${isDrifting(identity) ? ', and the days before went beyond that too' : ''}${weekday}${rest}`;
}

/** What was held against it beside the sum, which alone would not have sufficed. */
function besides(event: TokenEvent, identity: IdentityVolume): string {
  if (identity.oddTimeBits >= leastOddBits) return `, and it hardly ever works ${momentInWords(event.orderMs)}`;
  return `, and now it made ${plural(identity.sums.get(measures.windowRequests), 'request')}, beyond all before`;
}

/** Numbers of a finding whose sentence is ready. `extraBits`: evidence beside the volume; `judged`: the value as it is held against the peak. */
export function finding(
  event: TokenEvent, kind: MeasureKind, value: number, peak: Peak, book: PeakBook,
  deviates: 'token' | 'network', reason: string, judgedByKey: string, values: EgressParameters, extraBits = 0, judged = value,
): Finding {
  const bits = surpriseBits(peak, judged) + extraBits;
  const certainty = (event.authenticated === true ? 1 : 0.7) * (judgedByKey === 'identity' || judgedByKey === 'resource' ? 1 : 0.6);
  const largest = `largest${capital(kind.span)}`;
  return {
    severity: severityOf(bits - values.thresholdBits, kind, value),
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: Math.round(100 * certainty * peak.activeDays / (peak.activeDays + halfConfidenceDays)) / 100,
    reason, deviates,
    baseline: {
      [`${largest}${capital(kind.unit)}`]: Math.round(inUnit(kind, reachedValue(peak))), windowMs: windowOf(kind),
      historyDays: book.day - book.firstDay, activeDays: peak.activeDays, judgedBy: judgedByKey,
    },
    observed: observedOf(kind, value),
  };
}

const weekdays = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays'];

function nameOfWeekday(day: number): string {
  return weekdays[new Date(day * dayMs).getUTCDay()] ?? '';
}

function momentInWords(timeMs: number): string {
  const date = new Date(timeMs);
  return `on ${weekdays[date.getUTCDay()] ?? ''} around ${String(date.getUTCHours()).padStart(2, '0')}:00 UTC`;
}

function severityOf(excessBits: number, kind: MeasureKind, value: number): 47 | 73 | 99 {
  if (excessBits >= 16 && isVolume(kind) && value >= criticalBytes) return 99;
  return excessBits >= 4 ? 73 : 47;
}

function observedOf(kind: MeasureKind, value: number): Record<string, number> {
  return { [`${kind.span}${capital(kind.unit)}`]: Math.round(inUnit(kind, value)), windowMs: windowOf(kind) };
}

function windowOf(kind: MeasureKind): number {
  return kind.span === 'day' ? dayMs : kind.span === 'hour' ? hourMs : windowMs;
}

/** The largest that ever was, and where that is of the last weeks only, what it was held against. */
export function history(kind: MeasureKind, peak: Peak, of: PeakBook): string {
  const most = `in ${plural(of.day - of.firstDay, 'day')} its largest ${span(kind)} ${were(kind)} ${roughly(kind, reachedValue(peak))}`;
  return reachedValue(peak) < lately * peakValue(peak) ? most : `${most}, and until a month ago ${roughly(kind, peakValue(peak))}`;
}

/** Peaks fade by a hundredth a month, and distinct objects are estimated. */
function roughly(kind: MeasureKind, value: number): string {
  return kind.unit === 'objects' ? amount(kind, value) : `about ${amount(kind, value)}`;
}

export function amount(kind: MeasureKind, value: number): string {
  if (kind.unit === 'bytes') return bytesInWords(value);
  if (kind.unit === 'modelTokens') return `${countInWords(Math.round(inUnit(kind, value)))} tokens of a model`;
  return kind.unit === 'requests' ? `${countInWords(Math.round(value))} requests` : `about ${countInWords(Math.round(value))} distinct objects`;
}

export function span(kind: MeasureKind): string {
  return kind.span === 'window' ? 'ten minutes' : kind.span;
}

export function verbOf(kind: MeasureKind): string {
  return isVolume(kind) ? 'took' : kind.unit === 'requests' ? 'made' : 'touched';
}

function isVolume({ unit }: MeasureKind): boolean {
  return unit === 'bytes' || unit === 'modelTokens';
}

function were(kind: MeasureKind): string {
  return kind.span === 'window' ? 'were' : 'was';
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
