import type { Outcome, TokenEvent } from '../../../model/event.ts';
import { firstOf, path, subtree, type Json, type Path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, pathOnly, shortText, text, texts, words } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { auditEvent, authentication, calledBy, denied, end, fromAddress, iam, info, issuedToken, presented, start } from '../audit.ts';

const id = 'auth0.logs';

const fieldsAt = (...base: string[]) => {
  const at = (...keys: string[]): Path<Value> => path(...base, ...keys);
  const list = (...keys: string[]): Path<Json> => firstOf<Json>(subtree([...base, ...keys], 8192));
  return {
    id: firstOf(at('log_id'), at('_id')), outerId: path('log_id'), date: at('date'), type: at('type'), description: at('description'),
    clientId: at('client_id'), clientName: at('client_name'), ip: at('ip'), agent: at('user_agent'), userId: at('user_id'), userName: at('user_name'),
    hostname: at('hostname'), tenant: firstOf(at('tenant_name'), at('tenant')), audience: list('audience'), scope: list('scope'), session: at('session_id'),
    error: at('details', 'error', 'message'), errorType: at('details', 'error', 'type'),
    method: at('details', 'request', 'method'), requestPath: at('details', 'request', 'path'),
    jti: at('details', 'request', 'auth', 'credentials', 'jti'), credentialScopes: list('details', 'request', 'auth', 'credentials', 'scopes'),
    callerId: at('details', 'request', 'auth', 'user', 'user_id'), callerName: at('details', 'request', 'auth', 'user', 'email'),
  };
};
const streamFields = fieldsAt('data');
const apiFields = fieldsAt();
type Fields = Values<typeof streamFields>;

/** Exchanges for tokens, done or refused, that clients make. */
const byClients = /^[sf]e[a-z]*ft$/;
/** Codes that stand for a grant of tokens. */
const exchanges = /^(?:seccft|seacft|sertft|sepft|sepkoobft|sepkotpft|sepkrcft|seoobft|seotpft|sercft|sede|sens|secft)$/;
const failures = /^(?:f[a-z_]*|limit_.*|api_limit.*|pla|(?:signup_|reset_)?pwd_leak|gd_auth_(?:failed|rejected)|oidc_.*_failed)$/;
const ends: ReadonlySet<string> = new Set(['slo', 'oidc_backchannel_logout_succeeded']);

function outcomeOf(type: string): Outcome {
  if (failures.test(type)) return 'failure';
  if (type.startsWith('sys_')) return 'unknown';
  return type.startsWith('s') || type === 'gd_auth_succeed' || type === 'mgmt_api_read' ? 'success' : 'unknown';
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.date) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An Auth0 log event has no date.');
  const host = text(values.hostname);
  const tenant = text(values.tenant);
  const issuer = configuredIssuer(context.source) ?? (host === null ? tenant === null ? 'auth0' : `auth0:${tenant}` : `https://${host}/`);
  const event = auditEvent(id, 'auth0', timeMs, 'iam', context);
  const type = text(values.type)!;
  const isManagement = type === 'sapi' || type === 'fapi' || type === 'mgmt_api_read';
  event.id = text(values.id) ?? text(values.outerId) ?? '';
  event.action = type;
  event.outcome = outcomeOf(type);
  event.category = isManagement ? iam : authentication;
  event.type = event.outcome === 'failure' ? denied : ends.has(type) ? end : type === 's' || exchanges.test(type) ? start : info;
  event.code = event.outcome === 'failure' ? text(values.errorType) : null;
  event.reason = event.outcome === 'failure' ? shortText(values.error) ?? shortText(values.description) : null;
  event.organization = tenant;
  event.urlDomain = host;
  event.method = text(values.method)?.toUpperCase() ?? null;
  event.urlPath = pathOnly(values.requestPath);
  event.userAgent = shortText(values.agent, 2048);
  event.service = text(values.clientName) ?? text(values.clientId);
  event.authenticated = event.outcome === 'success' ? true : event.outcome === 'failure' && !isManagement ? false : null;
  fromAddress(event, values.ip);
  describeCaller(event, values, isManagement, issuer);
  describeTokens(event, values, type, issuer, context);
  return event;
}

/** The management API is called by an administrator or by a client; elsewhere the user signs in, or the client for itself. */
function describeCaller(event: TokenEvent, values: Fields, isManagement: boolean, issuer: string): void {
  const user = text(isManagement ? values.callerId : values.userId);
  const name = text(isManagement ? values.callerName : values.userName);
  const client = text(values.clientId);
  // Elsewhere the client only stands between, and who tried may be known by name alone.
  const isClient = user === null && (isManagement || byClients.test(text(values.type)!));
  event.userId = isClient ? client : user;
  event.userName = isClient ? text(values.clientName) ?? client : name;
  event.userEmail = user !== null && name?.includes('@') === true ? name : null;
  // The subject of a client's own tokens is `<client id>@clients`.
  if (user !== null) calledBy(event, issuer, user, 'human', name ?? user);
  else if (isClient && client !== null) calledBy(event, issuer, `${client}@clients`, 'client', event.userName);
  if (isManagement && text(values.userId) !== null && values.userId !== user) {
    event.targetUserId = text(values.userId);
    event.targetUserName = text(values.userName);
  }
}

function describeTokens(event: TokenEvent, values: Fields, type: string, issuer: string, context: NormalizeContext): void {
  const jti = text(values.jti);
  const session = text(values.session);
  if (jti !== null) presented(event, issuer, jti, 'jwt', context);
  else if (type !== 's') presented(event, issuer, session, 'session', context, 'session');
  if (jti !== null) event.scopes = texts(values.credentialScopes ?? undefined);
  if (event.token !== null) event.lifecycle = event.outcome === 'failure' ? 'refused' : ends.has(type) ? 'revoked' : 'used';
  if (event.outcome !== 'success') return;
  if (type === 's' && session !== null) issuedToken(event, issuer, session, 'session', event.identityId, context, 'session');
  else if (exchanges.test(type)) {
    // Which token came out is not logged.
    event.lifecycle = 'granted';
    const { scope } = values;
    event.scopes = typeof scope === 'string' ? words(scope) : texts(scope ?? undefined);
    event.audience = texts(values.audience ?? undefined);
  }
}

export const auth0Logs = defineFormat({
  id,
  title: 'Auth0 logs',
  describe: 'Tenant logs of Auth0 (documentation: Log event type codes), by log streams or the Management API.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'The type code is the verdict: f... and limits are refusals, s... successes.',
    'Calls of the Management API name the jti of the token that was shown. Token exchanges do not name the token that came out: what a gateway '
      + 'sees is tied by its subject, which is the user id, or <client id>@clients.',
    'The issuer is https://<hostname>/ of the record, unless the source is configured with another.',
    'No sizes.',
  ],
  shapes: [
    shape({
      kind: 'json', fields: streamFields, normalize,
      recognize: (values) => values.date !== null && text(values.type) !== null
        && (values.outerId !== null || values.id !== null || values.clientId !== null && values.description !== null),
    }),
    shape({
      kind: 'json', fields: apiFields, normalize,
      recognize: (values) => values.date !== null && text(values.type) !== null && values.id !== null
        && (values.clientId !== null || values.description !== null || values.userId !== null || values.ip !== null),
    }),
  ],
});
