import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { contributionOf } from '../src/stats/heavy-hitters.ts';
import type { Numbers } from '../src/stats/numbers.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { activeDaysOf, daysKnown, knownPeak, peakValue, surpriseBits, type Peak, type PeakBook } from '../src/stats/peak-book.ts';
import { amount, finding, history, ownFinding, span, verbOf } from './egress-finding.ts';
import { kinds, measures, narrowest, ownMeasures, sharedMeasures, weightOf } from './egress-measures.ts';
import type { EgressParameters, EgressRecords, IdentityVolume, ResourceVolume } from './egress-spike.ts';
import { nameOf } from './words.ts';

/** Who brought at least this share of a sum answers for it: a caller for what several share, a token before others of its identity. */
const responsibleShare = 0.5;
/** Many callers together must go this many times beyond what one would. */
const spreadFactor = 3;
/** The largest identity of a workload or account is a loose measure of a new one. */
const workloadFactor = 4;
const accountFactor = 10;
/** So far beyond its own few peaks a young identity may go. */
const ownYoungFactor = 4;
/** Beside an account's other identities a newcomer may still be its first batch job: at least this share of the fixed amount. */
const accountShare = 0.2;
/** Days, of a workload or account active ones, after which a workload, an account or a resource can speak for those who are new to it. */
const peerDays = 14;
/** The most that a new network and client counts for, and how far below the limit that can make a difference. */
const mostNewClientBits = 4;
const newClientReach = 10;
/** One response that makes most of ten minutes must go so many bits further: single sizes scatter more than sums of many. */
const singleResponseBits = 2;
/** From so many requests in ten minutes a rate beyond belief counts, where the bytes are beyond the highest as well. */
const jointRequests = 10;
const noLimit = Infinity;
const twoMonthEnds = 70;
const monthEndFactor = 8;

interface Volume { readonly sums: Numbers }

/** The identity against its own past, or while it is young against its peers. */
export function judgeOwn(
  event: TokenEvent, records: EgressRecords, values: EgressParameters, token: number, bytes: number,
): Finding | null {
  const { identity } = records;
  if (identity === null) return null;
  const { sums, limits } = identity;
  for (let measure = 0; measure < ownMeasures; measure += 1) {
    const value = measure < sharedMeasures ? sums.get(measure) : identity.dayObjects;
    const own = limits.get(measure);
    if (value < floorOf(measure, values) || (value < own && !isJoint(identity, measure, value))) continue;
    if (own === 0 && isYoungAndQuiet(records, measure, value, values)) continue;
    if (isOutweighed(identity, measure, token)) continue;
    if (own > 0 && mayBeMonthEnd(records, measure, value)) continue;
    const by = own > 0 ? identity : judgeBook(records, measure);
    const peak = by === null ? null : knownPeak(by, measure, narrowest);
    if (peak !== null && mayBeOneResponse(measure, value, bytes, peak, values)) continue;
    const verdict = { measure, value, peak, book: by ?? identity, judgedBy: judgedBy(records, by) };
    return ownFinding(event, identity, verdict, values, bytes);
  }
  return null;
}

/**
 * What a network and client never seen before took under a settled identity. That the client is new is evidence by itself, the more
 * the rarer this identity shows new ones, so less excess suffices; only what this client took counts.
 */
