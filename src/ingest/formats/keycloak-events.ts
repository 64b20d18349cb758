import { emptyEvent, type TokenEvent } from '../../model/event.ts';
import { parseAddress } from '../address.ts';
import { path } from '../paths.ts';
import { configuredIssuer, tokenId } from '../token-id.ts';
import { count, instant, shortText, text, words } from '../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from './format.ts';
import { describeAdmin } from './keycloak-admin.ts';
import { isEventLogger, keycloakLine, keycloakPairs } from './keycloak-line.ts';

const id = 'keycloak.events';
const inner = (...keys: string[]) => path('details', ...keys);

/** By REST the details are an object of their own; in the log all keys stand side by side. */
const names = {
  type: 'type', realmId: 'realmId', clientId: 'clientId', userId: 'userId', sessionId: 'sessionId', ipAddress: 'ipAddress', error: 'error',
  operationType: 'operationType', callerRealm: 'realmId', resourceType: 'resourceType', resourcePath: 'resourcePath',
};
const details = {
  tokenId: 'token_id', refreshId: 'refresh_token_id', newRefreshId: 'updated_refresh_token_id', lifetime: 'access_token_expiration_time', grantType: 'grant_type',
  scope: 'scope', userName: 'username', reason: 'reason', issuedFor: 'token_issued_for', impersonator: 'impersonator',
};
type Name = keyof typeof names | keyof typeof details;
/** What an event holds, whatever the shape it came in. */
export type Found = { readonly [K in Name]: Value };

const each = <K extends string, T>(table: Readonly<Record<K, string>>, make: (key: string) => T): { readonly [name in K]: T } =>
  Object.fromEntries(Object.entries<string>(table).map(([name, key]) => [name, make(key)])) as { readonly [name in K]: T };

const restFields = { ...each(names, (key) => path(key)), ...each(details, (key) => inner(key)), id: path('id'), time: path('time') };
const adminFields = {
  ...restFields, clientId: path('authDetails', 'clientId'), userId: path('authDetails', 'userId'), ipAddress: path('authDetails', 'ipAddress'), callerRealm: path('authDetails', 'realmId'),
};
const jsonLogFields = { time: path('timestamp'), logger: path('loggerName'), loggerClass: path('loggerClassName'), message: path('message'), level: path('level'), service: path('service.name') };
const lineFields = { ...each(names, (key) => path(key)), ...each(details, (key) => path(key)), time: path('@time'), logger: path('@logger') };
const foundNames: readonly (readonly [Name, string])[] = Object.entries({ ...names, ...details }) as [Name, string][];

/** Events in which somebody gets a token for what he shows. */
const issues: ReadonlySet<string> = new Set([
  'LOGIN', 'CLIENT_LOGIN', 'CODE_TO_TOKEN', 'REFRESH_TOKEN', 'TOKEN_EXCHANGE', 'PERMISSION_TOKEN', 'OAUTH2_DEVICE_CODE_TO_TOKEN', 'AUTHREQID_TO_TOKEN', 'JWT_AUTHORIZATION_GRANT',
]);
const revocations: ReadonlySet<string> = new Set(['REVOKE_GRANT', 'LOGOUT']);
/** Uses of an access token at Keycloak itself. */
const uses: ReadonlySet<string> = new Set(['USER_INFO_REQUEST']);
/** A resource server asks about a token: the caller is that server, and the token is no credential of its own. */
const checks: ReadonlySet<string> = new Set(['INTROSPECT_TOKEN', 'VALIDATE_ACCESS_TOKEN']);

const authentication: readonly string[] = ['authentication'];
const start: readonly string[] = ['start'];
const end: readonly string[] = ['end'];
const info: readonly string[] = ['info'];

/** The issuer URL that the operator configured, which is the `iss` of the tokens; the log itself names only the realm. */
export function issuerOf(realm: string | null, context: NormalizeContext): string {
  return configuredIssuer(context.source) ?? (realm === null ? 'keycloak' : `keycloak:${realm}`);
}

