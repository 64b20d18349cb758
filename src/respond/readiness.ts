import type { Alert } from '../model/alert.ts';
import type { AuditEntry } from '../model/audit.ts';
import { isHarmless, type Intent } from '../model/intent.ts';
import { concerns } from './ledger.ts';

const dayMs = 24 * 3_600_000;

/** In the order in which they are asked; the first that holds is told. */
export type ReadinessVerdict =
  | 'never_proposed' | 'wrong_proposals' | 'too_early'
  /** Nobody has said of some whether they were right. */
  | 'unjudged'
  | 'ready';

/** What a detector's alerts would have led to, and whether people agreed. */
export interface DetectorReadiness {
  readonly detector: string;
  readonly verdict: ReadinessVerdict;
  /** From its first proposal to the newest event, in days. */
  readonly days: number;
  /** Alerts for which something was proposed that would have cut somebody off; by what became of them. */
  readonly proposed: number;
  readonly right: number;
  readonly wrong: number;
  readonly unjudged: number;
}

export interface ReadinessInput {
  readonly alerts: readonly Alert[];
  readonly intents: readonly Intent[];
  readonly audit: Iterable<AuditEntry>;
  /** So long without one wrong proposal makes it ready. */
  readonly neededDays: number;
}

/**
 * Which detectors may be let act by themselves: those whose proposals were all confirmed as theft for long enough. A proposal is wrong where
 * its alert was closed as anything else, where a person rejected it, or where it was taken back. Pure, by event time.
 */
export function readiness({ alerts, intents, audit, neededDays }: ReadinessInput): DetectorReadiness[] {
  const closedAs = closings(audit);
  const byIncident = Map.groupBy(intents.filter(({ kind, refused }) => !isHarmless(kind) && refused === null), ({ incidentId }) => incidentId);
  const nowMs = Math.max(0, ...alerts.map(({ endMs }) => endMs));
  return [...Map.groupBy(alerts, ({ detector }) => detector)].map(([detector, own]): DetectorReadiness => {
    const proposals = own.flatMap((alert) => {
      const concerned = (byIncident.get(alert.incidentId) ?? []).filter((intent) => concerns(alert, intent));
      return concerned.length === 0 ? [] : [{ timeMs: alert.createdMs, outcome: outcomeOf(alert, concerned, closedAs) }];
    });
    const count = (outcome: Outcome): number => proposals.filter((one) => one.outcome === outcome).length;
    const days = proposals.length === 0 ? 0 : Math.floor((nowMs - Math.min(...proposals.map(({ timeMs }) => timeMs))) / dayMs);
    const isWrong = proposals.some(({ timeMs, outcome }) => outcome === 'wrong' && nowMs - timeMs <= neededDays * dayMs);
    const [right, wrong, unjudged] = [count('right'), count('wrong'), count('unjudged')];
    const judged = isWrong ? 'wrong_proposals' : days < neededDays ? 'too_early' : unjudged > 0 ? 'unjudged' : 'ready';
    const verdict = proposals.length === 0 ? 'never_proposed' : judged;
    return { detector, verdict, days, proposed: proposals.length, right, wrong, unjudged };
  }).sort((a, b) => (a.detector < b.detector ? -1 : 1));
}

type Outcome = 'right' | 'wrong' | 'unjudged';

function outcomeOf({ id, status }: Alert, intents: readonly Intent[], closedAs: ReadonlyMap<string, unknown>): Outcome {
  if (intents.some(({ state, why }) => state === 'undone' || state === 'rejected' && why === 'rejected')) return 'wrong';
  if (status !== 'closed' || !closedAs.has(id)) return 'unjudged';
  return closedAs.get(id) === 'theft' ? 'right' : 'wrong';
}

/** As what alerts were closed last; those opened again are not among them. */
function closings(audit: Iterable<AuditEntry>): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const { kind, subject, detail } of audit) {
    if (kind === 'alert.close') found.set(subject, detail['as']);
    else if (kind === 'alert.reopen') found.delete(subject);
  }
  return found;
}
