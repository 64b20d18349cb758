import { hash } from 'node:crypto';
import type { RespondSettings, Rule } from '../config/policy.ts';

/** What stands on intents to tell under which policy they were decided: SHA-256 in base64url, shortened to 128 bits. */
export function policyHash(rules: readonly Rule[], { actions, neverRevoke, maxDependents }: RespondSettings): string {
  return hash('sha256', JSON.stringify([rules, actions.map(({ name, type }) => [name, type]), neverRevoke, maxDependents]), 'base64url').slice(0, 22);
}
