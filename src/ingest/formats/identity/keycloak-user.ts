import type { TokenEvent } from '../../../model/event.ts';
import { tokenId } from '../../token-id.ts';
import { count, text, words } from '../../values.ts';
import { authentication, calledBy, end, info, issuedToken, present, presented, start } from '../audit.ts';
import type { NormalizeContext } from '../format.ts';
import type { Found } from './keycloak-found.ts';

/** Events in which somebody gets a token for what he shows. */
const issues: ReadonlySet<string> = new Set([
  'LOGIN', 'CLIENT_LOGIN', 'CODE_TO_TOKEN', 'REFRESH_TOKEN', 'TOKEN_EXCHANGE', 'PERMISSION_TOKEN', 'OAUTH2_DEVICE_CODE_TO_TOKEN',
  'AUTHREQID_TO_TOKEN', 'JWT_AUTHORIZATION_GRANT',
]);
const revocations: ReadonlySet<string> = new Set(['REVOKE_GRANT', 'LOGOUT']);
/** Uses of an access token at Keycloak itself. */
const uses: ReadonlySet<string> = new Set(['USER_INFO_REQUEST']);
/** A resource server asks about a token: the caller is that server, and the token is no credential of its own. */
const checks: ReadonlySet<string> = new Set(['INTROSPECT_TOKEN', 'VALIDATE_ACCESS_TOKEN']);

/** A user event: who got, used, asked about or gave up a token. */
export function describeUserEvent(event: TokenEvent, found: Found, issuer: string, context: NormalizeContext): void {
  const type = text(found.type)!;
  const operation = type.endsWith('_ERROR') ? type.slice(0, -6) : type;
  event.action = type;
  event.category = authentication;
  event.type = operation === 'LOGOUT' ? end : issues.has(operation) && event.outcome === 'success' ? start : info;
  if (checks.has(operation)) describeCheck(event, found, issuer);
  else describeCaller(event, found, operation, issuer);
  const session = text(found.sessionId);
  const sessionFingerprint = session === null ? null : tokenId(context, issuer, 'session', session);
  event.authenticated = event.outcome === 'success' ? true : checks.has(operation) ? null : false;
  if (uses.has(operation) || operation === 'LOGOUT') {
    if (sessionFingerprint !== null) present(event, issuer, sessionFingerprint, null, 'jwt');
  } else if (operation === 'REVOKE_GRANT') presentToken(event, found, sessionFingerprint, issuer, context);
  else if (operation === 'REFRESH_TOKEN') presentRefresh(event, found, issuer, context);
  if (event.outcome === 'failure') {
    if (uses.has(operation) || operation === 'REFRESH_TOKEN') event.lifecycle = 'refused';
  } else if (issues.has(operation)) issueToken(event, found, sessionFingerprint, issuer, context);
  else if (revocations.has(operation)) event.lifecycle = event.token === null ? null : 'revoked';
  else if (uses.has(operation)) event.lifecycle = event.token === null ? null : 'used';
}

/** An access token or a refresh token, as it was sent to be revoked. */
function presentToken(event: TokenEvent, found: Found, session: string | null, issuer: string, context: NormalizeContext): void {
  const jti = text(found.tokenId);
  if (jti === null) presentRefresh(event, found, issuer, context);
  else presented(event, issuer, jti, 'jwt', context);
  if (event.token !== null && session !== null && event.outcome === 'success') event.aliases = [session];
}

function presentRefresh(event: TokenEvent, found: Found, issuer: string, context: NormalizeContext): void {
  presented(event, issuer, text(found.refreshId), 'refresh', context, 'refresh');
}

/** The access token is the one that is issued; its session and its refresh token are further names that later events call it by. */
function issueToken(event: TokenEvent, found: Found, session: string | null, issuer: string, context: NormalizeContext): void {
  const jti = text(found.tokenId);
  if (jti === null) return;
  const refresh = text(found.newRefreshId) ?? text(found.refreshId);
  const refreshFingerprint = refresh === null ? null : tokenId(context, issuer, 'refresh', refresh);
  const aliases = [session, refreshFingerprint === event.token ? null : refreshFingerprint].filter((alias) => alias !== null);
  const lifetimeSeconds = count(found.lifetime);
  issuedToken(event, issuer, jti, 'jwt', event.identityId, context);
  event.issuedAliases = aliases.length === 0 ? null : aliases;
  event.issuedExpiresAtMs = lifetimeSeconds === null ? null : event.timeMs + lifetimeSeconds * 1000;
  // The subject by which another system may take a machine's token for its own session.
  if (event.identityKind === 'client' && event.userId !== null) {
    event.offers = event.userId;
    event.linkIssuer = issuer;
  }
  event.scopes = words(found.scope);
}

/** The asking client is the caller; whom the token stands for is the one acted upon. */
function describeCheck(event: TokenEvent, found: Found, issuer: string): void {
  const client = text(found.clientId);
  event.targetUserId = event.userId;
  event.targetUserName = event.userName ?? text(found.issuedFor);
  event.userId = null;
  event.userName = event.service = client;
  if (client === null) return;
  calledBy(event, issuer, `client:${client}`, 'client', client);
}

const serviceAccount = 'service-account-';

/** What clients do in their own name. Elsewhere the client only stands between, and a user unknown to the log may be known by the token. */
const byClients = /^CLIENT_|^REVOKE_GRANT$|^PUSHED_/;

/** A service account is its client; a user is a person; `<issuer>|<sub>` as a gateway writes it from the token's claims. */
function describeCaller(event: TokenEvent, found: Found, operation: string, issuer: string): void {
  if (found.impersonator !== null) {
    event.effectiveUserId = event.userId;
    event.effectiveUserName = event.userName;
    event.userId = null;
    event.userName = text(found.impersonator);
    return;
  }
  const client = text(found.clientId);
  event.service = client;
  const isClient = event.userName?.startsWith(serviceAccount) === true || found.grantType === 'client_credentials';
  if (event.userId === null && (client === null || !byClients.test(operation))) return;
  event.identityId = event.userId === null ? `${issuer}|client:${client}` : `${issuer}|${event.userId}`;
  event.identityKind = isClient || event.userId === null ? 'client' : event.userName === null ? 'unknown' : 'human';
  event.identityName = event.identityKind === 'human' ? event.userName : event.identityKind === 'client' ? client : null;
}
