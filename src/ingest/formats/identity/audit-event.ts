/** What the audit logs of identity providers have in common: an event of the issuer, an address, a principal. */
import { emptyEvent, type IdentityKind, type Lifecycle, type TokenEvent, type TokenKind } from '../../../model/event.ts';
import { parseAddress } from '../../address.ts';
import { text } from '../../values.ts';
import type { NormalizeContext, Value } from '../format.ts';

export const authentication: readonly string[] = ['authentication'];
export const iam: readonly string[] = ['iam'];
export const start: readonly string[] = ['start'];
export const end: readonly string[] = ['end'];
export const info: readonly string[] = ['info'];
export const change: readonly string[] = ['change'];
export const denied: readonly string[] = ['denied'];

/** An empty event of an issuer's log; `product` is its module and provider. */
export function auditEvent(dataset: string, product: string, timeMs: number, context: NormalizeContext): TokenEvent {
  const event = emptyEvent(dataset, timeMs);
  event.module = event.provider = product;
  event.vantage = context.source.vantage ?? 'iam';
  return event;
}

/** The caller's address as given, and its canonical form and port where it is one. */
export function fromAddress(event: TokenEvent, given: Value | undefined): void {
  const address = parseAddress(text(given));
  if (address === null) return;
  event.sourceAddress = address.address;
  event.sourceIp = address.ip;
  event.sourcePort = address.port;
}

/** Whose call it was: `<issuer>|<subject>`, as a gateway writes it from a token's `iss` and `sub`. */
export function calledBy(event: TokenEvent, issuer: string, subject: string | null, kind: IdentityKind, name: string | null): void {
  if (subject === null) return;
  event.identityId = `${issuer}|${subject}`;
  event.identityKind = kind;
  event.identityName = name;
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
