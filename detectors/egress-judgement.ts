import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { contributionOf } from '../src/stats/heavy-hitters.ts';
import { quantileOf } from '../src/stats/adaptive-histogram.ts';
import type { Numbers } from '../src/stats/numbers.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { knownPeak, peakValue, surpriseBits, type Peak, type PeakBook } from '../src/stats/peak-book.ts';
import { dayMs, kinds, measures, narrowest, ownMeasures, sharedMeasures, windowMs, type MeasureKind, type Unit } from './egress-measures.ts';
import type { EgressParameters, EgressRecords, IdentityVolume, ResourceVolume } from './egress-spike.ts';
import { bytesInWords, countInWords, durationInWords, nameOf, plural } from './words.ts';

/** Days after which a confidence of one half is reached. */
const halfConfidenceDays = 14;
/** A caller answers for a sum when he brought at least this share of it. */
const responsibleShare = 0.5;
/** Many callers together must go this many times beyond what one would. */
const spreadFactor = 3;
/** The largest identity of a workload or account is a loose measure of a new one. */
const workloadFactor = 4;
const accountFactor = 10;
/** Beside an account's other identities a newcomer may still be its first batch job: at least this share of the fixed amount. */
const accountShare = 0.2;
/** Days, of a workload or account active ones, after which a workload, an account or a resource can speak for those who are new to it. */
const peerDays = 14;
/** The most that a new network and client counts for, and how far below the limit that can make a difference. */
const mostNewClientBits = 6;
const newClientReach = 20;
const noLimit = Infinity;
const twoMonthEnds = 70;
const monthEndFactor = 8;
/** Below this no volume is critical. */
const criticalBytes = 1_000_000_000;

interface Volume { windowBytes: number; dayBytes: number; windowRequests: number; dayRequests: number }
type Verdict = { readonly measure: number; readonly value: number; readonly peak: Peak | null; readonly book: PeakBook; readonly judgedBy: string };

/** The identity against its own past, or while it is young against its peers. */
export function judgeOwn(
  event: TokenEvent, records: EgressRecords, values: EgressParameters, caller: number, bytes: number,
): Finding | null {
  const { identity } = records;
  if (identity === null) return null;
  for (let measure = 0; measure < ownMeasures; measure += 1) {
    const value = valueOf(identity, measure);
    const own = identity.limits.get(measure);
    if (own > 0 ? value < own : isYoungAndQuiet(records, measure, value, values)) continue;
    if (value < floorOf(measure, values) || !isResponsible(identity, measure, caller)) continue;
    if (own > 0 && mayBeMonthEnd(records, measure, value)) continue;
    const by = own > 0 ? identity : judgeBook(records, measure);
    const verdict = { measure, value, peak: by === null ? null : knownPeak(by, measure, narrowest), book: by ?? identity, judgedBy: judgedBy(records, by) };
    return ownFinding(event, identity, verdict, values, bytes);
  }
  return null;
}

/**
 * What a network and client never seen before took under a settled identity. That the client is new is evidence by itself, the more
 * the rarer this identity shows new ones, so less excess suffices; only what this client took counts.
 */
export function judgeNewClient(event: TokenEvent, records: EgressRecords, values: EgressParameters, caller: number): Finding | null {
  const { identity } = records;
  const source = records['source+client'];
  if (identity === null || source === null) return null;
  if (source.firstDay < source.day - 1 || source.firstDay - identity.firstDay < peerDays) return null;
  for (let measure = 0; measure < sharedMeasures; measure += 1) {
    const limit = identity.limits.get(measure);
    const value = Math.min(valueOf(source, measure), valueOf(identity, measure));
    if (limit === 0 || value * newClientReach < limit || value < floorOf(measure, values) || !isResponsible(identity, measure, caller)) continue;
    const peak = knownPeak(identity, measure, narrowest);
    const newClientBits = Math.min(mostNewClientBits, noveltyBits(identity.newClientDays, identity.activeDays.get(0) + identity.activeDays.get(1) + identity.activeDays.get(2)));
    if (peak === null || surpriseBits(peak, value) + newClientBits < values.thresholdBits) continue;
    const kind = kinds[measure] ?? { unit: 'bytes', day: true };
    const from = event.networkName ?? event.sourceIp ?? event.networkBlock ?? 'an unknown address';
    return finding(event, kind, value, peak, identity, 'token',
      `A client never seen before, at ${from}, took ${amount(kind, value)} in ${span(kind)} as ${nameOf(event)}; ${history(kind, peak, identity)}.`,
      'identity', values, newClientBits);
  }
  return null;
}

