import type { PlannedStep, Rule } from '../config/policy.ts';
import type { Alert } from '../model/alert.ts';
import type { Proposal, StepKind, Target } from '../model/intent.ts';
import type { Token } from '../model/token.ts';
import { stableId } from '../state/stable-id.ts';
import { blastRadius, type BlastRadius } from './blast-radius.ts';
import { ruleFor, type Policy } from './policy.ts';
import type { Knowledge, Situation } from './port.ts';

/** Evidence of different kinds that acting without a person's word needs. */
const neededEvidence = 2;

/**
 * What is to be done about an alert: for each token that deviates the steps of the first rule that matches, and never one for a token
 * that is not in the alert. Pure: what is known is a function of the events so far.
 */
export function decide(situation: Situation, knowledge: Knowledge, policy: Policy): Proposal[] {
  const { alert } = situation;
  if (policy.rules.length === 0 || alert.status === 'closed') return [];
  const tokens = new Map<string, Token>();
  for (const fingerprint of alert.tokens) {
    const token = knowledge.token(fingerprint);
    if (token !== null) tokens.set(token.fingerprint, token);
  }
  return [...tokens.values()].filter((token) => !hasEnded(token, alert)).flatMap((token) => {
    const rule = ruleFor(policy, alert, token.kind);
    return rule === null ? [] : plan(situation, token, rule, knowledge, policy);
  });
}

/** Whoever shows it is refused already. */
function hasEnded({ expiresAtMs }: Token, { endMs }: Alert): boolean {
  return expiresAtMs !== null && expiresAtMs <= endMs;
}

function plan(situation: Situation, token: Token, rule: Rule, knowledge: Knowledge, policy: Policy): Proposal[] {
  const { alert, incident } = situation;
  const target = targetOf(token, alert);
  const dependents = knowledge.dependents(token.fingerprint, alert);
  const radius = blastRadius(alert, dependents);
  const lowered = rule.mode === 'enforce' ? whyLowered(situation, token) : null;
  return rule.plan.map((step, place): Proposal => ({
    id: stableId('intent', token.fingerprint, incident.id, step.by, step.do), planId: stableId('plan', token.fingerprint, incident.id),
    step: place, kind: step.do, action: step.by, mode: lowered === null ? rule.mode : 'approve', rule: rule.name, policyHash: policy.hash,
    incidentId: incident.id, alertId: alert.id, severity: alert.severity, reason: `${alert.reason} ${whyStep(step, radius)}`,
    target, dependents, ...kept(step, radius), provenMs: alert.provenMs, lowered, refused: whyRefused(step.do, target, radius, policy), decidedMs: alert.endMs,
  }));
}

/** Why the policy's `enforce` is not taken at its word. */
function whyLowered({ alert, evidence }: Situation, { upstream }: Token): string | null {
  if (upstream) return 'shared_credential';
  if (alert.provenMs === null) return 'unproven';
  if (alert.late) return 'late';
  return evidence.size < neededEvidence ? 'one_kind_of_evidence' : null;
}

/** Why a step must not be done, whoever agrees. To tell somebody breaks nothing. */
function whyRefused(kind: StepKind, target: Target, { broken, canPin }: BlastRadius, { neverRevoke, maxDependents }: Policy): string | null {
  if (kind === 'notify') return null;
  if (neverRevoke.protects(target)) return 'never_revoke';
  if (kind === 'pin') return canPin ? null : 'no_known_places';
  return broken.length > maxDependents ? 'would_break_others' : null;
}

function kept({ do: kind }: PlannedStep, { keepNetworks, keepWorkloads }: BlastRadius): Pick<Proposal, 'keepNetworks' | 'keepWorkloads'> {
  return kind === 'pin' ? { keepNetworks, keepWorkloads } : { keepNetworks: [], keepWorkloads: [] };
}

function targetOf({ fingerprint, handle, kind, issuer, identityId, expiresAtMs }: Token, { first }: Alert): Target {
  // Other tokens of the alert are the same identity's, unless they turned out to be somebody else's.
  const own = first.token === fingerprint;
  const isSame = own || identityId === null || identityId === first.identityId;
  const known = handle ?? (own ? first.tokenHandle : null);
  return {
    token: fingerprint, handle: known, tokenKind: kind, issuer: issuer ?? (own ? first.tokenIssuer : null),
    identityId: identityId ?? first.identityId, identityName: isSame ? first.identityName : null,
    // A user id may name the session of that one token, as AWS does: of another token it is known only where it is the identity's own.
    userId: own || isSame && first.userId !== null && first.identityId?.endsWith(first.userId) === true ? first.userId : null,
    client: isSame && first.identityKind === 'client' ? first.userId ?? first.userName : null,
    // Where no other public id exists, logs name the token by its digest.
    sha256: known !== null && /^[0-9a-f]{64}$/i.test(known) ? known.toLowerCase() : null, expiresAtMs,
  };
}

function whyStep({ do: kind }: PlannedStep, { others, keepNetworks }: BlastRadius): string {
  const users = countOf(others.length, 'other observed user');
  switch (kind) {
    case 'pin': return `It goes on from the ${countOf(keepNetworks.length, 'known network')} of ${users} and is refused elsewhere.`;
    case 'deny': return `Gateways refuse it everywhere, also to ${users}.`;
    case 'revoke': return `Its issuer ends it, also for ${users}.`;
    case 'notify': return 'Whoever answers for it is told.';
  }
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