function toEvent(found: Found, timeMs: number | null, eventId: string, context: NormalizeContext): Normalized {
  if (timeMs === null) return quarantine('no_time', 'A Keycloak event has no time.');
  const event = emptyEvent(id, timeMs);
  const realm = text(found.realmId);
  const issuer = issuerOf(realm, context);
  const address = parseAddress(text(found.ipAddress));
  const error = text(found.error);
  event.id = eventId;
  event.module = event.provider = 'keycloak';
  event.vantage = context.source.vantage ?? 'iam';
  event.organization = realm;
  event.outcome = error === null ? 'success' : 'failure';
  event.code = error;
  event.reason = error === null ? null : shortText(found.reason);
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.userId = text(found.userId);
  event.userName = text(found.userName);
  if (text(found.operationType) === null) describeEvent(event, found, issuer, context);
  else describeAdmin(event, found, issuer, context);
  return event;
}

function describeEvent(event: TokenEvent, found: Found, issuer: string, context: NormalizeContext): void {
  const type = text(found.type)!;
  const operation = type.endsWith('_ERROR') ? type.slice(0, -6) : type;
  event.action = type;
  event.category = authentication;
  event.type = operation === 'LOGOUT' ? end : issues.has(operation) && event.outcome === 'success' ? start : info;
  if (checks.has(operation)) describeCheck(event, found, issuer);
  else describeCaller(event, found, text(found.clientId), issuer);
  const session = text(found.sessionId);
  const sessionFingerprint = session === null ? null : tokenId(context, issuer, 'session', session);
  event.authenticated = event.outcome === 'success' ? true : checks.has(operation) ? null : false;
  if (uses.has(operation) || operation === 'LOGOUT') present(event, sessionFingerprint, null, 'jwt', issuer);
  else if (operation === 'REVOKE_GRANT') presentToken(event, found, sessionFingerprint, issuer, context);
  else if (operation === 'REFRESH_TOKEN') presentRefresh(event, found, issuer, context);
  if (event.outcome === 'failure') {
    if (uses.has(operation) || operation === 'REFRESH_TOKEN') event.lifecycle = 'refused';
  } else if (issues.has(operation)) issue(event, found, sessionFingerprint, issuer, context);
  else if (revocations.has(operation)) event.lifecycle = event.token === null ? null : 'revoked';
  else if (uses.has(operation)) event.lifecycle = event.token === null ? null : 'used';
}

function present(event: TokenEvent, fingerprint: string | null, handle: string | null, kind: 'jwt' | 'refresh', issuer: string): void {
  if (fingerprint === null) return;
  event.token = fingerprint;
  event.tokenHandle = handle;
  event.tokenKind = kind;
  event.tokenIssuer = issuer;
}

function presentToken(event: TokenEvent, found: Found, session: string | null, issuer: string, context: NormalizeContext): void {
  const jti = text(found.tokenId);
  if (jti === null) return;
  present(event, tokenId(context, issuer, 'plain', jti), jti, 'jwt', issuer);
  if (session !== null && event.outcome === 'success') event.aliases = [session];
}

function presentRefresh(event: TokenEvent, found: Found, issuer: string, context: NormalizeContext): void {
  const refresh = text(found.refreshId);
  if (refresh !== null) present(event, tokenId(context, issuer, 'refresh', refresh), refresh, 'refresh', issuer);
}

/** The access token is the one that is issued; its session and its refresh token are further names that later events call it by. */
function issue(event: TokenEvent, found: Found, session: string | null, issuer: string, context: NormalizeContext): void {
  const jti = text(found.tokenId);
  if (jti === null) return;
  const refresh = text(found.newRefreshId) ?? text(found.refreshId);
  const refreshFingerprint = refresh === null ? null : tokenId(context, issuer, 'refresh', refresh);
  const aliases = [session, refreshFingerprint === event.token ? null : refreshFingerprint].filter((alias) => alias !== null);
  const lifetimeSeconds = count(found.lifetime);
  event.issued = tokenId(context, issuer, 'plain', jti);
  event.issuedHandle = jti;
  event.issuedKind = 'jwt';
  event.issuedAliases = aliases.length === 0 ? null : aliases;
  event.issuedExpiresAtMs = lifetimeSeconds === null ? null : event.timeMs + lifetimeSeconds * 1000;
  event.issuedIdentityId = event.identityId;
  event.scopes = words(found.scope);
  event.tokenIssuer = issuer;
  event.lifecycle = 'issued';
}