export function judgeNewClient(event: TokenEvent, records: EgressRecords, values: EgressParameters, token: number, bytes: number): Finding | null {
  const { identity } = records;
  const source = records['source+client'];
  if (identity === null || source === null) return null;
  if (source.firstDay < source.day - 1 || source.firstDay - identity.firstDay < peerDays) return null;
  for (let measure = 0; measure < sharedMeasures; measure += 1) {
    const limit = identity.limits.get(measure);
    const value = Math.min(valueOf(source, measure), valueOf(identity, measure));
    if (limit === 0 || value * newClientReach < limit || value < floorOf(measure, values) || isOutweighed(identity, measure, token)) continue;
    const peak = knownPeak(identity, measure, narrowest);
    const newClientBits = Math.min(mostNewClientBits, noveltyBits(identity.newClientDays, activeDaysOf(identity)));
    if (peak === null || surpriseBits(peak, value) + newClientBits < values.thresholdBits) continue;
    if (mayBeOneResponse(measure, value, bytes, peak, values)) continue;
    const kind = kinds[measure] ?? { unit: 'bytes', day: true };
    const from = event.networkName ?? event.sourceIp ?? event.networkBlock ?? 'an unknown address';
    const did = `${nameOf(event)} ${verbOf(kind)} ${amount(kind, value)} in ${span(kind)} through a client never seen before, at ${from}`;
    return finding(event, kind, value, peak, identity, 'token', `${did}; ${history(kind, peak, identity)}.`, 'identity', values, newClientBits);
  }
  return null;
}

/** A resource gave out more than it ever did: names the caller that answers for most of it, or those that are themselves unusual. */
export function judgeResource(
  event: TokenEvent, records: EgressRecords, values: EgressParameters, caller: number, token: number, bytes: number,
): Finding | null {
  const { resource } = records;
  if (resource === null) return null;
  for (let measure = 0; measure < sharedMeasures; measure += 1) {
    const limit = resource.limits.get(measure);
    const value = valueOf(resource, measure);
    if (limit === 0 || value < limit || value < floorOf(measure, values)) continue;
    if (resource.day - resource.firstDay < peerDays) continue;
    const alone = isResponsible(resource, measure, caller);
    if (alone ? records.identity !== null && isOutweighed(records.identity, measure, token)
      : value < spreadFactor * limit || !isUnusual(records.identity, measure, token)) continue;
    const peak = knownPeak(resource, measure, narrowest);
    if (peak === null || (resource.day - resource.firstDay < twoMonthEnds && value < monthEndFactor * peakValue(peak))) continue;
    if (mayBeOneResponse(measure, value, bytes, peak, values)) continue;
    const kind = kinds[measure] ?? { unit: 'bytes', day: true };
    const name = event.resourceId ?? event.urlDomain ?? event.service ?? 'a resource';
    const who = alone ? `most of them to ${nameOf(event)}` : `spread over several callers, ${nameOf(event)} among them`;
    const did = `${name} ${kind.unit === 'bytes' ? 'gave out' : 'answered'} ${amount(kind, value)} in ${span(kind)}`;
    return finding(event, kind, value, peak, resource, 'token', `${did}, ${who}; ${history(kind, peak, resource)}.`, 'resource', values);
  }
  return null;
}

