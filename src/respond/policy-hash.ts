import { hash } from 'node:crypto';
import type { RespondSettings, Rule } from '../config/policy.ts';
import type { Exception } from '../model/exception.ts';

/** What stands on intents to tell under which policy they were decided: SHA-256 in base64url, shortened to 128 bits. */
export function policyHash(rules: readonly Rule[], { actions, neverRevoke, maxDependents }: RespondSettings, exceptions: readonly Exception[]): string {
  // Without exceptions it is what it was before there were any.
  const hidden = exceptions.length === 0 ? [] : [exceptions];
  const text = JSON.stringify([rules, actions.map(({ name, type }) => [name, type]), neverRevoke, maxDependents, ...hidden]);
  return hash('sha256', text, 'base64url').slice(0, 22);
}
