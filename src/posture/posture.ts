import type { Credential } from '../model/credential.ts';
import type { PosturePolicy } from '../model/posture.ts';
import type { Placed } from './estate.ts';
import * as life from './judge-life.ts';
import * as use from './judge-use.ts';
import { postureKindNames, type Flaw, type PostureKind } from './kinds.ts';
import { hasEnded, subjectOf, type Subject } from './subject.ts';

const rules: Readonly<Record<PostureKind, (subject: Subject) => use.Judgement>> = {
  'seen-in-log': use.seenInLog, orphaned: life.orphaned, 'workload-gone': life.workloadGone, shadow: life.shadow, shared: use.shared,
  'across-environments': use.acrossEnvironments, 'granted-beyond-use': use.grantedBeyondUse, 'grown-since-issue': use.grownSinceIssue,
  'static-where-federated': use.staticWhereFederated, 'over-ttl': life.overTtl, 'long-lived': life.longLived, 'never-rotated': life.neverRotated,
  'never-used': use.neverUsed, dormant: use.dormant, expiring: use.expiring, 'no-owner': life.noOwner, 'no-review-date': life.noReviewDate,
  'break-glass': life.breakGlass,
};

/** What is wrong with a credential at a time, the most pressing first. Nothing is with what has ended, is no token, or is a provider's own. */
export function postureOf(credential: Credential, placed: Placed, policy: PosturePolicy, atMs: number): Flaw[] {
  if (credential.token.kind === 'none' || credential.identity?.kind === 'provider') return [];
  const subject = subjectOf(credential, placed, policy, atMs);
  if (hasEnded(subject)) return [];
  const flaws: Flaw[] = [];
  for (const kind of postureKindNames) {
    const found = rules[kind](subject);
    if (found !== null) flaws.push({ kind, isFact: found.isFact, detail: found.detail });
  }
  return flaws;
}
