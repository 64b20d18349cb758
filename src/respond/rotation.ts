import type { Alert } from '../model/alert.ts';
import type { Dependent, Handover, Intent } from '../model/intent.ts';
import type { Knowledge } from './port.ts';

/** Who was on the new credential for so long without the old one has left the old one behind. */
const settledMs = 15 * 60_000;

export type Moved = Pick<Handover, 'waitingFor' | 'suspects'>;

/**
 * Who has not moved from the old credential to the new one by what was observed. Suspects (who calls from where the alert deviates, or first came
 * after that began) are no users: nobody waits for them. Pure. A credential whose public id no log tells is never seen: then nobody has moved.
 */
export function movedBy({ target, dependents, handover }: Intent, alert: Alert, knowledge: Knowledge): Moved {
  const { identityId } = target;
  const old = knowledge.dependents(target.token, alert).filter(({ suspect }) => !suspect);
  const known = new Set(old.map(({ name }) => name));
  // Whom the decision named depends on it whatever was forgotten since.
  const users = [...old, ...dependents.filter(({ suspect, name }) => !suspect && !known.has(name))];
  const made = identityId === null || handover === undefined || handover.made === null ? null : knowledge.successor(identityId, handover.made);
  const onNew = made === null ? [] : knowledge.newUsers(made, alert);
  return {
    waitingFor: users.filter((user) => !onNew.some((one) => !one.suspect && hasMoved(user, one))).map(({ name }) => name).sort(),
    suspects: onNew.filter(({ suspect }) => suspect).map(({ name }) => name).sort(),
  };
}

/** Seen on the new one, and on the old one no more. */
function hasMoved(old: Dependent, { workloadId, name, firstSeenMs, lastSeenMs }: Dependent): boolean {
  const isSame = old.workloadId === null ? workloadId === null && name === old.name : workloadId === old.workloadId;
  return isSame && (old.lastSeenMs <= firstSeenMs || lastSeenMs - old.lastSeenMs >= settledMs);
}
