import type { Judgement } from './judge-use.ts';
import { lastingKinds, limitFor } from './policy.ts';
import { durationText, type Subject } from './subject.ts';

/** Clocks of issuer and log. */
const toleranceMs = 60_000;
const fact = (detail: string): Judgement => ({ isFact: true, detail });
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export function overTtl(subject: Subject): Judgement {
  const limitMs = limitOf(subject);
  const { lifetimeMs, ageMs } = subject;
  if ((lifetimeMs ?? ageMs) <= limitMs + toleranceMs) return null;
  const life = lifetimeMs === null ? `has lived ${durationText(ageMs)} without a known end` : `lives ${durationText(lifetimeMs)}`;
  return fact(`${life}; the limit is ${durationText(limitMs)}`);
}

export function longLived({ lifetimeMs, ageMs, policy }: Subject): Judgement {
  const livesMs = Math.max(lifetimeMs ?? 0, ageMs);
  return livesMs < policy.longLivedMs ? null : fact(`lives ${durationText(livesMs)}${lifetimeMs === null ? ' so far' : ''}`);
}

export function neverRotated(subject: Subject): Judgement {
  const { credential: { token }, placed: { keysOfIdentity }, ageMs } = subject;
  if (!lastingKinds.has(token.kind) || keysOfIdentity > 1 || ageMs <= limitOf(subject) + toleranceMs) return null;
  return fact(`the only one of its identity for ${durationText(ageMs)}`);
}

/** Known from an event, the inventory or a listing; where nothing was read that could tell, a lasting credential without an owner may be one. */
export function orphaned(subject: Subject): Judgement {
  const { credential: { owner, entry, identity }, placed: { coveredBy, listed, isIdentityListed }, isLasting, atMs } = subject;
  if (owner.offboardedMs !== null) return fact(`its owner was put out of service on ${day(owner.offboardedMs)}`);
  if (entry?.ownerLeftMs !== undefined && entry.ownerLeftMs <= atMs) return fact(`${entry.owner ?? 'its owner'} left on ${day(entry.ownerLeftMs)}`);
  if (listed?.isOrphaned === true) return fact('its provider lists its owner as gone');
  if (coveredBy !== null && coveredBy.takenMs <= atMs && identity !== null && !isIdentityListed && listed === null) {
    return fact('its provider does not know its identity');
  }
  const isTold = coveredBy !== null && coveredBy.takenMs <= atMs || listed !== null || (entry?.owner ?? null) !== null;
  return isTold || !isLasting || identity?.kind === 'human' ? null : { isFact: false, detail: 'no owner and no listing tells' };
}

export function workloadGone({ credential: { owner, entry }, atMs }: Subject): Judgement {
  if (owner.goneMs !== null) return fact(`deleted on ${day(owner.goneMs)}`);
  return entry?.retiredMs === undefined || entry.retiredMs > atMs ? null : fact(`retired on ${day(entry.retiredMs)}`);
}

/** A fact only where it says when it was issued, and issuances of its sort were read since before that, or where a listing should name it. */
export function shadow(subject: Subject): Judgement {
  const { credential: { token, entry }, placed: { coveredBy, listed, isIdentityListed, issuancesSinceMs }, lastUsedMs, isLasting, bornMs, atMs } = subject;
  if (lastUsedMs === null || token.issueSeen || entry !== null || listed !== null) return null;
  if (coveredBy !== null && coveredBy.takenMs <= atMs) return isIdentityListed && token.handle === null ? null : fact('its provider does not list it');
  if (issuancesSinceMs !== null && token.issuedAtMs !== null && issuancesSinceMs <= bornMs) return fact('its issuer\'s log tells of others, not of it');
  return isLasting ? { isFact: false, detail: 'no listing and no log of its issuer from before it was issued' } : null;
}

export function noOwner({ credential: { entry, identity }, placed: { listed } }: Subject): Judgement {
  if ((entry?.owner ?? listed?.owner ?? null) !== null || identity?.kind === 'human') return null;
  return fact('not in the inventory');
}

export function noReviewDate({ credential: { entry, identity }, isLasting, atMs }: Subject): Judgement {
  if (!isLasting || identity?.kind === 'human') return null;
  if (entry?.reviewMs === undefined) return fact('not in the inventory');
  return entry.reviewMs > atMs ? null : fact(`was due on ${day(entry.reviewMs)}`);
}

export function breakGlass({ credential: { entry, token, identity }, policy, atMs }: Subject): Judgement {
  if (entry?.breakGlass === true) return fact('by the inventory');
  const exception = policy.exceptions.find(({ kind, match, fromMs, untilMs }) => kind === 'break-glass' && fromMs <= atMs && atMs < untilMs
    && (match.handle === undefined || match.handle === token.handle) && (match.identity === undefined || match.identity === identity?.id)
    && (match.client === undefined || match.client === identity?.name));
  return exception === undefined ? null : fact(`by the exception ${exception.name}`);
}

function limitOf({ credential: { token, entry }, policy }: Subject): number {
  return limitFor(policy, token.kind, entry?.labels ?? []);
}
