import type { IdentityKind, TokenEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, shortText, text } from '../../values.ts';
import { answered, api, auditEvent, authentication, calledBy, fromAddress, iam, issuedToken, presented, revokedToken, typeOfVerb } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';

const id = 'databricks.audit';
/** Delivered logs write `serviceName`, the system table `service_name`. */
const both = (delivered: string, table: string) => firstOf(path(delivered), path(table));
const asked = (name: string) => firstOf(path('requestParams', name), path('request_params', name));

const fields = {
  time: both('timestamp', 'event_time'), eventId: path('event_id'), service: both('serviceName', 'service_name'),
  action: both('actionName', 'action_name'), level: both('auditLevel', 'audit_level'),
  account: both('accountId', 'account_id'), workspace: both('workspaceId', 'workspace_id'),
  address: both('sourceIPAddress', 'source_ip_address'), userAgent: both('userAgent', 'user_agent'),
  requestId: both('requestId', 'request_id'),
  user: firstOf(path('userIdentity', 'email'), path('user_identity', 'email')),
  subject: firstOf(path('userIdentity', 'subjectName'), path('user_identity', 'subject_name')),
  runBy: firstOf(path('identityMetadata', 'runBy'), path('identity_metadata', 'run_by')),
  runAs: firstOf(path('identityMetadata', 'runAs'), path('identity_metadata', 'run_as')),
  status: firstOf(path('response', 'statusCode'), path('response', 'status_code')),
  message: firstOf(path('response', 'errorMessage'), path('response', 'error_message')),
  tokenId: asked('tokenId'), tokenHash: asked('tokenHash'), expires: asked('tokenExpirationTime'),
  targetName: asked('targetUserName'), targetId: asked('targetUserId'), scope: asked('scope'), key: asked('key'),
  object: firstOf(asked('full_name_arg'), asked('table_full_name')),
};
type Fields = Values<typeof fields>;

function recognize({ service, action, user, subject, level, workspace }: Fields): boolean {
  return text(service) !== null && text(action) !== null && (user !== null || subject !== null || level !== null || workspace !== null);
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Databricks audit record has no timestamp.');
  const event = auditEvent(id, 'databricks', timeMs, 'resource', context);
  const action = text(values.action)!;
  const workspace = text(values.workspace);
  event.id = text(values.eventId) ?? '';
  event.action = action;
  event.service = text(values.service);
  event.category = isLogin(action) || /Token/.test(action) ? authentication : event.service === 'accounts' ? iam : api;
  event.type = isLogin(action) ? ['start'] : typeOfVerb(action);
  answered(event, values.status);
  event.reason = event.outcome === 'failure' ? shortText(values.message) : null;
  event.requestId = text(values.requestId);
  event.userAgent = text(values.userAgent);
  // The level of accounts belongs to no workspace and says 0.
  event.organization = workspace === '0' ? null : workspace;
  event.cloudAccount = text(values.account);
  event.targetUserName = text(values.targetName);
  event.targetUserId = text(values.targetId);
  fromAddress(event, values.address);
  describeResource(event, values);
  describeCaller(event, values, context);
  return event;
}

function isLogin(action: string): boolean {
  return /(?:Login|login|Authentication)$/.test(action);
}

function describeResource(event: TokenEvent, values: Fields): void {
  const scope = event.service === 'secrets' ? text(values.scope) : null;
  const key = text(values.key);
  const object = scope === null ? text(values.object) : key === null ? scope : `${scope}/${key}`;
  event.resourceId = object;
  event.resourceKind = object === null ? null : scope === null ? 'table' : 'secret';
}

function describeCaller(event: TokenEvent, values: Fields, context: NormalizeContext): void {
  const issuer = configuredIssuer(context.source) ?? 'databricks';
  const name = text(values.user) ?? text(values.subject);
  const runAs = text(values.runAs);
  event.userName = name;
  event.userEmail = name?.includes('@') === true ? name : null;
  event.effectiveUserName = runAs !== null && runAs !== name ? runAs : null;
  calledBy(event, issuer, name, kindOf(name), name);
  event.authenticated = event.status === 401 || isLogin(event.action!) && event.outcome === 'failure' ? false
    : event.identityId === null || name === 'unknown' ? null : true;
  describeToken(event, values, issuer, context);
}

/** Service principals are written as their application id. */
function kindOf(name: string | null): IdentityKind {
  if (name === 'System-User') return 'provider';
  if (name !== null && /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(name)) return 'service';
  return name?.includes('@') === true ? 'human' : 'unknown';
}

/** Of uses only `tokenLogin` names the token. */
function describeToken(event: TokenEvent, values: Fields, issuer: string, context: NormalizeContext): void {
  const handle = text(values.tokenId) ?? text(values.tokenHash);
  if (event.action === 'tokenLogin') {
    presented(event, issuer, handle, 'opaque', context);
    if (event.token !== null) event.lifecycle = event.authenticated === false ? 'refused' : 'used';
  } else if (event.action === 'generateDbToken') {
    issuedToken(event, issuer, handle, 'opaque', event.identityId, context);
    if (event.issued !== null) event.issuedExpiresAtMs = instant(values.expires);
  } else if (event.action === 'revokeDbToken' || event.action === 'garbageCollectDbToken') revokedToken(event, issuer, handle, context);
}

export const databricksAudit = defineFormat({
  id,
  title: 'Databricks audit log',
  describe: 'Audit log of Databricks (documentation: Audit log reference): delivered JSON files, and rows of system.access.audit.',
  vantage: 'resource',
  repeats: false,
  notes: [
    'A named user is the verdict; a failed login and status 401 are false.',
    'Only tokenLogin, generateDbToken and revokeDbToken name a token, by its id; other calls are tied to it by the user.',
    'The log tells no bytes. Reads of secrets and of Unity Catalog objects name their object; turn verbose audit logs on for notebooks: '
      + 'workspace settings, Advanced, Verbose Audit Logs.',
    'The issuer is the source\'s only configured one, else "databricks".',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
