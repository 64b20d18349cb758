import type { TokenEvent } from '../../../model/event.ts';
import { count, httpStatus, instant, shortText, text, texts, words } from '../../values.ts';
import { configuredIssuer } from '../../token-id.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized } from '../format.ts';
import { auditEvent, authentication, calledBy, change, denied, end, fromAddress, info, start } from '../audit.ts';
import { fields, secrets, type Fields, type Secrets } from './oidc-provider-fields.ts';
import { isAnothers, ownerOf, tokenOf } from './oidc-provider-token.ts';

const id = 'oidc-provider.audit';

/** Models whose records are housekeeping of the server: no credential in them works anywhere. */
const housekeeping: ReadonlySet<string> = new Set([
  'session', 'interaction', 'replay_detection', 'authorization_code', 'device_code', 'pushed_authorization_request',
  'backchannel_authentication_request', 'pre_authorized_code',
]);
const tokens: ReadonlySet<string> = new Set([
  'access_token', 'client_credentials', 'refresh_token', 'registration_access_token', 'initial_access_token',
]);
/** Endpoints and steps that the provider tells of. */
const steps: ReadonlySet<string> = new Set([
  'grant', 'introspection', 'revocation', 'userinfo', 'authorization', 'device_authorization', 'end_session', 'backchannel',
  'registration_create', 'registration_update', 'registration_delete', 'registration_read', 'discovery', 'jwks',
]);
const verbs: ReadonlySet<string> = new Set([
  'saved', 'issued', 'consumed', 'destroyed', 'success', 'error', 'revoked', 'accepted', 'started', 'ended',
]);

interface EventName { readonly subject: string; readonly verb: string }

/** The two halves of a name of the provider's events; `null` for any other text. */
function nameOf(type: unknown): EventName | null {
  if (typeof type !== 'string') return null;
  const point = type.indexOf('.');
  const subject = type.slice(0, point);
  const verb = type.slice(point + 1);
  if (point < 0 || !verbs.has(verb)) return null;
  return tokens.has(subject) || steps.has(subject) || housekeeping.has(subject) ? { subject, verb } : null;
}

function recognize(values: Fields): boolean {
  if (values.time === null || nameOf(values.type) === null) return false;
  return values.route !== null || values.kind !== null || values.grant !== null || values.client_id !== null || values.caller !== null;
}

function normalize(values: Fields, context: NormalizeContext, hidden: Secrets): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An oidc-provider record has no time.');
  const name = nameOf(values.type)!;
  if (housekeeping.has(name.subject)) return 'ignore';
  const issuer = text(values.iss) ?? configuredIssuer(context.source) ?? 'oidc-provider';
  const event = auditEvent(id, 'oidc-provider', timeMs, 'iam', context);
  event.action = text(values.type);
  event.category = authentication;
  describeCall(event, values, name.verb);
  describeCaller(event, values, name, issuer);
  describeStep(event, values, name, issuer, context, hidden);
  return event;
}

function describeCall(event: TokenEvent, values: Fields, verb: string): void {
  event.outcome = verb === 'error' ? 'failure' : 'success';
  event.type = verb === 'error' ? denied : info;
  event.code = text(values.error);
  event.reason = verb === 'error' ? shortText(values.detail) : null;
  event.status = httpStatus(values.status);
  event.requestId = text(values.request_id);
  event.userAgent = text(values.ua);
  fromAddress(event, values.ip);
}

/**
 * Who asks about another's token, or revokes it, is the caller himself. Elsewhere the token's subject is, and the client only carries it.
 */
function describeCaller(event: TokenEvent, values: Fields, { subject }: EventName, issuer: string): void {
  const caller = text(values.caller);
  const owner = ownerOf(values);
  const isOther = isAnothers(values);
  const client = isOther ? caller : owner ?? caller;
  const account = isOther ? null : text(values.account);
  const isClient = isOther || subject === 'introspection' || values.kind === 'ClientCredentials' || values.grant_type === 'client_credentials';
  event.service = client;
  event.userId = account ?? (isClient ? client : null);
  event.userName = account ?? client;
  if (isOther) event.targetUserName = text(values.account) ?? owner;
  // The provider makes a client the `sub` of the tokens that it gets for itself.
  if (account !== null) calledBy(event, issuer, account, 'human', account);
  else if (isClient) calledBy(event, issuer, client, 'client', client);
}

function describeStep(event: TokenEvent, values: Fields, name: EventName, issuer: string, context: NormalizeContext, hidden: Secrets): void {
  const { subject, verb } = name;
  event.authenticated = verb !== 'error' ? true : subject === 'introspection' || subject === 'revocation' ? null : false;
  const token = tokenOf(values, hidden, issuer, context, verb === 'issued');
  if (verb === 'saved' || verb === 'issued') {
    event.type = start;
    token.issue(event);
    event.issuedExpiresAtMs = instant(values.exp) ?? expiryOf(event, values);
    event.scopes = words(values.scope);
    event.audience = texts(values.aud ?? undefined);
  } else if (verb === 'consumed') {
    event.type = change;
    token.present(event, 'rotated');
  } else if (verb === 'destroyed' || verb === 'revoked' || verb === 'success' && subject === 'revocation') {
    event.type = end;
    token.present(event, 'revoked');
  } else if (subject === 'grant') {
    token.present(event, verb === 'error' ? 'refused' : 'granted');
    if (verb === 'success') event.lifecycle = 'granted';
    else if (values.grant_type === 'refresh_token') refuseRefresh(event);
  } else if (subject === 'userinfo') token.present(event, verb === 'error' ? 'refused' : 'used');
}

function expiryOf(event: TokenEvent, values: Fields): number | null {
  const seconds = count(values.expires_in);
  return seconds === null ? null : event.timeMs + seconds * 1000;
}

/** Which one it was is often not told. */
function refuseRefresh(event: TokenEvent): void {
  event.tokenKind = 'refresh';
  event.lifecycle = 'refused';
}

export const oidcProviderAudit = defineFormat({
  id,
  title: 'oidc-provider audit log',
  describe: 'JSON lines that an application writes from the events of the npm package oidc-provider (its documentation: Events).',
  vantage: 'iam',
  repeats: false,
  notes: [
    'The server is the authenticator: its success is the verdict, its error the refusal. It logs no sizes.',
    'One line for each event: time, type (the event\'s name), iss, ip, route, caller, ua, error, detail; of a token also kind, format, '
    + 'client_id, account, scope, aud, grant, exp or expires_in.',
    'So that a gateway\'s JWT is the one issued here, write the jti of tokens of that format: '
    + 'provider.on(\'access_token.issued\', (token) => write({ jti: token.jti, format: \'jwt\', exp: token.exp })).',
    'Of opaque and refresh tokens write token_sha256, the SHA-256 of token.jti in hex (an opaque token is its own id); '
    + 'let the gateway log the same of the bearer token.',
    'The id of a grant stands for all tokens issued under it: its revocation ends them, and the log does not name them one by one.',
    'Introspection is a call of the resource server, not of the token\'s holder. Its success, and that of a revocation, have no event: '
    + 'a middleware behind the provider writes them as introspection.success and revocation.success.',
  ],
  shapes: [shape({ kind: 'json', fields, secrets, recognize, normalize })],
});