/** A resource gave out more than it ever did: names the caller that answers for most of it, or those that are themselves unusual. */
export function judgeResource(event: TokenEvent, records: EgressRecords, values: EgressParameters, caller: number): Finding | null {
  const { resource } = records;
  if (resource === null) return null;
  for (let measure = 0; measure < sharedMeasures; measure += 1) {
    const limit = resource.limits.get(measure);
    const value = valueOf(resource, measure);
    if (limit === 0 || value < limit || value < floorOf(measure, values)) continue;
    if (resource.day - resource.firstDay < peerDays) continue;
    const alone = isResponsible(resource, measure, caller);
    if (!alone && (value < spreadFactor * limit || !isUnusual(records.identity, measure, caller))) continue;
    const peak = knownPeak(resource, measure, narrowest);
    if (peak === null || (resource.day - resource.firstDay < twoMonthEnds && value < monthEndFactor * peakValue(peak))) continue;
    const kind = kinds[measure] ?? { unit: 'bytes', day: true };
    const name = event.resourceId ?? event.urlDomain ?? event.service ?? 'a resource';
    const who = alone ? `most of them to ${nameOf(event)}` : `spread over several callers, ${nameOf(event)} among them`;
    return finding(event, kind, value, peak, resource, 'token',
      `${name} gave out ${amount(kind, value)} in ${span(kind)}, ${who}; ${history(kind, peak, resource)}.`, 'resource', values);
  }
  return null;
}

/** One network and client took more than ever, under callers that are unusual themselves or too young to tell. */
export function judgeSource(event: TokenEvent, records: EgressRecords, values: EgressParameters, caller: number): Finding | null {
  const source = records['source+client'];
  if (source === null) return null;
  for (let measure = 0; measure < sharedMeasures; measure += 1) {
    const limit = source.limits.get(measure);
    const value = valueOf(source, measure);
    if (limit === 0 || value < limit || value < floorOf(measure, values) || !isUnusual(records.identity, measure, caller)) continue;
    if (answersAlone(records.identity, measure, value)) continue;
    const peak = knownPeak(source, measure, narrowest);
    if (peak === null) continue;
    const kind = kinds[measure] ?? { unit: 'bytes', day: true };
    const from = event.networkName ?? event.networkBlock ?? event.sourceIp ?? 'one network';
    return finding(event, kind, value, peak, source, 'network',
      `One client at ${from} took ${amount(kind, value)} in ${span(kind)}, now as ${nameOf(event)}; ${history(kind, peak, source)}.`,
      'source', values);
  }
  return null;
}

function ownFinding(event: TokenEvent, identity: IdentityVolume, verdict: Verdict, values: EgressParameters, bytes: number): Finding {
  const kind = kinds[verdict.measure] ?? { unit: 'bytes', day: true };
  const single = bytes > 0.5 * verdict.value && kind.unit === 'bytes' && event.endMs !== null;
  const tookMs = single ? event.orderMs - event.timeMs : event.orderMs - identity.windowStartMs;
  const time = single || !kind.day ? durationInWords(Math.max(1000, tookMs)) : 'a day';
  const verb = kind.unit === 'bytes' ? 'took' : kind.unit === 'requests' ? 'made' : 'touched';
  const did = `${nameOf(event)} ${verb} ${amount(kind, verdict.value)} in ${time}`;
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
    : `it is new, and the largest ${span(kind)} of any identity of its ${verdict.judgedBy} was ${amount(kind, peakValue(verdict.peak))}`;
  const result = finding(event, kind, verdict.value, verdict.peak, verdict.book, 'token', `${did}; ${before}.`, verdict.judgedBy, values);
  return typical === null ? result : { ...result, baseline: { ...result.baseline, typicalWindowBytes: Math.round(Math.expm1(typical)) } };
}

