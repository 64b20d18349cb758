import type { Outcome, TokenEvent } from '../../../model/event.ts';
import { path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, shortText, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { auditEvent, authentication, calledBy, denied, end, fromAddress, iam, info, issuedToken, presented, start } from '../audit.ts';
import { pingFederateLine } from './ping-federate-line.ts';

const id = 'ping.federate';

const fields = {
  kind: path('@kind'), time: path('time'), tid: path('tid'), event: path('event'), subject: path('subject'), ip: path('ip'), app: path('app'),
  connection: path('connection'), protocol: path('protocol'), host: path('host'), status: path('status'),
  description: path('description'), admin: path('admin'), grant: path('grant'), roles: path('roles'),
};
type Fields = Values<typeof fields>;

function outcomeOf(status: string | null): Outcome {
  return status === 'success' ? 'success' : status === 'failure' ? 'failure' : 'unknown';
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A PingFederate line has no time.');
  const host = text(values.host);
  const issuer = configuredIssuer(context.source) ?? (host === null ? 'pingfederate' : `pingfederate:${host}`);
  const event = auditEvent(id, 'pingfederate', timeMs, 'iam', context);
  event.action = text(values.event);
  fromAddress(event, values.ip);
  if (values.kind === 'admin') describeAdmin(event, values, issuer);
  else describeTransaction(event, values, issuer, context);
  return event;
}

function describeAdmin(event: TokenEvent, values: Fields, issuer: string): void {
  const description = text(values.description);
  event.category = iam;
  event.type = info;
  event.outcome = description === null ? 'unknown' : /\bsuccess/i.test(description) ? 'success' : /\bfail|\binvalid/i.test(description) ? 'failure' : 'unknown';
  event.reason = event.outcome === 'failure' ? shortText(values.description) : null;
  event.userName = text(values.admin);
  event.roles = text(values.roles)?.split(',', 64) ?? null;
  event.authenticated = event.outcome === 'failure' && event.action === 'LOGIN_ATTEMPT' ? false : event.outcome === 'success' ? true : null;
  calledBy(event, issuer, event.userName === null ? null : `admin:${event.userName}`, 'human', event.userName);
}

function describeTransaction(event: TokenEvent, values: Fields, issuer: string, context: NormalizeContext): void {
  const subject = text(values.subject);
  const connection = text(values.connection);
  const isOAuth = values.event === 'OAuth' || text(values.protocol)?.toUpperCase().startsWith('OAUTH') === true;
  event.category = authentication;
  event.outcome = outcomeOf(text(values.status)?.toLowerCase() ?? null);
  event.type = event.outcome === 'failure' ? denied : info;
  event.reason = event.outcome === 'failure' ? shortText(values.description) : null;
  event.authenticated = event.outcome === 'success' ? true : event.outcome === 'failure' ? false : null;
  event.urlDomain = text(values.host)?.toLowerCase() ?? null;
  event.service = connection ?? text(values.app);
  event.userId = subject ?? (isOAuth ? connection : null);
  event.userName = event.userId;
  // The connection of an OAuth transaction is the client.
  const isClient = isOAuth && (subject === null || subject === connection);
  calledBy(event, issuer, event.userId, isClient ? 'client' : 'human', event.userName);
  describeSession(event, values, isOAuth, issuer, context);
}

/** The tracking id is the session's. An OAuth transaction that succeeds hands out tokens under a grant, which are not named. */
function describeSession(event: TokenEvent, values: Fields, isOAuth: boolean, issuer: string, context: NormalizeContext): void {
  const tid = isOAuth ? text(values.grant) ?? text(values.tid) : text(values.tid);
  const action = event.action ?? '';
  if (action === 'AUTHN_SESSION_CREATED' && event.outcome !== 'failure') {
    event.type = start;
    issuedToken(event, issuer, tid, 'session', event.identityId, context, 'session');
    return;
  }
  const isEnd = action === 'AUTHN_SESSION_DELETED' || action === 'SRI_REVOKED' || action === 'SLO';
  if (isEnd) event.type = end;
  if (event.outcome === 'failure') return;
  presented(event, issuer, tid, 'session', context, 'session');
  event.lifecycle = event.token === null ? null : isEnd ? 'revoked' : isOAuth && event.outcome === 'success' ? 'granted' : 'used';
}

export const pingFederate = defineFormat({
  id,
  title: 'PingFederate',
  describe: 'Security audit log and administrator audit log of PingFederate (administration guide: Security audit logging): fields between bars, as '
    + 'key="value", or in CEF.',
  vantage: 'iam',
  repeats: false,
  notes: [
    'The status is the verdict: success or failure; inprogress is neither.',
    'Sessions are known by the tracking id. Tokens are not named: configure the issuer on the source, so that a gateway\'s tokens are tied by their subject.',
    'So that grants can be told apart add accessgrantguid=\\"%X{accessgrantguid}\\" to the pattern of the audit log in log4j2.xml.',
    'Times have no zone: configure the source\'s timezone. No user agents and no sizes.',
  ],
  shapes: [shape({ kind: 'text', grammar: pingFederateLine, fields, normalize, recognize: (values) => values.event !== null })],
});
