import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { hashText } from '../src/stats/hash.ts';
import { countSeen, daySeen, fingerprint16, noteSeen } from '../src/stats/recent-set.ts';
import { nameOf, placeOf, plural } from './words.ts';
import { bitsOfNews, countNews, findingOf, isSettled, sharing } from './workload-news.ts';
import type { TokenHome, WorkloadRecord, WorkloadValues } from './workload-records.ts';

/** The same token under two workloads is odder than a new workload alone. */
const sameTokenBits = 3;

/** A token shown by a workload, as the event itself proves it, that never showed tokens of this identity. */
export function observeSharing(
  event: TokenEvent, token: TokenHome | null, identity: WorkloadRecord, day: number, values: WorkloadValues,
): Finding | null {
  const { workloadId, workloadEvidence } = event;
  if (token === null || workloadId === null || workloadEvidence !== 'event') return null;
  const workload = fingerprint16(hashText(workloadId)) || 1;
  const isAnother = token.workload !== 0 && token.workload !== workload;
  if (token.workload === 0) token.workload = workload;
  const known = countSeen(identity.workloadDays);
  const isKnown = daySeen(identity.workloads, identity.workloadDays, workload) !== 0;
  noteSeen(identity.workloads, identity.workloadDays, workload, day);
  if (isKnown || known === 0) return null;
  const bits = bitsOfNews(identity, sharing, day) + (isAnother ? sameTokenBits : 0);
  countNews(identity, sharing, day);
  // A workload that takes the place of another brings new tokens of its own.
  if (!isAnother || !isSettled(identity) || bits < values.thresholdBits) return null;
  return findingOf(event, identity, {
    severity: 47, bits, certainty: 0.8, deviates: 'token',
    reason: `A token of ${nameOf(event)} was shown by ${workloadId} from ${placeOf(event)}, and before by another workload; on `
      + `${plural(identity.activeDays, 'day')} of use only ${plural(known, 'other workload')} showed its tokens.`,
    observed: { workload: workloadId },
    baseline: { knownWorkloads: known, daysWithNewWorkload: identity.newDays.get(sharing) - 1 },
  });
}
