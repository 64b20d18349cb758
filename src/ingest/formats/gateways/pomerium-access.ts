import { firstOf, path } from '../../paths.ts';
import { configuredIssuer, tokenId } from '../../token-id.ts';
import { instant, text } from '../../values.ts';
import type { TokenEvent } from '../../../model/event.ts';
import { accessEvent, describeClaims, describeUser, duration, verdictOf } from '../access.ts';
import { accessType, deniedType } from '../gateway.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';

const id = 'pomerium.access';

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  time: path('time'), message: path('message'), log: path('service'), duration_ms: path('duration'), method: path('method'), path: path('path'),
  host: firstOf(path('authority'), path('host')), src: path('ip'), x_forwarded_for: path('forwarded-for'),
  status: path('response-code'), bytes_out: path('size'), user_agent: path('user-agent'), request_id: path('request-id'),
  service: path('upstream-cluster'), details: path('response-code-details'), allow: path('allow'), deny: path('deny'), user: path('user'), email: path('email'),
  session: path('session-id'), account: path('service-account-id'), impersonated: path('impersonate-user-id'), impersonatedEmail: path('impersonate-email'),
};
type Fields = Values<typeof fields>;

function recognize(values: Fields): boolean {
  if (values.message === 'authorize check') return values.request_id !== null || values.allow !== null;
  return values.message === 'http-request' && values.log === 'envoy' && values.request_id !== null;
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const endMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (endMs === null) return quarantine('no_time', 'A Pomerium record has no time.');
  return values.message === 'authorize check' ? decision(values, endMs, context) : request(values, endMs, context);
}

function request(values: Fields, endMs: number, context: NormalizeContext): Normalized {
  const durationMs = duration(values.duration_ms, 1);
  const event = accessEvent(id, 'pomerium', endMs - (durationMs ?? 0), durationMs, values, context);
  event.authenticated = verdictOf(event, {}, context);
  describeClaims(event, {}, context);
  return event;
}

/** What the policy said of the session or service account that the request brought. The access record of the same request has its bytes. */
function decision(values: Fields, timeMs: number, context: NormalizeContext): Normalized {
  const event = accessEvent(id, 'pomerium', timeMs, null, values, context);
  const user = text(values.user) ?? text(values.account);
  const isAllowed = values.allow === true && values.deny !== true;
  event.action = 'authorize check';
  event.outcome = isAllowed ? 'success' : 'failure';
  event.type = isAllowed ? accessType : deniedType;
  event.authenticated = user !== null ? true : isAllowed ? null : false;
  describeSession(event, values, context);
  describeUser(event, user, context);
  event.userId = user;
  event.userEmail = text(values.email);
  event.effectiveUserId = text(values.impersonated);
  event.effectiveUserName = text(values.impersonatedEmail);
  return event;
}

function describeSession(event: TokenEvent, values: Fields, context: NormalizeContext): void {
  const session = text(values.session), account = text(values.account);
  const shown = account ?? session;
  if (shown === null) return;
  const issuer = configuredIssuer(context.source) ?? 'pomerium';
  event.token = tokenId(context, issuer, account === null ? 'session' : 'plain', shown);
  event.tokenHandle = shown;
  event.tokenIssuer = issuer;
  event.tokenKind = account === null ? 'session' : 'jwt';
  event.lifecycle = event.outcome === 'success' ? 'used' : 'refused';
}

export const pomeriumAccess = defineFormat({
  id,
  title: 'Pomerium access and authorize log',
  describe: 'Records http-request and authorize check of Pomerium (reference: Access Log Fields, Authorize Log Fields).',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'The verdict stands in the authorize record: a user or service account there had a valid session; allow is what the policy said.',
    'size, in the access record, is the body without headers. Both records of a request carry its request-id.',
    'The token is the session (or service account) by its id. With one issuer configured for the source, user is the subject there.',
    'Keep the ids in the log if you choose the fields yourself: authorize_log_fields: [request-id, check-request-id, method, path, host, ip,',
    'session-id, user, email, service-account-id, impersonate-user-id, impersonate-email]',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
