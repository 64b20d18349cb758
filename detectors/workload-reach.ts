import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { hashText } from '../src/stats/hash.ts';
import { countSeen, fingerprint16, noteSeen } from '../src/stats/recent-set.ts';
import { nameOf, placeOf, plural } from './words.ts';
import { bitsOfNews, countNews, findingOf, isSettled, phase, target } from './workload-news.ts';
import { askingPhase, countPhases, phaseOf, phasesInWords, weightOfPhases } from './workload-phases.ts';
import type { WorkloadRecord, WorkloadValues } from './workload-records.ts';

/** One new thing is a new feature, and for unfamiliar-action to judge; three within a day are an intruder. */
const eachFurtherPhaseBits = 3;
const onePhaseLessBits = 3;
/** A role's session that takes on a further role, and acting as somebody else. */
const chainBits = 1;
const impersonationBits = 2;

/** A workload, or a role that machines use, begins to do what intruders do. */
export function observePhase(event: TokenEvent, identity: WorkloadRecord, day: number, values: WorkloadValues): Finding | null {
  if (event.identityKind === 'human' || event.workloadId === null && event.identityKind !== 'role') return null;
  const bit = phaseOf(event);
  if (bit === 0 || (identity.phases & bit) !== 0) return null;
  if (identity.phaseDay !== day) identity.phasesToday = 0;
  identity.phaseDay = day;
  identity.phases |= bit;
  identity.phasesToday |= bit;
  const today = identity.phasesToday;
  const number = countPhases(today);
  // To ask who one is is what programs do at their start as well.
  const isIdle = today === askingPhase;
  const bits = bitsOfNews(identity, phase, day) + weightOfPhases(bit) + (number === 1 ? -onePhaseLessBits : eachFurtherPhaseBits * (number - 1));
  // What the first days bring is how it began, and no habit.
  if (!isSettled(identity)) return null;
  countNews(identity, phase, day);
  if (isIdle || bits < values.thresholdBits) return null;
  return findingOf(event, identity, {
    severity: number >= 3 ? 73 : number === 2 ? 47 : 21, bits, certainty: 0.7, deviates: 'token',
    reason: `${nameOf(event)}${event.workloadId === null ? '' : ` (${event.workloadId})`} ${phasesInWords(today)} today, with ${event.action ?? 'a call'} from `
      + `${placeOf(event)}; on ${plural(identity.activeDays, 'day')} of use it never did.`,
    observed: { newPhases: number, action: event.action ?? '' },
    baseline: { daysWithNewPhase: identity.newDays.get(phase) - 1 },
  });
}

/** A machine takes on a role, or acts as somebody, it never did. */
export function observeTarget(event: TokenEvent, identity: WorkloadRecord, day: number, values: WorkloadValues): Finding | null {
  const isImpersonation = event.effectiveUserName !== null;
  const isIssue = event.issued !== null && event.issuedIdentityId !== null && event.issuedIdentityId !== event.identityId;
  if (event.identityKind === 'human' || !isImpersonation && !isIssue) return null;
  const name = event.effectiveUserName ?? event.issuedIdentityId ?? '';
  const fingerprint = fingerprint16(hashText(name)) || 1;
  const known = countSeen(identity.targetDays);
  if (noteSeen(identity.targets, identity.targetDays, fingerprint, day) !== 0) return null;
  const isChain = event.tokenKind === 'temporary_key';
  const bits = bitsOfNews(identity, target, day) + (isChain ? chainBits : 0) + (isImpersonation ? impersonationBits : 0);
  if (!isSettled(identity)) return null;
  countNews(identity, target, day);
  if (bits < values.thresholdBits) return null;
  return findingOf(event, identity, {
    severity: isImpersonation ? 47 : 21, bits, certainty: 0.6, deviates: 'token',
    reason: `${nameOf(event)} ${isImpersonation ? 'acted as' : 'took on'} ${name} from ${placeOf(event)}; on `
      + `${plural(identity.activeDays, 'day')} of use it took on ${known === 0 ? 'nobody' : plural(known, 'other principal')}.`,
    observed: { principal: name, chained: isChain ? 1 : 0 },
    baseline: { knownPrincipals: known, daysWithNewPrincipal: identity.newDays.get(target) - 1 },
  });
}

