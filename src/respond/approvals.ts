import { usersOf, type Approval, type Intent } from '../model/intent.ts';
import { stableId } from '../state/stable-id.ts';

/** An approval holds for so long: who agreed looked at what was true then. */
export const approvalLastsMs = 15 * 60_000;
/** Clocks that were set back a little void no approval. */
const skewMs = 60_000;

/**
 * What somebody agrees to, as SHA-256 in base64url, shortened to 128 bits: what is done, by what, to which token, and who else
 * was seen to use it. Evidence that only becomes newer changes nothing.
 */
export function digestOf({ kind, action, target, keepNetworks, keepWorkloads, refused, dependents, undoing, handover }: Intent): string {
  const leftBehind = handover === undefined ? [] : [handover.made, handover.waitingFor, handover.suspects];
  return stableId(JSON.stringify([kind, action, target, keepNetworks, keepWorkloads, refused, usersOf(dependents), undoing, ...leftBehind]));
}

/** The approvals that hold now: for exactly this, not expired, each of another person, and of nobody who proposed or changed it. */
export function standing(intent: Intent, nowMs: number): Approval[] {
  if (intent.approvals.length === 0) return [];
  const digest = digestOf(intent);
  const seen = new Set(intent.changedBy);
  return intent.approvals.filter(({ by, atMs, of }) => {
    const ageMs = nowMs - atMs;
    if (of !== digest || ageMs > approvalLastsMs || ageMs < -skewMs || seen.has(by)) return false;
    seen.add(by);
    return true;
  });
}
