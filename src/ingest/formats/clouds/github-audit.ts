import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { tokenId } from '../../token-id.ts';
import { flag, httpStatus, instant, pathOnly, text } from '../../values.ts';
import { api, auditEvent, authentication, calledBy, fromAddress, iam, issuedToken, revokedToken, typeOfVerb } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';

const id = 'github.audit';
const issuer = 'github';
const any = (...names: string[]) => firstOf(...names.map((name) => path(name)));

const fields = {
  time: any('@timestamp', 'created_at', 'at_sign_timestamp'), documentId: path('_document_id'), action: path('action'),
  actor: path('actor'), actorId: path('actor_id'), actorIp: path('actor_ip'), isBot: path('actor_is_bot'),
  country: path('actor_location', 'country_code'), userAgent: path('user_agent'),
  user: path('user'), userId: path('user_id'), organization: any('org', 'business'), repository: any('repo', 'repository'),
  hashedToken: path('hashed_token'), tokenId: path('token_id'), scopes: path('token_scopes'), access: path('programmatic_access_type'),
  requestId: path('request_id'), method: path('request_method'), urlPath: path('url_path'), status: path('status_code'),
};
type Fields = Values<typeof fields>;

/** `git.clone`, `secret_scanning_new_repos.disable`. */
const actionName = /^[a-z0-9_]{2,64}\.[a-z0-9_.]{2,64}$/;

function recognize(values: Fields): boolean {
  if (typeof values.action !== 'string' || !actionName.test(values.action)) return false;
  if (values.actor === null && values.actorId === null && values.hashedToken === null) return false;
  return values.organization !== null || values.repository !== null || values.documentId !== null || values.hashedToken !== null || values.access !== null;
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A GitHub audit record has no time.');
  const event = auditEvent(id, issuer, timeMs, 'resource', context);
  describeCall(event, values);
  describeCaller(event, values);
  describeToken(event, values, context);
  describeLifecycle(event, values, context);
  return event;
}

function describeCall(event: TokenEvent, values: Fields): void {
  const action = values.action as string;
  const status = httpStatus(values.status);
  event.id = text(values.documentId) ?? '';
  event.action = action;
  event.category = /^(?:oauth|personal_access_token|org_credential|public_key)/.test(action) ? authentication
    : /^(?:org|team|business|role)/.test(action) ? iam : api;
  event.type = typeOfVerb(action.slice(action.lastIndexOf('.') + 1));
  event.status = status;
  // The log tells of what was done; only requests to the interface carry an answer.
  event.outcome = status !== null && status >= 400 || action.endsWith('_failed') ? 'failure' : 'success';
  event.organization = text(values.organization);
  event.requestId = text(values.requestId);
  event.method = text(values.method);
  event.urlPath = pathOnly(values.urlPath);
  event.userAgent = text(values.userAgent);
  event.country = text(values.country);
  event.resourceId = text(values.repository);
  event.resourceKind = event.resourceId === null ? null : 'repository';
  fromAddress(event, values.actorIp);
}

/** By the number, which a new name does not change. */
function describeCaller(event: TokenEvent, values: Fields): void {
  const name = text(values.actor);
  const number = text(values.actorId);
  const isApp = flag(values.isBot) === true || name?.endsWith('[bot]') === true || text(values.access)?.includes('server-to-server') === true;
  event.userId = number;
  event.userName = name;
  event.targetUserId = text(values.userId) === number ? null : text(values.userId);
  event.targetUserName = text(values.user) === name ? null : text(values.user);
  calledBy(event, issuer, number ?? name, isApp ? 'service' : 'human', name);
}

/** The log has the token's SHA-256 in base64: the same digest names it wherever the token itself was found. */
function describeToken(event: TokenEvent, values: Fields, context: NormalizeContext): void {
  const hashed = text(values.hashedToken);
  const digest = hexOf(hashed);
  event.authenticated = event.status === 401 ? false : event.identityId === null ? null : true;
  if (hashed === null || digest === null && !otherDigest.test(hashed)) return;
  event.token = digest === null ? tokenId(context, issuer, 'plain', hashed) : tokenId(context, issuer, 'sha256', digest);
  event.tokenKind = 'opaque';
  event.tokenIssuer = issuer;
  event.tokenHandle = text(values.tokenId);
  event.aliases = event.tokenHandle === null ? null : [tokenId(context, issuer, 'plain', event.tokenHandle)];
  event.scopes = text(values.scopes)?.split(',').map((scope) => scope.trim()).filter((scope) => scope !== '').slice(0, 64) ?? null;
  event.lifecycle = event.authenticated === false || event.status === 403 ? 'refused' : 'used';
}

/** Not of the length that SHA-256 has: it still tells tokens apart, but no scanner's finding meets it. */
const otherDigest = /^[A-Za-z0-9+/_-]{20,128}={0,2}$/;

function hexOf(base64: string | null): string | null {
  if (base64 === null || !/^[A-Za-z0-9+/_-]{43}=?$/.test(base64)) return null;
  return Buffer.from(base64, 'base64').toString('hex');
}

function describeLifecycle(event: TokenEvent, values: Fields, context: NormalizeContext): void {
  const subject = text(values.tokenId);
  switch (event.action) {
    case 'oauth_access.create': case 'oauth_access.regenerate': case 'personal_access_token.create':
      return issuedToken(event, issuer, subject, 'opaque', event.identityId, context);
    case 'oauth_access.destroy': case 'oauth_access.revoke': case 'personal_access_token.access_revoked':
    case 'personal_access_token.destroy': case 'personal_access_token.revoke':
      return revokedToken(event, issuer, subject, context);
    case 'personal_access_token.access_granted': case 'org_credential_authorization.grant':
      if (event.token !== null) event.lifecycle = 'granted';
  }
}

export const githubAudit = defineFormat({
  id,
  title: 'GitHub audit log',
  describe: 'Audit log of GitHub organizations and enterprises (documentation: Audit log events), streamed, exported or by REST.',
  vantage: 'resource',
  repeats: true,
  notes: [
    'GitHub names an actor only after the check, so a record with an actor is the verdict; status_code 401 of api.request is false.',
    'The token is hashed_token (SHA-256 of the token): a leaked token that a scanner reports has the same fingerprint. token_id is the handle.',
    'The log tells no bytes. Addresses are there only where the organization discloses them: Settings, Audit log, Settings, '
      + 'Enable source IP disclosure. Git reads and API requests are only in the streamed log: Settings, Audit log, Log streaming, '
      + 'Enable API request events.',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
