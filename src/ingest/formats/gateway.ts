/** What the access logs of gateways have in common: a request, its bytes, and the JWT that it carried. */
import type { Outcome, TokenEvent } from '../../model/event.ts';
import type { Json } from '../paths.ts';
import { configuredIssuer, tokenId } from '../token-id.ts';
import { instant, text, texts, words } from '../values.ts';
import type { NormalizeContext, Value } from './format.ts';

export const webAccess: readonly string[] = ['web'];
export const accessType: readonly string[] = ['access'];
export const deniedType: readonly string[] = ['error'];

/** Claims of the JWT that came with a request, as the gateway logged them. */
export interface Claims {
  readonly iss: Value | undefined;
  readonly sub: Value | undefined;
  /** `azp` or `client_id`. */
  readonly client: Value | undefined;
  readonly jti: Value | undefined;
  readonly iat: Value | undefined;
  readonly exp: Value | undefined;
  readonly scope: Json | undefined;
  readonly aud: Json | undefined;
  readonly roles: Json | undefined;
  /** Thumbprint of the key that the token is bound to (RFC 7800, `cnf`). */
  readonly boundTo: Value | undefined;
}

/** HTTP below 400 is success, 400 and above failure, no status is unknown. */
export function outcomeOf(status: number | null): Outcome {
  if (status === null) return 'unknown';
  return status < 400 ? 'success' : 'failure';
}

/**
 * Fills what the token tells: its fingerprint under its issuer, lifetime, scopes, and the identity
 * `<iss>|<sub>`, or `<iss>|client:<client>` without a subject. Without an issuer in the log the source's
 * only configured one stands in; without either nothing can be joined and nothing is filled.
 */
export function describeJwt(event: TokenEvent, claims: Claims, sha256: string | null, context: NormalizeContext): void {
  const issuer = text(claims.iss) ?? configuredIssuer(context.source);
  const jti = text(claims.jti);
  const sub = text(claims.sub);
  const client = text(claims.client);
  event.userId = sub;
  event.userName = client;
  if (jti !== null || sub !== null) event.tokenKind = 'jwt';
  if (issuer === null) return;
  const digest = sha256 === null ? null : tokenId(context, issuer, 'sha256', sha256);
  event.token = jti === null ? digest : tokenId(context, issuer, 'plain', jti);
  if (event.token === null && sub === null && client === null) return;
  event.tokenIssuer = issuer;
  event.tokenHandle = jti;
  if (event.tokenKind === 'none' && event.token !== null) event.tokenKind = 'opaque';
  // A token that nobody accepted proves no link between two ids.
  if (jti !== null && digest !== null && event.authenticated !== false) event.aliases = [digest];
  event.issuedAtMs = instant(claims.iat);
  event.expiresAtMs = instant(claims.exp);
  event.scopes = typeof claims.scope === 'string' ? words(claims.scope) : texts(claims.scope);
  event.audience = texts(claims.aud);
  event.roles = texts(claims.roles);
  event.boundTo = text(claims.boundTo);
  describeSubject(event, issuer, sub, client);
}

function describeSubject(event: TokenEvent, issuer: string, sub: string | null, client: string | null): void {
  if (sub === null && client === null) return;
  event.identityId = sub === null ? `${issuer}|client:${client}` : `${issuer}|${sub}`;
  event.identityName = client ?? sub;
  event.identityKind = sub === null || sub === client ? 'client' : 'unknown';
  if (sub === null) return;
  if (sub.startsWith('spiffe://')) {
    runsAs(event, sub, 'spiffe');
    event.takes = sub;
  } else if (sub.startsWith('system:serviceaccount:')) runsAs(event, sub, 'kubernetes_service_account');
}

function runsAs(event: TokenEvent, workload: string, kind: string): void {
  event.identityKind = 'workload';
  event.workloadId = workload;
  event.workloadKind = kind;
  event.workloadEvidence = 'event';
}

const traceparent = /^(?:[0-9a-f]{2}-)?([0-9a-f]{32})(?:-|$)/i;

/** Trace id of a W3C `traceparent`, or given by itself; `null` for what is none, all zeros included. */
export function traceIdOf(given: Value | undefined): string | null {
  const id = typeof given === 'string' && given.length < 128 ? traceparent.exec(given)?.[1]?.toLowerCase() : undefined;
  return id === undefined || /^0+$/.test(id) ? null : id;
}

const maxSegments = 2;

/**
 * The object that a request touched, kept few and stable: the host and up to two leading segments of
 * the path, ending before the first that looks like an id (`/v1/orders`, not `/v1/orders/8f41...`).
 */
export function routeOf(host: string | null, urlPath: string | null): string | null {
  if (urlPath === null || urlPath.charCodeAt(0) !== 47) return host;
  let end = 0;
  for (let segment = 0; segment < maxSegments; segment++) {
    const next = urlPath.indexOf('/', end + 1);
    const stop = next < 0 ? urlPath.length : next;
    if (stop === end + 1 || looksLikeId(urlPath, end + 1, stop)) break;
    end = stop;
  }
  if (end === 0) return host === null ? '/' : host;
  return (host ?? '') + urlPath.slice(0, end);
}

/** Only digits, or long with digits in it, or longer than any word. */
function looksLikeId(path: string, from: number, to: number): boolean {
  let digits = 0;
  for (let i = from; i < to && i < from + 64; i++) {
    const code = path.charCodeAt(i);
    if (code >= 48 && code <= 57) digits += 1;
  }
  const length = to - from;
  return digits === length || length >= 16 && digits > 0 || length > 40;
}
