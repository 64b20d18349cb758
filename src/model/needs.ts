import type { TokenEvent } from './event.ts';

/** What a detector may need of an event, bits: `Detector.needs`. */
export const needs = {
  /** Somebody acted with credentials of his own: see `isUse`. */
  use: 1,
  success: 2,
  /** A token, or an identity that showed none. */
  caller: 4,
  token: 8,
  identity: 16,
  action: 32,
  /** Its source has a network block. */
  network: 64,
  userAgent: 128,
  resource: 256,
  object: 512,
  audience: 1024,
  country: 2048,
  /** The authenticator refused it, or nobody checked. */
  unauthenticated: 4096,
  /** The event stands for what did not come. */
  silence: 8192,
  /** A use of a token that nobody issued is judged once more: by those alone that need this. */
  unissued: 16_384,
  /** An odd bill is laid before a caller: to be judged by those alone that need this. */
  bill: 32_768,
  /** A use that was accepted, by a token or by an identity that showed none (a certificate, claims without an id). */
  successfulUse: 1 | 2 | 4,
} as const;

/**
 * Somebody acted with credentials of his own. To get a token or to revoke another one is a use of the one presented; to lose it, to see it
 * expire or to be refused is none. A cloud's own services have no credentials that could be stolen.
 */
export function isUse({ authenticated, lifecycle, revoked, identityKind }: TokenEvent): boolean {
  if (authenticated === false || identityKind === 'provider') return false;
  return lifecycle === null || lifecycle === 'used' || lifecycle === 'issued' || lifecycle === 'granted' || revoked !== null;
}

/** Which needs the event itself meets. */
export function metBy(event: TokenEvent): number {
  let met = isUse(event) ? needs.use : 0;
  if (event.outcome === 'success') met |= needs.success;
  if (event.token !== null) met |= needs.token | needs.caller;
  if (event.identityId !== null) met |= needs.identity | needs.caller;
  if (event.action !== null) met |= needs.action;
  if (event.networkBlock !== null) met |= needs.network;
  if (event.userAgent !== null) met |= needs.userAgent;
  if (event.resourceId !== null) met |= needs.resource;
  if (event.objectId !== null) met |= needs.object;
  if (event.audience !== null) met |= needs.audience;
  if (event.country !== null) met |= needs.country;
  return event.authenticated === false ? met | needs.unauthenticated : met;
}
