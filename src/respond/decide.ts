import type { PlannedStep, Rule } from '../config/policy.ts';
import type { Alert } from '../model/alert.ts';
import { isHarmless, lesserMode, type Dependent, type Proposal, type StepKind, type Target } from '../model/intent.ts';
import type { Token } from '../model/token.ts';
import { stableId } from '../state/stable-id.ts';
import { watchName } from './actions/watch.ts';
import { blastRadius, type BlastRadius } from './blast-radius.ts';
import { pinOf, type Pin } from './pin.ts';
import { ruleFor, type Case, type Policy } from './policy.ts';
import type { Knowledge, Situation } from './port.ts';
import { isProtectedEntry } from './protected.ts';
import { firstReminted, isReminted } from './remint.ts';
import { targetOf } from './target.ts';
import { tellerOf } from './tell.ts';

/** Evidence of different kinds that acting without a person's word needs. */
const neededEvidence = 2;

/**
 * What is to be done about an alert: for each token that deviates the steps of the first rule that matches. Never one for a token that is not
 * in the alert, but for those issued from it where the rule says so. Pure: what is known is a function of the events so far.
 */
export function decide(situation: Situation, knowledge: Knowledge, policy: Policy): Proposal[] {
  const { alert } = situation;
  if (policy.rules.length === 0 || alert.status === 'closed' || isRefused(alert)) return [];
  const tokens = new Map<string, Token>();
  for (const fingerprint of alert.tokens) {
    const token = knowledge.token(fingerprint);
    if (token !== null) tokens.set(token.fingerprint, token);
  }
  return [...tokens.values()].filter((token) => !hasEnded(token, alert)).flatMap((token) => {
    const about = caseOf(situation, token, knowledge);
    const rule = ruleFor(policy, about);
    return rule === null ? [] : new Planner(situation, token, rule, about, knowledge, policy).proposals();
  });
}

/** What the rules of a policy are asked about a token of an alert. */
export function caseOf({ alert, incident }: Situation, token: Token, knowledge: Knowledge): Case {
  const { broken } = blastRadius(alert, knowledge.dependents(token.fingerprint, alert));
  return { alert, riskScore: incident.riskScore, tokenKind: token.kind, entry: knowledge.entry(token), broken: broken.length };
}

/** Whoever knows an id can show it and be refused: nobody is to be asked to act against the one whose it is. */
function isRefused({ provenMs, first }: Alert): boolean {
  return provenMs === null && first.authenticated === false;
}

/** Everybody whom an action would cut off: of a wide one, all users of the identity; `null` where they cannot all be told. */
export function usersCutOff(
  { token, identityId }: Pick<Target, 'token' | 'identityId'>, action: string, alert: Alert, knowledge: Knowledge, { reach }: Pick<Policy, 'reach'>,
): readonly Dependent[] | null {
  if ((reach.get(action) ?? 'token') === 'token') return knowledge.dependents(token, alert);
  return identityId === null ? null : knowledge.identityUsers(identityId, alert);
}

/** Where the token would go on, and why it must not be pinned. `radius`: of everybody whom the action would cut off. */
export function pinBy(
  { token }: Pick<Target, 'token'>, action: string, alert: Alert, radius: BlastRadius, knowledge: Knowledge, { reach }: Pick<Policy, 'reach'>,
): Pin {
  return pinOf(radius, reach.get(action) === 'keys' ? blastRadius(alert, knowledge.dependents(token, alert)) : null);
}

/** Whoever shows it is refused already. */
function hasEnded({ expiresAtMs }: Token, { endMs }: Alert): boolean {
  return expiresAtMs !== null && expiresAtMs <= endMs;
}

/** Makes the plan for one token by one rule. */
class Planner {
  readonly #situation: Situation;
  readonly #token: Token;
  readonly #rule: Rule;
  readonly #about: Case;
  readonly #knowledge: Knowledge;
  readonly #policy: Policy;

  constructor(situation: Situation, token: Token, rule: Rule, about: Case, knowledge: Knowledge, policy: Policy) {
    this.#situation = situation;
    this.#token = token;
    this.#rule = rule;
    this.#about = about;
    this.#knowledge = knowledge;
    this.#policy = policy;
  }

