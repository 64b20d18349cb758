/** CEF and LEEF become events the same way, once their keys have the same names. */
import type { TokenEvent } from '../../../model/event.ts';
import { configuredIssuer } from '../../token-id.ts';
import { parseTime } from '../../time.ts';
import { count, hostOnly, oneOf, pathOnly, shortText, text, useOf } from '../../values.ts';
import { api, auditEvent, authentication, calledBy, denied, fromAddress, info, start } from '../audit.ts';
import { quarantine, type NormalizeContext, type Normalized, type Value } from '../format.ts';
import { describeJwt } from '../gateway.ts';

/** The values that both grammars can give. */
export interface SecurityValues {
  readonly vendor: Value; readonly product: Value; readonly signature: Value; readonly name: Value; readonly time: Value; readonly start: Value;
  readonly end: Value; readonly source: Value; readonly sourcePort: Value; readonly user: Value; readonly userId: Value; readonly targetUser: Value;
  readonly targetId: Value; readonly action: Value; readonly category: Value; readonly outcome: Value; readonly reason: Value; readonly method: Value;
  readonly url: Value; readonly host: Value; readonly agent: Value; readonly bytesOut: Value; readonly requestId: Value; readonly service: Value;
  readonly resource: Value; readonly token_id: Value; readonly issuer: Value; readonly client_id: Value; readonly token_sha256: Value;
}

/** Products whose lines in these forms have formats of their own. */
const elsewhere = /^(?:ping ?identity|cyber-?ark)/i;

/** Has no format of ours this vendor's lines for itself? */
export function isUnclaimed(vendor: Value): boolean {
  return typeof vendor === 'string' && !elsewhere.test(vendor);
}

/** `id` is the format's; times without zone or year take those of the source and its input. */
export function securityEvent(id: string, values: SecurityValues, context: NormalizeContext): Normalized {
  const at = (value: Value): number | null => parseTime(value, context.source.timezone, context.referenceMs);
  const timeMs = at(values.start) ?? at(values.time) ?? at(values.end) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'The event tells no time, nor does a header before it.');
  const event = auditEvent(id, text(values.vendor)?.toLowerCase() ?? id, timeMs, 'gateway', context);
  const endMs = at(values.end);
  event.endMs = endMs !== null && endMs >= timeMs ? endMs : null;
  event.provider = text(values.product) ?? event.provider;
  event.action = text(values.action) ?? text(values.name) ?? text(values.signature);
  event.outcome = outcomeOf(text(values.outcome));
  event.code = event.outcome === 'failure' ? text(values.signature) : null;
  event.reason = event.outcome === 'failure' ? shortText(values.reason) : null;
  describeNature(event, text(values.category));
  describeRequest(event, values);
  describeCaller(event, values, context);
  return event;
}

function outcomeOf(word: string | null): TokenEvent['outcome'] {
  const found = word?.toLowerCase() ?? null;
  if (found !== null && /^(?:success|succeeded|successful|allowed|permitted|ok|pass)/.test(found)) return 'success';
  if (found !== null && /^(?:fail|denied|deny|blocked|error|reject|refused)/.test(found)) return 'failure';
  return oneOf(found, ['success', 'failure', 'unknown'], 'unknown');
}

const signIn = /\b(?:log-?(?:on|in)|sign-?(?:on|in)|authenticat|sso)/i;

function describeNature(event: TokenEvent, category: string | null): void {
  const isSignIn = signIn.test(event.action ?? '') || signIn.test(category ?? '');
  event.category = isSignIn ? authentication : api;
  event.type = event.outcome === 'failure' ? denied : isSignIn ? start : info;
}

function describeRequest(event: TokenEvent, values: SecurityValues): void {
  event.method = text(values.method);
  event.urlPath = pathOnly(values.url);
  event.urlDomain = hostOnly(values.host);
  event.userAgent = text(values.agent);
  event.responseBytes = event.bytesOut = count(values.bytesOut);
  event.requestId = text(values.requestId);
  event.service = text(values.service);
  fromAddress(event, values.source);
  if (event.sourceIp !== null) event.sourcePort = count(values.sourcePort) ?? event.sourcePort;
  event.resourceId = text(values.resource);
  event.resourceKind = event.resourceId === null ? null : 'file';
}

function describeCaller(event: TokenEvent, values: SecurityValues, context: NormalizeContext): void {
  const subject = text(values.userId) ?? text(values.user);
  event.authenticated = event.category === authentication && event.outcome !== 'unknown' ? event.outcome === 'success' : null;
  describeJwt(event, {
    iss: values.issuer, sub: subject, client: values.client_id, jti: values.token_id, iat: null, exp: null, scope: null, aud: null, roles: null, boundTo: null,
  }, text(values.token_sha256), context);
  if (text(values.token_id) === null) event.tokenKind = event.token === null ? 'none' : 'opaque';
  event.lifecycle = event.token === null ? null : useOf(event.tokenKind, event.outcome === 'failure');
  event.userId = text(values.userId);
  event.userName = text(values.user);
  event.targetUserId = text(values.targetId);
  event.targetUserName = text(values.targetUser);
  if (event.identityId !== null) return;
  const product = `${text(values.vendor)?.toLowerCase() ?? ''}:${text(values.product)?.toLowerCase() ?? ''}`;
  calledBy(event, configuredIssuer(context.source) ?? product, subject, 'unknown', event.userName ?? subject);
}
