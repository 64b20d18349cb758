import type { IdentityKind, Outcome, TokenEvent } from '../../../model/event.ts';
import { each, firstOf, path, where, type Path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, pathOnly, shortText, table, text, words } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import {
  auditEvent, authentication, calledBy, denied, end, fromAddress, iam, info, issuedToken, lifecycleOf, presented, revokedToken, start,
} from '../audit.ts';

const id = 'okta.system';

/** Some pipelines write the first keys in small letters. */
const either = (name: string, ...keys: string[]) => firstOf(path(name, ...keys), path(name.toLowerCase(), ...keys));
const debug = (name: string) => firstOf(
  path('debugContext', 'debugData', name), path('debugcontext', 'debugData', name), path('debugContext', '0', 'debugData', name),
);
const targetOf = (type: string, name: string): Path<Value> => where(['target'], 'type', type, path(name));

const fields = {
  uuid: path('uuid'), published: path('published'), eventType: either('eventType'), result: path('outcome', 'result'), reason: path('outcome', 'reason'),
  actorId: path('actor', 'id'), actorType: path('actor', 'type'), actorLogin: path('actor', 'alternateId'), actorName: path('actor', 'displayName'),
  address: path('client', 'ipAddress'), agent: path('client', 'userAgent', 'rawUserAgent'), clientId: path('client', 'id'),
  session: either('authenticationContext', 'externalSessionId'), requestUri: debug('requestUri'), requestId: debug('requestId'),
  scopes: firstOf(debug('grantedScopes'), debug('scopes')), apiToken: path('transaction', 'detail', 'requestApiTokenId'),
  accessToken: targetOf('access_token', 'id'), refreshToken: targetOf('refresh_token', 'id'), targetToken: targetOf('Token', 'id'),
  tokenUser: targetOf('User', 'id'), targetTypes: each(['target'], path('type')), targetIds: each(['target'], path('id')),
  targetNames: each(['target'], path('alternateId')), appName: targetOf('AppInstance', 'displayName'), appId: targetOf('AppInstance', 'id'),
};
type Fields = Values<typeof fields>;

const outcomes = table<Outcome>({ SUCCESS: 'success', ALLOW: 'success', FAILURE: 'failure', DENY: 'failure', RATE_LIMIT: 'failure' });
const kinds = table<IdentityKind>({
  User: 'human', AppUser: 'human', SystemPrincipal: 'provider', PublicClientApp: 'client', PublicClientAppEntity: 'client', AppInstance: 'client',
  OAuthClient: 'client', WorkloadIdentityPrincipal: 'workload',
});
const isLogin = /^(?:user\.(?:session|authentication|mfa\.attempt)|policy\.evaluate_sign_on|app\.oauth2|system\.api_token\.use)/;

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.published) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An Okta event has no published.');
  const issuer = configuredIssuer(context.source) ?? 'okta';
  const event = auditEvent(id, 'okta', timeMs, 'iam', context);
  const action = text(values.eventType)!;
  event.id = text(values.uuid) ?? '';
  event.action = action;
  event.outcome = outcomes[text(values.result) ?? ''] ?? 'unknown';
  event.category = isLogin.test(action) ? authentication : iam;
  event.type = event.outcome === 'failure' ? denied : action.endsWith('.end') || action.includes('.revoke') ? end
    : action === 'user.session.start' ? start : info;
  event.code = event.outcome === 'failure' ? text(values.reason)?.slice(0, 256) ?? text(values.result) : null;
  event.requestId = known(values.requestId);
  event.urlPath = pathOnly(known(values.requestUri));
  event.userAgent = shortText(values.agent, 2048);
  event.service = known(values.appName) ?? known(values.clientId);
  event.authenticated = event.outcome === 'success' ? true : event.outcome === 'failure' && isLogin.test(action) ? false : null;
  fromAddress(event, values.address);
  describeActor(event, values, issuer);
  describeTarget(event, values);
  describeTokens(event, values, action, issuer, context);
  return event;
}

