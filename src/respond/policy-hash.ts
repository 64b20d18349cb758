import type { RespondSettings, Rule } from '../config/policy.ts';
import type { DetectionRule } from '../config/rule-files.ts';
import type { Exception } from '../model/exception.ts';
import { stableId } from '../state/stable-id.ts';

/** What stands on intents to tell under which policy, rules and exceptions they were decided: SHA-256 in base64url, shortened to 128 bits. */
export function policyHash(
  rules: readonly Rule[], { actions, neverRevoke, maxDependents, tell }: RespondSettings, exceptions: readonly Exception[], detection: readonly DetectionRule[],
): string {
  // Without these it is what it was before there were any.
  const more = [...exceptions.length === 0 ? [] : [exceptions], ...tell === null ? [] : [{ tell }], ...detection.length === 0 ? [] : [{ detection }]];
  const text = JSON.stringify([rules, actions.map(({ name, type }) => [name, type]), neverRevoke, maxDependents, ...more]);
  return stableId(text);
}

/**
 * What two people agree to when they let a rule act by itself: the rule with those before it, which it takes its turn after, and the limits.
 */
export function enforcementHash(rules: readonly Rule[], name: string, { caps, maxDependents }: Pick<RespondSettings, 'caps' | 'maxDependents'>): string {
  const place = rules.findIndex((rule) => rule.name === name);
  return stableId(JSON.stringify([rules.slice(0, place + 1), caps, maxDependents]));
}