/** The asking client is the caller; whom the token stands for is the one acted upon. */
function describeCheck(event: TokenEvent, found: Found, issuer: string): void {
  const client = text(found.clientId);
  event.targetUserId = event.userId;
  event.targetUserName = event.userName ?? text(found.issuedFor);
  event.userId = null;
  event.userName = event.service = client;
  if (client === null) return;
  event.identityId = `${issuer}|client:${client}`;
  event.identityKind = 'client';
  event.identityName = client;
}

const serviceAccount = 'service-account-';

/** A service account is its client; a user is a person; `<issuer>|<sub>` as a gateway writes it from the token's claims. */
function describeCaller(event: TokenEvent, found: Found, client: string | null, issuer: string): void {
  if (found.impersonator !== null) {
    event.effectiveUserId = event.userId;
    event.effectiveUserName = event.userName;
    event.userId = null;
    event.userName = text(found.impersonator);
    return;
  }
  const isClient = event.userName?.startsWith(serviceAccount) === true || found.grantType === 'client_credentials';
  if (event.userId === null && client === null) return;
  event.identityId = event.userId === null ? `${issuer}|client:${client}` : `${issuer}|${event.userId}`;
  event.identityKind = isClient || event.userId === null ? 'client' : event.userName === null ? 'unknown' : 'human';
  event.identityName = event.identityKind === 'human' ? event.userName : client;
  event.service = client;
}

function ofRest(values: Found & { readonly id: Value; readonly time: Value }, context: NormalizeContext): Normalized {
  return toEvent(values, instant(values.time) ?? context.envelopeTimeMs, text(values.id) ?? '', context);
}

function ofJsonLog(values: Values<typeof jsonLogFields>, context: NormalizeContext): Normalized {
  if (!isEventLogger(text(values.logger) ?? '')) return 'ignore';
  const pairs = keycloakPairs(text(values.message) ?? '');
  const found = {} as { [K in Name]: Value };
  for (const [name, key] of foundNames) found[name] = pairs[key] ?? null;
  if (found.type === null && found.operationType === null) return 'ignore';
  return toEvent(found, instant(values.time, context.source.timezone) ?? context.envelopeTimeMs, '', context);
}

function ofLine(values: Values<typeof lineFields>, context: NormalizeContext): Normalized {
  if (text(values.type) === null && text(values.operationType) === null) return 'ignore';
  return toEvent(values, instant(values.time, context.source.timezone) ?? context.envelopeTimeMs, '', context);
}

export const keycloakEvents = defineFormat({
  id,
  title: 'Keycloak events',
  describe: 'User and admin events of Keycloak (server administration guide: Auditing and events): by REST, from the JSON log, and from the console log.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'Keycloak is the authenticator: a success is its verdict, an error its refusal, except at introspection, where it can be one on the question.',
    'Configure the realm\'s issuer URL on the source, so that tokens seen at a gateway are recognised; else the issuer is keycloak:<realm id>.',
    'Uses carry the session, not the token: they are joined by the issuance event, so all event types must be logged.',
    'Introspection is a call of the resource server, not of the token\'s holder, and presents no token. Keycloak logs no user agent and no sizes.',
  ],
  shapes: [
    shape({
      kind: 'json', fields: restFields, normalize: ofRest,
      recognize: (values) => values.type !== null && values.realmId !== null && values.time !== null && values.operationType === null && (values.clientId !== null || values.ipAddress !== null || values.userId !== null),
    }),
    shape({
      kind: 'json', fields: adminFields, normalize: ofRest,
      recognize: (values) => values.operationType !== null && values.realmId !== null && values.time !== null && (values.callerRealm !== null || values.resourcePath !== null),
    }),
    shape({
      kind: 'json', fields: jsonLogFields, normalize: ofJsonLog,
      recognize: (values) => typeof values.logger === 'string' && values.loggerClass !== null && values.message !== null && values.level !== null
        && (values.service === 'keycloak' || values.logger.startsWith('org.keycloak')),
    }),
    shape({ kind: 'text', grammar: keycloakLine, fields: lineFields, recognize: (values) => values.logger !== null, normalize: ofLine }),
  ],
});
