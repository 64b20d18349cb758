import { reachOf, type Reach } from '../config/reach.ts';
import type { RespondSettings, Rule, TellSettings } from '../config/policy.ts';
import type { NeverRevoke as Entry } from '../config/policy-schema.ts';
import type { DetectionRule } from '../config/rule-files.ts';
import type { Alert } from '../model/alert.ts';
import type { TokenKind } from '../model/event.ts';
import type { Exception } from '../model/exception.ts';
import type { InventoryEntry } from '../model/inventory.ts';
import { NeverRevoke } from './never-revoke.ts';
import { policyHash } from './policy-hash.ts';

/** The policy as decisions need it. */
export interface Policy {
  /** The first that matches wins. */
  readonly rules: readonly Rule[];
  /** Other observed users of a token that a denial or revocation may break. */
  readonly maxDependents: number;
  readonly neverRevoke: NeverRevoke;
  /** What this service lives and acts on: part of the above. */
  readonly own: NeverRevoke;
  /** By the name of an action; absent: it ends the one token. */
  readonly reach: ReadonlyMap<string, Reach>;
  readonly tell: TellSettings | null;
  /** What is decided under another one is another decision. */
  readonly hash: string;
}

/**
 * `exceptions` hide, and `detection` finds, before anything is decided: of them the hash tells, no more. `own`: what this service lives on, which is
 * never acted upon either.
 */
export function makePolicy(
  rules: readonly Rule[], respond: RespondSettings, exceptions: readonly Exception[] = [], detection: readonly DetectionRule[] = [],
  own: readonly Entry[] = [],
): Policy {
  const { neverRevoke, maxDependents, actions, tell } = respond;
  return {
    rules, maxDependents, tell, neverRevoke: new NeverRevoke([...neverRevoke, ...own]), own: new NeverRevoke(own),
    reach: new Map(actions.map((action) => [action.name, reachOf(action)])),
    hash: policyHash(rules, respond, exceptions, detection),
  };
}

/** What rules are asked about: a token of an alert, and what is known around it. */
export interface Case {
  readonly alert: Alert;
  /** Of the incident. */
  readonly riskScore: number;
  readonly tokenKind: TokenKind;
  /** The token's line in the inventory. */
  readonly entry: InventoryEntry | null;
  /** Other observed users that a denial would cut off. */
  readonly broken: number;
}

/** The rule that says what is to be done about a token of an alert; `null` where none does. */
export function ruleFor({ rules }: Policy, about: Case): Rule | null {
  return rules.find((rule) => whyNot(rule, about) === null) ?? null;
}

/** What of the rule does not hold, as the configuration names it; `null` where it matches. */
export function whyNot({ match }: Rule, { alert, riskScore, tokenKind, entry, broken }: Case): string | null {
  const { severity, detector, first, incidentKind } = alert;
  if (match.severity !== null && severity < match.severity) return 'severity';
  if (match.detectors !== null && !match.detectors.includes(detector)) return 'detectors';
  if (match.tokenKinds !== null && !match.tokenKinds.includes(tokenKind)) return 'token_kinds';
  if (match.identityKinds !== null && !match.identityKinds.includes(first.identityKind ?? 'unknown')) return 'identity_kinds';
  const names = [first.identityId, first.identityName];
  if (match.identities !== null && !match.identities.some((name) => names.includes(name))) return 'identities';
  if (riskScore < (match.incidentScore ?? 0)) return 'incident_score';
  if (!(match.incidentKinds?.includes(incidentKind ?? 'single') ?? true)) return 'incident_kinds';
  if (!(match.labels?.some((label) => entry?.labels?.includes(label)) ?? true)) return 'labels';
  if (!isOneOf(match.environments, entry?.environment)) return 'environments';
  if (!isOneOf(match.criticality, entry?.criticality)) return 'criticality';
  return broken > (match.maxBroken ?? broken) ? 'max_broken' : null;
}

function isOneOf<T>(wanted: readonly T[] | undefined, value: T | undefined): boolean {
  return wanted === undefined || value !== undefined && wanted.includes(value);
}
