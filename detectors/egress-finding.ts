import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { quantileOf } from '../src/stats/adaptive-histogram.ts';
import { peakValue, surpriseBits, type Peak, type PeakBook } from '../src/stats/peak-book.ts';
import { dayMs, kinds, measures, windowMs, type MeasureKind, type Unit } from './egress-measures.ts';
import type { EgressParameters, IdentityVolume } from './egress-spike.ts';
import { bytesInWords, countInWords, durationInWords, nameOf, plural } from './words.ts';

/** Days after which a confidence of one half is reached. */
const halfConfidenceDays = 14;
/** Below this no volume is critical. */
const criticalBytes = 1_000_000_000;

/** What was beyond belief, and by whose book; without a peak, by the fixed amount. */
export interface Verdict {
  readonly measure: number;
  readonly value: number;
  readonly peak: Peak | null;
  readonly book: PeakBook;
  readonly judgedBy: string;
}

/** An identity's own volume in words and numbers. */
export function ownFinding(event: TokenEvent, identity: IdentityVolume, verdict: Verdict, values: EgressParameters, bytes: number): Finding {
  const kind = kinds[verdict.measure] ?? { unit: 'bytes', day: true };
  const single = bytes > 0.5 * verdict.value && kind.unit === 'bytes' && event.endMs !== null;
  const tookMs = single ? event.orderMs - event.timeMs : event.orderMs - identity.windowStartMs;
  const time = single || !kind.day ? durationInWords(Math.max(1000, tookMs)) : 'a day';
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
  const missingBits = Math.max(0, values.thresholdBits - surpriseBits(verdict.peak, verdict.value));
  const beside = own && missingBits > 0 ? besides(identity, verdict.measure) : '';
  const reason = `${did}; ${before}${beside}.`;
  const result = finding(event, kind, verdict.value, verdict.peak, verdict.book, 'token', reason, verdict.judgedBy, values, missingBits);
  return typical === null ? result : { ...result, baseline: { ...result.baseline, typicalWindowBytes: Math.round(Math.expm1(typical)) } };
}

/** What was held against it beside the sum, which alone would not have sufficed. */
function besides(identity: IdentityVolume, measure: number): string {
  if (measure === measures.dayBytes) return ', and the days before went beyond that too';
  return `, and now it made ${plural(identity.sums.get(measures.windowRequests), 'request')}, beyond all before`;
}

/** Numbers of a finding whose sentence is ready. `extraBits`: evidence beside the volume. */
export function finding(
  event: TokenEvent, kind: MeasureKind, value: number, peak: Peak, book: PeakBook,
  deviates: 'token' | 'network', reason: string, judgedByKey: string, values: EgressParameters, extraBits = 0,
): Finding {
  const bits = surpriseBits(peak, value) + extraBits;
  const certainty = (event.authenticated === true ? 1 : 0.7) * (judgedByKey === 'identity' || judgedByKey === 'resource' ? 1 : 0.6);
  const largest = kind.day ? 'largestDay' : 'largestWindow';
  return {
    severity: severityOf(bits - values.thresholdBits, kind, value),
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: Math.round(100 * certainty * peak.activeDays / (peak.activeDays + halfConfidenceDays)) / 100,
    reason, deviates,
    baseline: {
      [`${largest}${capital(kind.unit)}`]: Math.round(peakValue(peak)), windowMs: windowOf(kind),
      historyDays: book.day - book.firstDay, activeDays: peak.activeDays, judgedBy: judgedByKey,
    },
    observed: observedOf(kind, value),
  };
}

function severityOf(excessBits: number, kind: MeasureKind, value: number): 47 | 73 | 99 {
  if (excessBits >= 16 && kind.unit === 'bytes' && value >= criticalBytes) return 99;
  return excessBits >= 4 ? 73 : 47;
}

function observedOf(kind: MeasureKind, value: number): Record<string, number> {
  return { [`${kind.day ? 'day' : 'window'}${capital(kind.unit)}`]: Math.round(value), windowMs: windowOf(kind) };
}

function windowOf(kind: MeasureKind): number {
  return kind.day ? dayMs : windowMs;
}

export function history(kind: MeasureKind, peak: Peak, of: PeakBook): string {
  return `in ${plural(of.day - of.firstDay, 'day')} its largest ${span(kind)} ${were(kind)} ${amount(kind, peakValue(peak))}`;
}

export function amount(kind: MeasureKind, value: number): string {
  if (kind.unit === 'bytes') return bytesInWords(value);
  return kind.unit === 'requests' ? `${countInWords(Math.round(value))} requests` : `about ${countInWords(Math.round(value))} distinct objects`;
}

export function span(kind: MeasureKind): string {
  return kind.day ? 'day' : 'ten minutes';
}

export function verbOf(kind: MeasureKind): string {
  return kind.unit === 'bytes' ? 'took' : kind.unit === 'requests' ? 'made' : 'touched';
}

function were(kind: MeasureKind): string {
  return kind.day ? 'was' : 'were';
}

function capital(unit: Unit): string {
  return unit.charAt(0).toUpperCase() + unit.slice(1);
}
