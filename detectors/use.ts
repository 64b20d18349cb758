import type { Context } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { isUse } from '../src/model/needs.ts';

export { isUse } from '../src/model/needs.ts';

/** A use that was accepted, by a token or by an identity that showed none (a certificate, claims without an id). */
export function isSuccessfulUse(event: TokenEvent): boolean {
  return event.outcome === 'success' && (event.token !== null || event.identityId !== null) && isUse(event);
}

export const dayMs = 86_400_000;

/** Made for a session or a job. */
export function isShortLived({ tokenKind, expiresAtMs, issuedAtMs }: TokenEvent): boolean {
  if (tokenKind === 'temporary_key') return true;
  return tokenKind === 'jwt' && expiresAtMs !== null && issuedAtMs !== null && expiresAtMs - issuedAtMs <= dayMs;
}

/** Whole seconds since the epoch; never below 1, so that 0 can mean "not yet". */
export function secondsOf(timeMs: number): number {
  return Math.max(1, Math.floor(timeMs / 1000));
}

/** Days since the epoch; never below 1, so that 0 can mean "not yet". */
export function dayOf(timeMs: number): number {
  return Math.max(1, Math.floor(timeMs / dayMs));
}

const hourSeconds = 3_600;

/** An hour that began at `sinceSeconds`, with the first thing counted into it, is over; so it is for what is from before it. */
export function isHourOver(sinceSeconds: number, seconds: number): boolean {
  return seconds < sinceSeconds || seconds - sinceSeconds >= hourSeconds;
}

/** Whole days since something began; 0 where that is not known. */
export function daysSince(sinceMs: number | null, nowMs: number): number {
  return sinceMs === null ? 0 : Math.max(0, Math.floor((nowMs - sinceMs) / dayMs));
}

/**
 * Since when an incident was open before this event, besides what `detector` saw: what else was found in the event itself is no second witness.
 * `null`: none was.
 */
export function incidentBefore({ orderMs }: TokenEvent, context: Context, detector: string): number | null {
  const sinceMs = context.incidentSinceMs('any', detector);
  return sinceMs !== null && sinceMs < orderMs ? sinceMs : null;
}

/** 0 to 1, two decimals: less where no authenticator vouched for the use. */
export function confidenceOf(event: TokenEvent, byHistory: number): number {
  return Math.round(100 * (event.authenticated === true ? 1 : 0.7) * byHistory) / 100;
}
