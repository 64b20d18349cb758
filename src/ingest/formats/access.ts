/** From the values of one access-log record to its event: what the formats of gateways and load balancers do alike. */
import { emptyEvent, type TokenEvent } from '../../model/event.ts';
import { clientAddress } from '../address.ts';
import { answered } from './audit.ts';
import { requestLine } from './line.ts';
import { count, hostOnly, pathOnly, text, useOf } from '../values.ts';
import type { NormalizeContext, Value } from './format.ts';
import { accessType, deniedType, describeJwt, routeOf, traceIdOf, webAccess } from './gateway.ts';
import { configuredIssuer } from '../token-id.ts';
import { urlHost } from './url.ts';
import type { Json } from '../paths.ts';

type Given = Value | undefined;

/** A request under the names that the formats give to its values; a source's `mapping` uses them too. */
export interface Request {
  /** Who connected, with or without a port. */
  readonly src?: Given;
  readonly src_port?: Given;
  readonly x_forwarded_for?: Given;
  readonly method?: Given;
  readonly path?: Given;
  /** The whole URL, where the log has that in place of path and host. */
  readonly absolute?: Given;
  /** `GET /path HTTP/1.1`, where method and path are not told apart. */
  readonly request?: Given;
  readonly host?: Given;
  readonly status?: Given;
  readonly bytes_out?: Given;
  readonly user_agent?: Given;
  readonly request_id?: Given;
  readonly traceparent?: Given;
  readonly service?: Given;
}

/** Claims of the token that came with a request, as an operator adds them to the log of a gateway. */
export interface LoggedClaims {
  readonly iss?: Given;
  readonly sub?: Given;
  readonly client_id?: Given;
  readonly jti?: Given;
  readonly iat?: Given;
  readonly exp?: Given;
  readonly scope?: Json | undefined;
  readonly aud?: Json | undefined;
  readonly roles?: Json | undefined;
  readonly kid?: Given;
  /** Hex digest of the whole token. */
  readonly token_sha256?: Given;
  /** Why the gateway turned the token away; `-` or empty when it did not. Its presence says that tokens are checked. */
  readonly deny?: Given;
}

/**
 * The event of a request that began at `startMs`, without the token. `durationMs` is `null` where the log does not tell it;
 * `forwardedFor` is the header where the record's own field may be something else.
 */
export function accessEvent(
  id: string, module: string, startMs: number, durationMs: number | null, request: Request, context: NormalizeContext,
  forwardedFor: Given = request.x_forwarded_for,
): TokenEvent {
  const event = emptyEvent(id, startMs);
  const address = clientAddress(text(forwardedFor), text(request.src), context.source);
  event.endMs = durationMs === null ? null : startMs + durationMs;
  event.vantage = context.source.vantage ?? 'gateway';
  event.module = module;
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.sourcePort = address?.port ?? (request.x_forwarded_for === undefined ? count(request.src_port) : null);
  describeRequest(event, request);
  return event;
}

/** What an event says of a request over HTTP and its answer, but for where it came from and who sent it. */
export function describeRequest(event: TokenEvent, request: Request): void {
  const line = typeof request.request === 'string' && text(request.path) === null ? requestLine(request.request) : request;
  const url = request.absolute === undefined ? null : text(request.absolute);
  event.category = webAccess;
  answered(event, request.status);
  event.type = event.outcome === 'failure' ? deniedType : accessType;
  event.userAgent = text(request.user_agent);
  event.method = text(line.method);
  event.requestId = text(request.request_id);
  event.traceId = traceIdOf(request.traceparent);
  event.responseBytes = event.bytesOut = count(request.bytes_out);
  event.urlPath = pathOnly(line.path ?? url);
  event.urlDomain = urlHost(url) ?? hostOnly(request.host);
  event.service = text(request.service);
  event.resourceId = routeOf(event.urlDomain ?? event.service, event.urlPath);
  event.resourceKind = event.resourceId === null ? null : 'route';
}

/** Who only passes requests on checked nobody: a 401 is a refusal by whoever said it, and a route that refuses anonymous calls a verdict. */
export function routeVerdict(event: TokenEvent, context: NormalizeContext): boolean | null {
  if (event.status === 401) return false;
  return context.source.refusesAnonymous && event.outcome === 'success' ? true : null;
}

/**
 * What the answer and the log's field for denials say of the token: a 401 refuses it; where denials are logged, any other answer below 400
 * and a 403 mean that a token with an id passed. Else nobody is known to have checked, unless the route refuses anonymous calls.
 */
export function verdictOf(event: TokenEvent, claims: LoggedClaims, context: NormalizeContext): boolean | null {
  const { status } = event;
  if (claims.deny !== undefined && claims.deny !== null && text(claims.jti) !== null && status !== null && status !== 401) {
    return status < 400 || status === 403 ? true : null;
  }
  return routeVerdict(event, context);
}

/** Adds the token and whose it is. `event.authenticated` is set already. */
export function describeClaims(event: TokenEvent, claims: LoggedClaims, context: NormalizeContext): void {
  const { iss, sub, client_id: client, jti, iat, exp, scope, aud, roles } = claims;
  describeJwt(event, { iss, sub, client, jti, iat, exp, scope, aud, roles, boundTo: undefined }, text(claims.token_sha256), context);
  event.keyId = event.token === null ? null : text(claims.kid);
  if (event.outcome === 'failure') event.reason ??= text(claims.deny);
  event.lifecycle = useOf(event.tokenKind, event.status === 401 || event.status === 403);
}

/**
 * The name that somebody signed in with, where the log tells no token. It is an identity under the source's one issuer; without one, a
 * user whom the product checked is one of that product, and a name that nobody checked is none.
 */
export function describeUser(event: TokenEvent, user: Given, context: NormalizeContext): void {
  const name = text(user);
  if (name === null || event.identityId !== null) return;
  event.userName ??= name;
  const issuer = configuredIssuer(context.source);
  if (event.authenticated === false || issuer === null && event.authenticated !== true) return;
  event.identityId = issuer === null ? `${event.module}:${name}` : `${issuer}|${name}`;
  event.identityKind = 'unknown';
  event.identityName = name;
}

/** A length of time, also as text and with a fraction, in whole milliseconds; `null` for what is none or below zero. */
export function duration(value: Given, unitMs: number): number | null {
  const length = typeof value === 'number' ? value : typeof value === 'string' && value !== '' && value.length < 32 ? Number(value) : NaN;
  return length >= 0 && length * unitMs < 1e12 ? Math.round(length * unitMs) : null;
}
