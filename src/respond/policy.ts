import type { RespondSettings, Rule } from '../config/policy.ts';
import type { Alert } from '../model/alert.ts';
import type { TokenKind } from '../model/event.ts';
import type { Exception } from '../model/exception.ts';
import { NeverRevoke } from './never-revoke.ts';
import { policyHash } from './policy-hash.ts';

/** The policy as decisions need it. */
export interface Policy {
  /** The first that matches wins. */
  readonly rules: readonly Rule[];
  /** Other observed users of a token that a denial or revocation may break. */
  readonly maxDependents: number;
  readonly neverRevoke: NeverRevoke;
  /** What is decided under another one is another decision. */
  readonly hash: string;
}

/** `exceptions` hide what they hide before anything is decided: of them the hash tells, no more. */
export function makePolicy(rules: readonly Rule[], respond: RespondSettings, exceptions: readonly Exception[] = []): Policy {
  const { neverRevoke, maxDependents } = respond;
  return { rules, maxDependents, neverRevoke: new NeverRevoke(neverRevoke), hash: policyHash(rules, respond, exceptions) };
}

/** The rule that says what is to be done about a token of an alert; `null` where none does. */
export function ruleFor({ rules }: Policy, alert: Alert, tokenKind: TokenKind): Rule | null {
  return rules.find((rule) => whyNot(rule, alert, tokenKind) === null) ?? null;
}

/** What of the rule does not hold, as the configuration names it; `null` where it matches. */
export function whyNot({ match }: Rule, { severity, detector, first }: Alert, tokenKind: TokenKind): string | null {
  if (match.severity !== null && severity < match.severity) return 'severity';
  if (match.detectors !== null && !match.detectors.includes(detector)) return 'detectors';
  if (match.tokenKinds !== null && !match.tokenKinds.includes(tokenKind)) return 'token_kinds';
  if (match.identityKinds !== null && !match.identityKinds.includes(first.identityKind ?? 'unknown')) return 'identity_kinds';
  const names = [first.identityId, first.identityName];
  return match.identities === null || match.identities.some((name) => names.includes(name)) ? null : 'identities';
}
