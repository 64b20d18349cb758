import type { NetworkClass, TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { countSeen } from '../src/stats/recent-set.ts';
import type { Places } from './places.ts';
import { hides } from './network.ts';
import type { IdentityPlaces, UnfamiliarParameters } from './unfamiliar-records.ts';
import { secondsOf } from './use.ts';
import { countInWords, nameOf, placeOf, plural } from './words.ts';

/** How strange a place is, and by whose history. */
export interface Judgement {
  readonly bits: number;
  readonly sameNetwork: boolean;
  readonly by: 'identity' | 'workload' | 'account';
  readonly against: Places;
  /** The old place was used after the new one appeared. */
  readonly parallel: boolean;
  /** Of a place in a known network, what speaks against it beside. */
  readonly near: Near | null;
}

/**
 * `wandering`: a token of a session left the place where it was first used; `crowded`: more uses in the hour than ever in one about that time of day;
 * `resting`: at an hour of the day at which there never was work. `bits`: how improbable that is beside the new place, where the old one rests.
 */
export interface Near { readonly kind: 'wandering' | 'crowded' | 'resting'; readonly uses: number; readonly mostUses: number; readonly bits: number }

/** Both in use within so short a time: no move, and no single workload. */
const parallelSeconds = 900;
/** A machine of one place: so many active days, and so improbable a new network. */
const settledDays = 14;
const settledBits = 7;
/** So many bits beyond the limit are high by themselves. */
const highExcessBits = 5;
const kinds: Readonly<Partial<Record<NetworkClass, string>>> = { vpn: ', a commercial VPN', tor: ', a Tor exit', hosting: ', a hosting network' };

/** One sentence for an unfamiliar place: where the use came from, and where all those before did. */
function unfamiliarPlace(event: TokenEvent, { against, by, parallel, sameNetwork, near }: Judgement): string {
  const kind = sameNetwork ? ', a new block of a known network' : kinds[event.networkClass ?? 'unknown'] ?? '';
  const days = plural(Math.max(0, against.lastDay - against.firstDay) + 1, 'day');
  const whose = by === 'identity' ? '' : ` of its ${by}`;
  const before = `${by === 'identity' ? '' : 'it is new, and '}in ${days} ${from(against, parallel || near !== null, whose)}`;
  const beside = `${parallel ? ', still in use at the same time' : ''}${near === null ? '' : besides(near)}`;
  return `${nameOf(event)} was used from ${placeOf(event)}${kind}; ${before}${beside}.`;
}

function besides({ kind, uses, mostUses }: Near): string {
  if (kind === 'wandering') return '; a token of a session does not leave its place';
  if (kind === 'resting') return `; ${plural(uses, 'use')} there about an hour of the day at which it never was at work`;
  return `; ${plural(uses, 'use')} there in this hour, and hardly ever more than ${countInWords(mostUses)} anywhere in one about that time of day`;
}

function from(against: Places, parallel: boolean, whose: string): string {
  // The place at hand has been learned by then.
  const known = countSeen(against.blockDays) - (parallel ? 1 : 0);
  if (against.uses === 1) return `the only other use${whose} came from another block of addresses`;
  const uses = `${countInWords(against.uses)} uses${whose} came from`;
  if (known <= 1) return `${parallel ? 'nearly ' : ''}all ${uses} one other block of addresses`;
  return `${uses} ${known === against.blockDays.length ? 'at least ' : ''}${known} other blocks${parallel ? '' : newest(against)}`;
}

function newest({ lastNewBlockDay, firstDay, lastDay }: Places): string {
  if (lastNewBlockDay === 0 || lastNewBlockDay === firstDay) return ', all known since the first day';
  return `, the newest known for ${plural(Math.max(1, lastDay - lastNewBlockDay), 'day')}`;
}

/** A finding with its sentence and numbers. */
export function findingOf(event: TokenEvent, judgement: Judgement, identity: IdentityPlaces, values: UnfamiliarParameters): Finding {
  const { against, by } = judgement;
  const bits = values.learn === null ? judgement.bits : Math.max(judgement.bits, values.thresholdBits);
  const certainty = (event.authenticated === true ? 1 : 0.7) * (by === 'identity' ? 1 : 0.6);
  return {
    severity: severityOf(event, judgement, bits - values.thresholdBits, identity),
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: Math.round(100 * certainty * against.activeDays / (against.activeDays + 7)) / 100,
    reason: unfamiliarPlace(event, judgement),
    baseline: {
      historyDays: Math.max(0, against.lastDay - against.firstDay), activeDays: against.activeDays, uses: against.uses,
      knownBlocks: countSeen(against.blockDays),
      knownNetworks: countSeen(against.networkDays), daysWithNewBlock: against.newBlockDays, judgedBy: by,
    },
    observed: observedOf(event, identity),
    deviates: 'network',
  };
}

/**
 * By surprise and by the kind of network: where machines are rented or people hide, one of a single place has no business. Critical takes
 * certainty as well, that is Tor or both places in use at the same time.
 */
function severityOf(
  event: TokenEvent, { sameNetwork, parallel, by, against }: Judgement, excessBits: number, identity: IdentityPlaces,
): Finding['severity'] {
  if (sameNetwork) return parallel ? 47 : 21;
  // What is on probation has been learned already.
  const newNetworkDays = parallel ? Math.max(0, against.newNetworkDays - 1) : against.newNetworkDays;
  const settled = by === 'identity' && against.activeDays >= settledDays && noveltyBits(newNetworkDays, against.activeDays) >= settledBits;
  if (settled && (hides(event) || event.networkClass === 'hosting')) {
    const atOnce = parallel && secondsOf(event.orderMs) - identity.candidateSeconds - identity.returnedAfter <= parallelSeconds;
    return event.networkClass === 'tor' || atOnce ? 99 : 73;
  }
  return excessBits >= highExcessBits ? 73 : 47;
}

function observedOf(event: TokenEvent, identity: IdentityPlaces): Record<string, number | string> {
  const observed: Record<string, number | string> = { sinceFirstUseMs: Math.max(0, event.orderMs - identity.firstSeconds * 1000) };
  if (event.networkBlock !== null) observed['networkBlock'] = event.networkBlock;
  if (event.asNumber !== null) observed['asNumber'] = event.asNumber;
  if (event.country !== null) observed['country'] = event.country;
  if (event.networkClass !== null) observed['networkClass'] = event.networkClass;
  if (observed['sinceFirstUseMs'] === event.orderMs) observed['sinceFirstUseMs'] = 0;
  return observed;
}