function finding(
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

/**
 * Before two month-ends have been seen, what comes from a known client must go further beyond the highest:
 * reports at the turn of a month are the commonest legitimate peak. A client new today is not given that.
 */
function mayBeMonthEnd(records: EgressRecords, measure: number, value: number): boolean {
  const { identity } = records;
  const source = records['source+client'];
  if (identity === null || identity.day - identity.firstDay >= twoMonthEnds) return false;
  if (source !== null && source.firstDay >= source.day - 1 && identity.firstDay < source.firstDay) return false;
  const peak = knownPeak(identity, measure, narrowest);
  return peak !== null && value < monthEndFactor * peakValue(peak);
}

function isYoungAndQuiet(records: EgressRecords, measure: number, value: number, values: EgressParameters): boolean {
  return value < youngLimit(records, measure, values);
}

function youngLimit(records: EgressRecords, measure: number, values: EgressParameters): number {
  if (measure >= sharedMeasures) return noLimit;
  const by = judgeBook(records, measure);
  if (by !== null && by === records.workload) return by.limits.get(measure) * workloadFactor;
  if (by !== null) return Math.max(by.limits.get(measure) * accountFactor, kinds[measure]?.unit === 'bytes' ? accountShare * values.coldStartBytes : 0);
  return measure === measures.dayBytes ? values.coldStartBytes : noLimit;
}

/** The book that a young identity is judged by; `null` for the fixed amount. */
function judgeBook(records: EgressRecords, measure: number): PeakBook | null {
  const { workload, account } = records;
  if (workload !== null && canJudgeOthers(workload, measure)) return workload;
  return account !== null && canJudgeOthers(account, measure) ? account : null;
}

function canJudgeOthers(peers: PeakBook, measure: number): boolean {
  return peers.limits.get(measure) > 0 && (knownPeak(peers, measure, narrowest)?.activeDays ?? 0) >= peerDays;
}

function judgedBy(records: EgressRecords, by: PeakBook | null): string {
  if (by === records.identity) return 'identity';
  return by === records.workload ? 'workload' : 'account';
}

/** A settled identity that brought most of a client's volume is judged by its own history. */
function answersAlone(identity: IdentityVolume | null, measure: number, value: number): boolean {
  return identity !== null && identity.limits.get(measure) > 0 && valueOf(identity, measure) >= responsibleShare * value;
}

/** The caller answers for most of an identity's volume, which is above its own highest, or without one. */
function isUnusual(identity: IdentityVolume | null, measure: number, caller: number): boolean {
  if (identity === null) return true;
  if (!isResponsible(identity, measure, caller)) return false;
  const peak = knownPeak(identity, measure, narrowest);
  return peak === null || identity.limits.get(measure) === 0 || valueOf(identity, measure) > peakValue(peak);
}

function isResponsible(record: IdentityVolume | ResourceVolume, measure: number, caller: number): boolean {
  const day = kinds[measure]?.day ?? true;
  const keys = day ? record.dayKeys : record.windowKeys;
  const weights = day ? record.dayWeights : record.windowWeights;
  return contributionOf(keys, weights, caller) >= responsibleShare * sumOf(weights);
}

function sumOf(numbers: Numbers): number {
  let sum = 0;
  for (let index = 0; index < numbers.length; index += 1) sum += numbers.get(index);
  return sum;
}

function valueOf(record: Volume & { dayObjects?: number }, measure: number): number {
  switch (measure) {
    case 0: return record.windowBytes;
    case 1: return record.windowRequests;
    case 2: return record.dayBytes;
    case 3: return record.dayRequests;
    default: return record.dayObjects ?? 0;
  }
}

function floorOf(measure: number, values: EgressParameters): number {
  return kinds[measure]?.unit === 'bytes' ? values.minimumBytes : values.minimumRequests;
}

function observedOf(kind: MeasureKind, value: number): Record<string, number> {
  return { [`${kind.day ? 'day' : 'window'}${capital(kind.unit)}`]: Math.round(value), windowMs: windowOf(kind) };
}

function windowOf(kind: MeasureKind): number {
  return kind.day ? dayMs : windowMs;
}

function history(kind: MeasureKind, peak: Peak, of: PeakBook): string {
  return `in ${plural(of.day - of.firstDay, 'day')} its largest ${span(kind)} was ${amount(kind, peakValue(peak))}`;
}

function amount(kind: MeasureKind, value: number): string {
  if (kind.unit === 'bytes') return bytesInWords(value);
  return kind.unit === 'requests' ? `${countInWords(Math.round(value))} requests` : `about ${countInWords(Math.round(value))} distinct objects`;
}

function span(kind: MeasureKind): string {
  return kind.day ? 'day' : 'ten minutes';
}

function capital(unit: Unit): string {
  return unit.charAt(0).toUpperCase() + unit.slice(1);
}