/** One network and client took more than ever, under callers that are unusual themselves or too young to tell. */
export function judgeSource(event: TokenEvent, records: EgressRecords, values: EgressParameters, token: number, bytes: number): Finding | null {
  const source = records['source+client'];
  if (source === null) return null;
  for (let measure = 0; measure < sharedMeasures; measure += 1) {
    const limit = source.limits.get(measure);
    const value = valueOf(source, measure);
    if (limit === 0 || value < limit || value < floorOf(measure, values) || !isUnusual(records.identity, measure, token)) continue;
    if (answersAlone(records.identity, measure, value)) continue;
    const peak = knownPeak(source, measure, narrowest);
    if (peak === null || mayBeOneResponse(measure, value, bytes, peak, values)) continue;
    const kind = kinds[measure] ?? { unit: 'bytes', day: true };
    const from = event.networkName ?? event.networkBlock ?? event.sourceIp ?? 'one network';
    return finding(event, kind, value, peak, source, 'network',
      `One client at ${from} ${verbOf(kind)} ${amount(kind, value)} in ${span(kind)}, now as ${nameOf(event)}; ${history(kind, peak, source)}.`,
      'source', values);
  }
  return null;
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

/**
 * More bytes than ever in ten minutes, by a rate of requests that is beyond belief: each alone may be little, but many ordinary calls in a
 * row are no scatter of sizes.
 */
function isJoint(identity: IdentityVolume, measure: number, value: number): boolean {
  if (measure !== measures.windowBytes) return false;
  const limit = identity.limits.get(measures.windowRequests);
  if (limit === 0 || identity.sums.get(measures.windowRequests) < Math.max(limit, jointRequests)) return false;
  const peak = knownPeak(identity, measure, narrowest);
  return peak !== null && value > peakValue(peak);
}

/** Hardly beyond what is known, and by one response. */
function mayBeOneResponse(measure: number, value: number, bytes: number, peak: Peak, values: EgressParameters): boolean {
  return measure === measures.windowBytes && bytes >= responsibleShare * value
    && surpriseBits(peak, value) < values.thresholdBits + singleResponseBits;
}

/** Within what its peers warrant, or near what it reached itself, however seldom it worked. */
function isYoungAndQuiet(records: EgressRecords, measure: number, value: number, values: EgressParameters): boolean {
  if (value < youngLimit(records, measure, values)) return true;
  const own = records.identity === null ? null : knownPeak(records.identity, measure, narrowest);
  return own !== null && value < ownYoungFactor * peakValue(own);
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
  return peers.limits.get(measure) > 0 && daysKnown(peers) >= peerDays;
}

function judgedBy(records: EgressRecords, by: PeakBook | null): string {
  if (by === records.identity) return 'identity';
  return by === records.workload ? 'workload' : 'account';
}

/** A settled identity that brought most of a client's volume is judged by its own history. */
function answersAlone(identity: IdentityVolume | null, measure: number, value: number): boolean {
  return identity !== null && identity.limits.get(measure) > 0 && valueOf(identity, measure) >= responsibleShare * value;
}

/** The identity's volume is above its own highest, or it has none to go by, and no other token of it is to blame. */
function isUnusual(identity: IdentityVolume | null, measure: number, token: number): boolean {
  if (identity === null) return true;
  if (isOutweighed(identity, measure, token)) return false;
  const peak = knownPeak(identity, measure, narrowest);
  return peak === null || identity.limits.get(measure) === 0 || valueOf(identity, measure) > peakValue(peak);
}

/**
 * Another token brought so much of the identity's sum that this one is not to blame. Where none did, as when a thief mints a token
 * an hour, the identity answers as a whole, and whichever token is at hand is named.
 */
function isOutweighed(identity: IdentityVolume, measure: number, token: number): boolean {
  const day = kinds[measure]?.day ?? true;
  const keys = day ? identity.dayKeys : identity.windowKeys;
  const weights = day ? identity.dayWeights : identity.windowWeights;
  const { sums } = identity;
  const half = responsibleShare * (day ? weightOf(sums.get(measures.dayBytes), sums.get(measures.dayRequests))
    : weightOf(sums.get(measures.windowBytes), sums.get(measures.windowRequests)));
  for (let slot = 0; slot < keys.length; slot += 1) if (weights.get(slot) >= half && keys.get(slot) !== token) return true;
  return false;
}

function isResponsible(resource: ResourceVolume, measure: number, caller: number): boolean {
  const day = kinds[measure]?.day ?? true;
  const keys = day ? resource.dayKeys : resource.windowKeys;
  const weights = day ? resource.dayWeights : resource.windowWeights;
  return contributionOf(keys, weights, caller) >= responsibleShare * sumOf(weights);
}

function sumOf(numbers: Numbers): number {
  let sum = 0;
  for (let index = 0; index < numbers.length; index += 1) sum += numbers.get(index);
  return sum;
}

function valueOf(record: Volume & { dayObjects?: number }, measure: number): number {
  return measure < sharedMeasures ? record.sums.get(measure) : record.dayObjects ?? 0;
}

function floorOf(measure: number, values: EgressParameters): number {
  return kinds[measure]?.unit === 'bytes' ? values.minimumBytes : values.minimumRequests;
}
