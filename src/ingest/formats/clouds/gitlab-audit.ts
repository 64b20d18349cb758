import type { TokenEvent } from '../../../model/event.ts';
import { configuredIssuer, tokenId } from '../../token-id.ts';
import { count, instant, shortText, text, useOf } from '../../values.ts';
import { api, auditEvent, authentication, calledBy, fromAddress, fromChain, iam, issuedToken, revokedToken, typeOfVerb } from '../audit.ts';
import { describeRequest } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized } from '../format.ts';
import { auditFields, requestFields, type AuditFields, type RequestFields } from './gitlab-fields.ts';

const id = 'gitlab.audit';
const issuerOf = (context: NormalizeContext): string => configuredIssuer(context.source) ?? 'gitlab';

function isAudit(values: AuditFields): boolean {
  return values.authorId !== null && values.entityType !== null && values.time !== null && (values.targetType !== null || values.change !== null
    || values.message !== null || values.eventType !== null);
}

/** An event of the audit log. */
function audit(values: AuditFields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A GitLab audit event has no time.');
  const issuer = issuerOf(context);
  const author = text(values.authorId)!;
  const message = shortText(values.message);
  const isFailed = values.failedLogin !== null;
  const event = auditEvent(id, 'gitlab', timeMs, 'resource', context);
  // Numbers of the database are unique within one table only.
  event.id = text(values.eventId)?.includes('-') === true ? text(values.eventId)! : '';
  event.action = text(values.eventType) ?? text(values.change) ?? message;
  event.category = isFailed || values.with !== null ? authentication : /^(?:User|Member|Group)/.test(text(values.targetType) ?? '') ? iam : api;
  event.type = values.add !== null ? ['creation'] : values.remove !== null ? ['deletion'] : typeOfVerb(event.action ?? 'change');
  event.outcome = isFailed ? 'failure' : 'success';
  event.reason = isFailed ? message : null;
  event.requestId = text(values.correlationId);
  fromAddress(event, values.address);
  describeAuthor(event, values, issuer, author);
  event.authenticated = isFailed || author === '-1' ? false : event.identityId === null ? null : true;
  const entity = text(values.entityPath);
  event.resourceId = entity;
  event.resourceKind = entity === null ? null : text(values.entityType);
  describeTokens(event, issuer, values, message, context);
  return event;
}

function describeAuthor(event: TokenEvent, values: AuditFields, issuer: string, author: string): void {
  const name = text(values.authorName);
  event.userId = author === '-1' ? null : author;
  event.userName = name;
  event.userEmail = text(values.authorEmail);
  if (values.targetType === 'User') {
    event.targetUserId = text(values.targetId);
    event.targetUserName = text(values.targetDetails);
  }
  const kind = values.authorClass !== null && values.authorClass !== 'User' ? 'service' : 'unknown';
  calledBy(event, issuer, event.userId, kind, name);
}

const tokenMessage = /^(Created|Revoked) (?:personal|project|group|impersonation)\w* access token with id (\d{1,20})/i;

function describeTokens(event: TokenEvent, issuer: string, values: AuditFields, message: string | null, context: NormalizeContext): void {
  const told = message === null ? null : tokenMessage.exec(message);
  const number = values.targetType === 'PersonalAccessToken' ? text(values.targetId) : told?.[2] ?? null;
  if (number === null) return;
  const action = event.action ?? '';
  const isEnd = told === null ? /revoked/.test(action) : told[1]!.toLowerCase() === 'revoked';
  if (isEnd) revokedToken(event, issuer, number, context);
  else if (told !== null || action.includes('created')) issuedToken(event, issuer, number, 'opaque', null, context);
}

function isRequest(values: RequestFields): boolean {
  if (values.method === null || values.path === null || values.time === null || values.duration === null) return false;
  return values.controller !== null && values.action !== null || values.route !== null && values.host !== null || values.caller !== null;
}

/** A request to the web pages or the programming interface. */
function request(values: RequestFields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A GitLab request has no time.');
  const issuer = issuerOf(context);
  const event = auditEvent(id, 'gitlab', timeMs, 'resource', context);
  describeRequest(event, {
    method: values.method, path: values.path, host: values.host, status: values.status, user_agent: values.userAgent, request_id: values.correlationId,
  });
  event.reason = text(values.exception);
  event.userId = text(values.userId);
  event.userName = text(values.userName);
  // Older versions wrote the whole chain of proxies.
  fromChain(event, text(values.address), context);
  const project = text(values.project);
  if (project !== null) {
    event.resourceId = project;
    event.resourceKind = 'project';
  }
  describePresented(event, issuer, values, context);
  describeSignIn(event, values);
  return event;
}

/** A wrong password ends the request without an answer (status 0); a form shown again (200) may only ask for the second factor. */
function describeSignIn(event: TokenEvent, { controller, action, status, login }: RequestFields): void {
  const isPassword = controller === 'SessionsController' && action === 'create';
  if (!isPassword && controller !== 'OmniauthCallbacksController') return;
  const isRefused = isPassword ? status === 0 : action === 'failure';
  event.category = authentication;
  event.action = `${controller as string}#${text(action) ?? ''}`;
  event.outcome = isRefused ? 'failure' : event.status === 302 || event.status === 303 ? 'success' : event.outcome === 'failure' ? 'failure' : 'unknown';
  event.authenticated = event.outcome === 'unknown' ? null : event.outcome === 'success';
  event.userName ??= text(login);
}

/** GitLab names the user and the token only after it checked them. */
function describePresented(event: TokenEvent, issuer: string, values: RequestFields, context: NormalizeContext): void {
  const number = count(values.tokenId) === null ? null : text(values.tokenId);
  calledBy(event, issuer, event.userId, 'unknown', event.userName);
  event.authenticated = event.status === 401 ? false : event.userId !== null || number !== null ? true : null;
  if (number === null) return;
  const type = text(values.tokenType) ?? 'PersonalAccessToken';
  // Personal, project and group tokens are numbered together, and so their creation tells them; others have series of their own.
  event.token = tokenId(context, issuer, 'plain', type === 'PersonalAccessToken' ? number : `${type}:${number}`);
  event.tokenHandle = number;
  event.tokenKind = 'opaque';
  event.tokenIssuer = issuer;
  event.lifecycle = useOf(event.tokenKind, event.status === 401 || event.status === 403);
}

export const gitlabAudit = defineFormat({
  id,
  title: 'GitLab audit events and request logs',
  describe: 'Audit events (streamed, by REST, audit_json.log) and requests (production_json.log, api_json.log) of GitLab (documentation: Log system).',
  vantage: 'resource',
  repeats: false,
  notes: [
    'A named author or user is the verdict, GitLab names them after the check; 401, failed logins and author -1 are false; '
      + 'so is a sign-in that ended without an answer.',
    'Tokens are known by the number under which GitLab revokes them: token_id in api_json.log, and the number in the event that created them.',
    'Requests carry no sizes; status 0 (a request that ended without an answer) is absent.',
    'The issuer is the source\'s only configured one, else "gitlab". Git reads are told by streamed audit events (repository_git_operation) only.',
  ],
  shapes: [
    shape({ kind: 'json', fields: auditFields, recognize: isAudit, normalize: audit }),
    shape({ kind: 'json', fields: requestFields, recognize: isRequest, normalize: request }),
  ],
});
