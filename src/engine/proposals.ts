import type { Alert } from '../model/alert.ts';
import { isSameDecision, type Proposal } from '../model/intent.ts';
import type { EffectsStore } from '../store/port.ts';

type Known = Pick<EffectsStore['responses'], 'intent' | 'intents'>;

/**
 * What grew of an alert so far that is worth another decision: it only ever goes up. Hits and bytes that change nothing else are none;
 * but dependents become known beside them, so doublings of the count are.
 */
export function growthOf(alert: Alert | undefined): number {
  if (alert === undefined) return 0;
  const { announced, tokens, provenMs, late, count } = alert;
  return announced.length + tokens.length + (provenMs === null ? 0 : 1) + (late ? 0 : 1) + Math.floor(Math.log2(count));
}

/** What was proposed since the last commit, each step once. What comes out does not depend on where commits fell. */
export class Proposals {
  readonly #waiting = new Map<string, Proposal[]>();

  add(proposals: readonly Proposal[]): void {
    for (const proposal of proposals) {
      const earlier = this.#waiting.get(proposal.id);
      if (earlier === undefined) this.#waiting.set(proposal.id, [proposal]);
      else earlier.push(proposal);
    }
  }

  /** Everything that is new, with the newest proof that the alerts hold. */
  take(alerts: readonly Alert[], known: Known): Proposal[] {
    const merged = new Map<string, Proposal>();
    for (const [id, proposals] of this.#waiting) {
      let current: Proposal | null = known.intent(id);
      for (const proposal of proposals) current = current === null ? proposal : newer(current, proposal);
      merged.set(id, current as Proposal);
    }
    this.#waiting.clear();
    const fresh = Map.groupBy(merged.values(), ({ target }) => target.token);
    for (const alert of alerts) refresh(alert, fresh, merged, known);
    return [...merged.values()];
  }
}

/**
 * Where alerts of one incident fall under different rules of one policy, the more severe one decides. What another alert says in other
 * words stays as it was said first, or by the more severe one: people are looking at it.
 */
function newer(known: Proposal, proposal: Proposal): Proposal {
  const next = isWeaker(known, proposal) ? { ...proposal, mode: known.mode, lowered: known.lowered, severity: known.severity } : proposal;
  const isOutranked = known.policyHash === next.policyHash && known.rule !== next.rule && known.severity > next.severity;
  const isSaid = known.severity >= next.severity && isSameDecision(known, next);
  const base = isOutranked || isSaid ? known : next;
  return { ...base, provenMs: latest(known.provenMs, next.provenMs), severity: Math.max(known.severity, next.severity) };
}

/** What an alert lacks itself. */
const ownDoubts: ReadonlySet<string> = new Set(['unproven', 'late', 'one_kind_of_evidence']);

/** What one alert lacks says nothing against what another one of the incident holds: else forging some would hold up what is done about a theft. */
function isWeaker(known: Proposal, { policyHash, rule, lowered }: Proposal): boolean {
  return known.mode === 'enforce' && known.policyHash === policyHash && known.rule === rule && lowered !== null && ownDoubts.has(lowered);
}

/** Fresh evidence is told in steps of this: a theft of a thousand calls a second is no reason to write as often. */
const freshStepMs = 10_000;

/** A further hit is fresh evidence for what was proposed before. */
function refresh(
  { tokens, incidentId, provenMs }: Alert, fresh: ReadonlyMap<string, readonly Proposal[]>, merged: Map<string, Proposal>, known: Known,
): void {
  if (provenMs === null) return;
  const freshMs = Math.floor(provenMs / freshStepMs) * freshStepMs;
  for (const token of tokens) {
    for (const earlier of [...known.intents({ token }), ...fresh.get(token) ?? []]) {
      const proposal = merged.get(earlier.id) ?? earlier;
      if (proposal.incidentId === incidentId && (proposal.provenMs ?? 0) < freshMs) merged.set(proposal.id, { ...proposal, provenMs: freshMs });
    }
  }
}

function latest(left: number | null, right: number | null): number | null {
  return left === null || right === null ? left ?? right : Math.max(left, right);
}
