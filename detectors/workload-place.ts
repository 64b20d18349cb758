import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { hashText, mix } from '../src/stats/hash.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { countSeen, fingerprint16, noteSeen } from '../src/stats/recent-set.ts';
import { isOfCloud } from './clouds.ts';
import { hides, networkOf } from './network.ts';
import { isShortLived } from './use.ts';
import { nameOf, placeOf, plural } from './words.ts';
import { bitsOfNews, countNews, findingOf, isSettled, wandering } from './workload-news.ts';
import type { TokenHome, WorkloadRecord, WorkloadValues } from './workload-records.ts';

/** Workloads that run in the cloud by their nature: their credentials are delivered there. */
const cloudKinds: ReadonlySet<string> = new Set(['instance', 'function', 'azure_managed_identity']);
const podKind = 'kubernetes_service_account';
const cloudBits = 14;
const podOutsideBits = 3;
/** A pod has one address of each family as long as it lives. */
const podBits = 3;
const hiddenBits = 4;

/** Credentials that belong into the cloud, used at an address that is not the cloud's. */
export function observeCloud(event: TokenEvent, identity: WorkloadRecord, day: number, values: WorkloadValues): Finding | null {
  const { workloadKind, workloadEvidence, asNumber, networkName, networkClass, cloudProvider } = event;
  if (workloadKind === null || workloadEvidence === 'inventory' || cloudProvider === null || asNumber === null) return null;
  if (networkName !== null || networkClass === 'private' || networkClass === 'provider' || isOfCloud(cloudProvider, asNumber) !== false) return null;
  const isDelivered = cloudKinds.has(workloadKind);
  if (!isDelivered && workloadKind !== podKind) return null;
  const place = fingerprint16(mix(asNumber)) || 1;
  const known = countSeen(identity.outsideDays);
  if (noteSeen(identity.outside, identity.outsideDays, place, day) !== 0) return null;
  // A cluster may run anywhere: there its own history decides.
  const bits = isDelivered ? cloudBits : noveltyBits(known, identity.activeDays) + podOutsideBits;
  if (!isDelivered && (!isSettled(identity) || bits < values.thresholdBits)) return null;
  const who = event.workloadId ?? 'a machine of its own';
  const before = isDelivered ? 'they have no business anywhere else'
    : `on ${plural(identity.activeDays, 'day')} of use ${known === 0 ? 'it never left it' : `it was in ${plural(known, 'other network')} outside`}`;
  return findingOf(event, identity, {
    severity: 73, bits, certainty: isDelivered ? 0.9 : 0.7, deviates: 'network',
    reason: `Credentials that ${cloudProvider} delivered to ${who} (${nameOf(event)}) were used from ${placeOf(event)}, outside that cloud; ${before}.`,
    observed: { workloadKind, asNumber, networkClass: networkClass ?? 'unknown' },
  });
}

/** A token bound to a pod, or a short-lived one, that leaves the place where it was first used. */
export function observePlace(
  event: TokenEvent, token: TokenHome | null, identity: WorkloadRecord, day: number, values: WorkloadValues,
): Finding | null {
  if (token === null || event.sourceIp === null || event.identityKind === 'human') return null;
  const isPod = event.boundTo !== null && event.boundTo.startsWith('pod/');
  if (!isPod && !isShortLived(event)) return null;
  const network = networkOf(event);
  if (!isPod && network === 0) return null;
  // Two logs may show one use with two addresses: each is compared with itself.
  const place = fingerprint16(isPod ? hashText(event.sourceIp) : mix(network)) || 1;
  const name = isPod && event.sourceIp.includes(':') ? 'home6' : 'home';
  if (token[name] === 0) {
    token[name] = place;
    return null;
  }
  if (token[name] === place) return null;
  const bits = bitsOfNews(identity, wandering, day) + (isPod ? podBits : 0) + (hides(event) ? hiddenBits : 0);
  countNews(identity, wandering, day);
  if (!isSettled(identity) || bits < values.thresholdBits) return null;
  const days = plural(identity.activeDays, 'day');
  return findingOf(event, identity, {
    severity: isPod || hides(event) ? 73 : 47, bits, certainty: 0.8, deviates: 'token',
    reason: isPod
      ? `A token of ${nameOf(event)} that is bound to ${event.boundTo?.replace('/', ' ') ?? 'a pod'} was used from ${placeOf(event)}, not the address `
        + `where that pod used it before; on ${days} of use no bound token changed its place.`
      : `A short-lived token of ${nameOf(event)} was used from ${placeOf(event)}, another network than the one it was first used in; `
        + `on ${days} of use none of its tokens wandered.`,
    observed: {
      ...(event.asNumber === null ? {} : { asNumber: event.asNumber }), networkClass: event.networkClass ?? 'unknown', boundTo: event.boundTo ?? 'nothing',
    },
    baseline: { daysWithWandering: identity.newDays.get(wandering) - 1 },
  });
}
