import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { activeDaysOf, knownPeak, type PeakBook } from '../src/stats/peak-book.ts';
import { answersAlone, canHaveBrought, isOutweighed, isResponsible, isUnusual } from './egress-answer.ts';
import {
  floorOf, isJoint, isMuch, isOddTime, isNoDay, isOfMonthEnd, jointRequests, leastVolumeBits, mayBeMonthEnd, mayBeOneResponse, ownValue, reach,
  takenBySource, twoMonthEnds, valueOf, volumeBits,
} from './egress-evidence.ts';
import { amount, finding, history, ownFinding, sizesFinding, span, verbOf } from './egress-finding.ts';
import { kinds, measures, narrowest, narrowestShared, ownSums, sharedMeasures, someKind, toldAs } from './egress-measures.ts';
import { isYoungAndQuiet, judgeBook, peerDays } from './egress-peers.ts';
import { timesUsual } from './egress-sizes.ts';
import { judgedValue } from './egress-sums.ts';
import type { EgressParameters, EgressRecords } from './egress-records.ts';
import { nameOf } from './words.ts';

/** Many callers together must go this many times beyond what one would. */
const spreadFactor = 3;
/** The most that a new network and client counts for. */
const mostNewClientBits = 4;
/** From so many bits a client is so strange that what it takes is no scatter of this identity's sizes. */
const strangerBits = 3;
/** All calls of one run may be larger together: so many times as large as usual before it is more than that. */
const leastTimes = 2;

/** The identity against its own past, or while it is young against its peers. */
export function judgeOwn(
  event: TokenEvent, records: EgressRecords, values: EgressParameters, token: number, bytes: number,
): Finding | null {
  const { identity } = records;
  if (identity === null) return null;
  const { limits } = identity;
  for (let measure = 0; measure < ownSums; measure += 1) {
    const value = ownValue(identity, measure);
    const own = limits.get(measure);
    if (value < floorOf(measure, values)) continue;
    const judged = judgedValue(identity, measure, value);
    if (judged < own && !isJoint(event, identity, measure, value) && !isOddTime(identity, measure, value, values)) continue;
    if (own === 0 && isYoungAndQuiet(records, measure, value, values)) continue;
    if (isOutweighed(identity, measure, token)) continue;
    if (own > 0 && mayBeMonthEnd(records, measure, judged)) continue;
    const by = own > 0 ? identity : judgeBook(records, measure);
    const peak = by === null ? null : knownPeak(by, measure, by === identity ? narrowest : narrowestShared);
    if (peak !== null && mayBeOneResponse(measure, value, identity.largest, peak, values)) continue;
    if (peak !== null && own > 0 && isNoDay(identity, measure, value, peak, values)) continue;
    const verdict = { measure, value, judged: own > 0 ? judged : value, peak, book: by ?? identity, judgedBy: judgedBy(records, by) };
    return ownFinding(event, identity, verdict, values, bytes);
  }
  return null;
}

/**
 * What a network and client never seen before took under a settled identity. That the client is new is evidence by itself, the more
 * the rarer this identity shows new ones, so less excess suffices; only what this client took counts.
 */
export function judgeNewClient(event: TokenEvent, records: EgressRecords, values: EgressParameters, token: number): Finding | null {
  const { identity } = records;
  const source = records['source+client'];
  if (identity === null || source === null) return null;
  if (source.firstDay < source.day - 1 || source.firstDay - identity.firstDay < peerDays) return null;
  for (let measure = 0; measure < ownSums; measure += 1) {
    if (measure === measures.dayObjects) continue;
    const limit = identity.limits.get(measure);
    const value = Math.min(takenBySource(source, measure), ownValue(identity, measure));
    const judged = judgedValue(identity, measure, value);
    if (limit === 0 || judged * reach < limit || value < floorOf(measure, values) || isOutweighed(identity, measure, token)) continue;
    const peak = knownPeak(identity, measure, narrowest);
    const newClientBits = Math.min(mostNewClientBits, noveltyBits(identity.newClientDays, activeDaysOf(identity)))
      + (kinds[measure]?.span === 'day' ? 0 : identity.oddTimeBits);
    if (peak === null) continue;
    const bits = volumeBits(identity, measure, peak, judged, values);
    if (bits < leastVolumeBits || bits + newClientBits < values.thresholdBits) continue;
    if (newClientBits < strangerBits && mayBeOneResponse(measure, value, identity.largest, peak, values)) continue;
    const kind = toldAs(kinds[measure] ?? someKind, event);
    const from = event.networkName ?? event.sourceIp ?? event.networkBlock ?? 'an unknown address';
    const did = `${nameOf(event)} ${verbOf(kind)} ${amount(kind, value)} in ${span(kind)} through a client never seen before, at ${from}`;
    return finding(event, kind, value, peak, identity, 'token', `${did}; ${history(kind, peak, identity)}.`, 'identity', values, newClientBits);
  }
  return null;
}

/** The same calls bring larger responses than ever in a row, and much altogether: a query that was widened. */
export function judgeSizes(event: TokenEvent, { identity }: EgressRecords, values: EgressParameters, token: number): Finding | null {
  if (identity === null || identity.day - identity.firstDay < twoMonthEnds) return null;
  const limit = identity.limits.get(measures.sizes);
  if (limit === 0 || identity.shift < limit || identity.shiftCount < jointRequests) return null;
  if (timesUsual(identity) < leastTimes || identity.sums.get(measures.dayBytes) < values.minimumBytes) return null;
  if (isOutweighed(identity, measures.dayBytes, token) || !isMuch(identity)) return null;
  const peak = knownPeak(identity, measures.sizes, narrowest);
  if (peak === null) return null;
  return sizesFinding(event, identity, peak, values);
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
    const alone = isResponsible(resource, measure, caller) && canHaveBrought(records.identity, measure, value);
    if (alone ? records.identity !== null && isOutweighed(records.identity, measure, token)
      : value < spreadFactor * limit || !isUnusual(records.identity, measure, token)) continue;
    const peak = knownPeak(resource, measure, narrowestShared);
    if (peak === null || isOfMonthEnd(resource, measure, value, narrowestShared)) continue;
    if (mayBeOneResponse(measure, value, bytes, peak, values)) continue;
    const kind = toldAs(kinds[measure] ?? someKind, event);
    const name = event.resourceId ?? event.urlDomain ?? event.service ?? 'a resource';
    const who = alone ? `most of them to ${nameOf(event)}` : `spread over several callers, ${nameOf(event)} among them`;
    const did = `${name} ${kind.unit === 'requests' ? 'answered' : 'gave out'} ${amount(kind, value)} in ${span(kind)}`;
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
    const peak = knownPeak(source, measure, narrowestShared);
    if (peak === null || mayBeOneResponse(measure, value, bytes, peak, values)) continue;
    const kind = toldAs(kinds[measure] ?? someKind, event);
    const from = event.networkName ?? event.networkBlock ?? event.sourceIp ?? 'one network';
    return finding(event, kind, value, peak, source, 'network',
      `One client at ${from} ${verbOf(kind)} ${amount(kind, value)} in ${span(kind)}, now as ${nameOf(event)}; ${history(kind, peak, source)}.`,
      'source', values);
  }
  return null;
}

function judgedBy(records: EgressRecords, by: PeakBook | null): string {
  if (by === records.identity) return 'identity';
  return by === records.workload ? 'workload' : 'account';
}