/** Okta writes the word `unknown` for what it does not know. */
function known(value: Value | undefined): string | null {
  const found = text(value);
  return found === 'unknown' || found === 'null' || found === 'None' ? null : found;
}

function describeActor(event: TokenEvent, values: Fields, issuer: string): void {
  const login = known(values.actorLogin);
  event.userId = known(values.actorId);
  event.userName = login ?? known(values.actorName);
  event.userEmail = login?.includes('@') === true ? login : null;
  calledBy(event, issuer, event.userId, kinds[text(values.actorType) ?? ''] ?? 'unknown', event.userName);
}

function describeTarget(event: TokenEvent, { targetTypes, targetIds, targetNames, appId }: Fields): void {
  event.resourceId = known(appId);
  event.resourceKind = event.resourceId === null ? null : 'application';
  const at = targetTypes?.indexOf('User') ?? -1;
  if (at < 0 || targetIds?.length !== targetTypes?.length || targetIds![at] === event.userId) return;
  event.targetUserId = known(targetIds![at]);
  event.targetUserName = targetNames?.length === targetTypes?.length ? known(targetNames![at]) : null;
}

/** An API token or a session is shown; a login begins one. OAuth grants issue tokens, revocations name what they end. */
function describeTokens(event: TokenEvent, values: Fields, action: string, issuer: string, context: NormalizeContext): void {
  const apiToken = known(values.apiToken);
  const session = known(values.session);
  if (action === 'user.session.start' && apiToken === null) {
    if (event.outcome === 'success') issuedToken(event, issuer, session, 'session', event.identityId, context, 'session');
    return;
  }
  if (apiToken !== null) presented(event, issuer, apiToken, 'api_key', context);
  else presented(event, issuer, session, 'session', context, 'session');
  event.lifecycle = lifecycleOf(event, action === 'user.session.end' || action === 'user.session.expire' ? 'revoked' : 'used');
  if (event.outcome !== 'failure') describeNamedToken(event, values, action, issuer, context);
}

/** What was granted or revoked stands among the targets. */
function describeNamedToken(event: TokenEvent, values: Fields, action: string, issuer: string, context: NormalizeContext): void {
  const access = known(values.accessToken);
  const refresh = known(values.refreshToken);
  const named = access ?? refresh ?? known(values.targetToken);
  const isGrant = /\.grant(?:\.|$)/.test(action);
  if (named === null) {
    if (isGrant) event.lifecycle = 'granted';
    return;
  }
  const form = access === null && refresh !== null ? 'refresh' : 'plain';
  if (action.includes('.revoke')) {
    revokedToken(event, issuer, named, context, form);
  } else if (isGrant || action.endsWith('.create')) {
    const user = known(values.tokenUser);
    const owner = user === null ? event.identityId : `${issuer}|${user}`;
    issuedToken(event, issuer, named, access !== null ? 'jwt' : refresh !== null ? 'refresh' : 'api_key', owner, context, form);
    event.scopes = words(values.scopes);
  }
}

export const oktaSystem = defineFormat({
  id,
  title: 'Okta System Log',
  describe: 'Events of Okta\'s System Log (API reference: System Log, LogEvent), by its API, event hooks or log streaming.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'outcome.result is Okta\'s verdict: ALLOW and SUCCESS, or DENY and FAILURE. CHALLENGE and the like are neither.',
    'An API token is known by transaction.detail.requestApiTokenId, the id by which it is revoked; else the session by externalSessionId.',
    'The log does not name the org: configure the issuer (https://<org>.okta.com/oauth2/default) on the source, so that a gateway\'s tokens of it are joined. '
      + 'A token in target[] is named by its id, which is the jti.',
    'No sizes. client.ipAddress is what Okta made of the proxies configured there.',
  ],
  shapes: [shape({
    kind: 'json', fields, normalize,
    recognize: (values) => typeof values.eventType === 'string' && values.eventType.includes('.') && values.result !== null
      && (values.actorType !== null || values.actorId !== null),
  })],
});
