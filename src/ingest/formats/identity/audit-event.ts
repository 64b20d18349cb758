/** What the audit logs of identity providers add to audit logs in general: the fingerprints of sessions, refresh tokens and digests. */
import { emptyEvent, type Lifecycle, type TokenEvent, type TokenKind } from '../../../model/event.ts';
import { firstOf, type Path } from '../../paths.ts';
import type { NormalizeContext, Value } from '../format.ts';

export { authentication, calledBy, denied, fromAddress, iam, info, start } from '../audit.ts';
/** For a value that one shape of several has not. */
export const absent: Path<Value> = firstOf();

export const end: readonly string[] = ['end'];
export const change: readonly string[] = ['change'];

/** An empty event of an issuer's log; `product` is its module and provider. */
export function auditEvent(dataset: string, product: string, timeMs: number, context: NormalizeContext): TokenEvent {
  const event = emptyEvent(dataset, timeMs);
  event.module = event.provider = product;
  event.vantage = context.source.vantage ?? 'iam';
  return event;
}

/** The token that was shown, by its fingerprint; nothing without one. */
export function presented(event: TokenEvent, token: string | null, kind: TokenKind, handle: string | null, issuer: string): void {
  if (token === null) return;
  event.token = token;
  event.tokenKind = kind;
  event.tokenHandle = handle;
  event.tokenIssuer = issuer;
}

/** The token that came out, for the event's own identity unless `owner` names another; nothing without one. */
export function issuedToken(event: TokenEvent, token: string | null, kind: TokenKind, handle: string | null, issuer: string): void {
  if (token === null) return;
  event.issued = token;
  event.issuedKind = kind;
  event.issuedHandle = handle;
  event.tokenIssuer = issuer;
  event.issuedIdentityId = event.identityId;
  event.lifecycle = 'issued';
}

/** What became of the presented token in an event of this outcome; `null` when none was named. */
export function lifecycleOf(event: TokenEvent, onSuccess: Lifecycle): Lifecycle | null {
  if (event.token === null) return null;
  return event.outcome === 'failure' ? 'refused' : onSuccess;
}