  proposals(): Proposal[] {
    const { incident } = this.#situation;
    const { fingerprint } = this.#token;
    const first = firstReminted(this.#situation, this.#token, this.#knowledge);
    const isAgain = first !== null && isReminted(this.#token, incident.startMs);
    const lowered = this.#rule.mode === 'enforce' ? isAgain ? 'reminted' : whyLowered(this.#situation, this.#token) : null;
    const planId = stableId('plan', fingerprint, incident.id);
    const steps = this.#rule.plan.flatMap((step, place) => this.#targets(step).map((token) => this.#proposal(step, token, {
      id: idOf(step, token === this.#token ? fingerprint : `${fingerprint} ${token.fingerprint}`, incident.id), planId, step: place, lowered,
    })));
    if (first?.fingerprint !== fingerprint) return steps;
    // Once for each incident, whatever further tokens he is given.
    const ofCredential = stableId('plan', first.identityId as string, incident.id, 'credential');
    return [...steps, ...(this.#rule.onRemint ?? []).map((step, place) => this.#proposal(step, first, {
      id: idOf(step, `credential ${first.identityId}`, incident.id), planId: ofCredential, step: place,
      lowered: this.#rule.mode === 'enforce' ? 'reminted' : null,
    }))];
  }

  /** What the step is done to: the token, or what was issued from it, lives, and is not dealt with by a plan of its own. */
  #targets({ of }: PlannedStep): Token[] {
    if (of === undefined) return [this.#token];
    const { alert } = this.#situation;
    const own = new Set(alert.tokens.map((token) => this.#knowledge.token(token)?.fingerprint));
    return this.#knowledge.minted(this.#token.fingerprint).map((fingerprint) => this.#knowledge.token(fingerprint))
      .filter((token) => token !== null && !own.has(token.fingerprint) && token.revokedAtMs === null && !hasEnded(token, alert)) as Token[];
  }

  #proposal(step: PlannedStep, token: Token, made: Pick<Proposal, 'id' | 'planId' | 'step' | 'lowered'>): Proposal {
    const { alert, incident } = this.#situation;
    const kind = kindOf(step);
    const target = targetOf(token, alert);
    const action = this.#actionOf(step, target);
    const users = usersCutOff({ token: token.fingerprint, identityId: token.identityId }, action, alert, this.#knowledge, this.#policy);
    const dependents = users ?? this.#knowledge.dependents(token.fingerprint, alert);
    const radius = blastRadius(alert, dependents);
    const pin = kind === 'pin' ? pinBy(target, action, alert, radius, this.#knowledge, this.#policy) : null;
    const reach = this.#policy.reach.get(action);
    const siblings = reach === 'keys' ? ' So do all other keys of its user.' : '';
    const lowered = made.lowered ?? (this.#rule.mode === 'enforce' && reach === 'machine' ? 'whole_machine' : null);
    return {
      ...made, lowered, kind, action, mode: lesserMode(lowered === null ? this.#rule.mode : 'approve', step.mode ?? 'enforce'),
      rule: this.#rule.name, policyHash: this.#policy.hash,
      incidentId: incident.id, alertId: alert.id, severity: alert.severity, reason: `${alert.reason} ${whyStep(step, radius, pin)}${siblings}`,
      target, dependents, keepNetworks: pin?.keepNetworks ?? [], keepWorkloads: pin?.keepWorkloads ?? [],
      provenMs: alert.provenMs, decidedMs: alert.endMs, lineage: this.#knowledge.lineage(this.#token.fingerprint),
      ...token === this.#token ? {} : { mintedFrom: this.#token.fingerprint },
      refused: isHarmless(kind) ? null : this.#isProtected(token) ? 'protected' : whyRefused(kind, target, radius, pin, this.#policy, users === null),
    };
  }

  #isProtected(token: Token): boolean {
    return isProtectedEntry(token === this.#token ? this.#about.entry : this.#knowledge.entry(token));
  }

  #actionOf({ do: kind, by }: PlannedStep, target: Target): string {
    if (kind === 'watch') return watchName;
    // Who answers for our own credential may be who misuses it: others are told.
    const entry = this.#policy.own.protects(target) ? null : this.#about.entry;
    return kind === 'tell' ? tellerOf(entry, this.#policy.tell) : by;
  }
}

function idOf({ do: kind, by }: PlannedStep, whose: string, incidentId: string): string {
  return stableId('intent', whose, incidentId, by, kind);
}

function kindOf({ do: kind }: PlannedStep): StepKind {
  return kind === 'tell' ? 'notify' : kind;
}

/** Why the policy's `enforce` is not taken at its word. */
function whyLowered({ alert, evidence, isCertain }: Situation, { upstream }: Token): string | null {
  if (upstream) return 'shared_credential';
  if (alert.provenMs === null) return 'unproven';
  if (alert.late) return 'late';
  return evidence.size < neededEvidence && !isCertain ? 'one_kind_of_evidence' : null;
}

/** Why a step must not be done, whoever agrees. To tell somebody breaks nothing. */
function whyRefused(
  kind: StepKind, target: Target, { broken, others: { length: others } }: BlastRadius, pin: Pin | null, { neverRevoke, maxDependents }: Policy,
  isUnknown: boolean,
): string | null {
  if (neverRevoke.protects(target)) return 'never_revoke';
  if (isUnknown) return 'reach_unknown';
  if (pin !== null) return pin.why;
  // Nobody is cut off before he was seen on the new one, or a person says so.
  if (kind === 'rotate') return others === 0 ? 'nobody_to_hand_over' : null;
  return broken.length > maxDependents ? 'would_break_others' : null;
}

function whyStep({ do: kind, of }: PlannedStep, { others }: BlastRadius, pin: Pin | null): string {
  const users = countOf(others.length, 'other observed user');
  const what = of === undefined ? '' : 'It was issued from the token. ';
  switch (kind) {
    case 'pin': return `It goes on from the ${countOf(pin?.keepNetworks.length ?? 0, 'known network')} of ${users} and is refused elsewhere.`;
    case 'deny': return `${what}Gateways refuse it everywhere, also to ${users}.`;
    case 'rotate': return `Its ${users} ${others.length === 1 ? 'gets' : 'get'} a new one; the old one ends once all are seen on it.`;
    case 'revoke': return `${what}Its issuer ends it, also for ${users}.`;
    case 'watch': return 'Whether it goes on is looked for in the logs.';
    case 'notify': case 'tell': return 'Whoever answers for it is told.';
  }
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
