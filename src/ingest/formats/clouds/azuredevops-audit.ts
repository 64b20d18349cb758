import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { api, auditEvent, authentication, calledBy, fromAddress, iam, presented, typeOfVerb } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';

const id = 'azuredevops.audit';
const issuer = 'azuredevops';
/** REST writes `actorUPN`, streams to Log Analytics and Event Hubs `ActorUPN`. */
const both = (name: string) => firstOf(path(name), path(name.charAt(0).toUpperCase() + name.slice(1)));

const fields = {
  timestamp: firstOf(path('timestamp'), path('Timestamp'), path('TimeGenerated')), eventId: both('id'),
  action: firstOf(path('actionId'), path('ActionId'), path('OperationName')), area: both('area'), category: both('category'),
  cuid: firstOf(path('actorCUID'), path('ActorCUID')), userId: both('actorUserId'), clientId: both('actorClientId'),
  upn: firstOf(path('actorUPN'), path('ActorUPN')), displayName: both('actorDisplayName'), mechanism: both('authenticationMechanism'),
  address: both('ipAddress'), userAgent: both('userAgent'), correlationId: both('correlationId'), scopeId: both('scopeId'),
  projectId: both('projectId'), projectName: both('projectName'), owner: firstOf(path('data', 'OwnerName'), path('Data', 'OwnerName')),
};
type Fields = Values<typeof fields>;

function recognize(values: Fields): boolean {
  return text(values.action) !== null && values.mechanism !== null && (values.cuid !== null || values.userId !== null || values.clientId !== null);
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.timestamp, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An Azure DevOps audit record has no timestamp.');
  const event = auditEvent(id, issuer, timeMs, 'resource', context);
  const action = text(values.action)!;
  const project = text(values.projectName) ?? guid(values.projectId);
  event.id = text(values.eventId) ?? '';
  event.action = action;
  event.category = action.startsWith('Token.') ? authentication : /^(?:Group|Security|Permission)/.test(action) ? iam : api;
  event.type = typeOfVerb(action.slice(action.lastIndexOf('.') + 1).replace(/^(?:Pat|Ssh|PublicKey)/, ''));
  // The log tells of what was done: an action that failed is not in it.
  event.outcome = 'success';
  event.organization = text(values.scopeId);
  event.requestId = text(values.correlationId);
  event.userAgent = text(values.userAgent);
  event.resourceId = project;
  event.resourceKind = project === null ? null : 'project';
  fromAddress(event, values.address);
  describeCaller(event, values);
  describeToken(event, text(values.mechanism), context);
  event.targetUserName = text(values.owner);
  // Of the token found the log tells the name, not the id.
  if (action === 'Token.PatPublicDiscoveryEvent' && event.token === null) event.lifecycle = 'leaked';
  return event;
}

/** All zeros stand for nobody. */
function guid(value: string | number | boolean | null): string | null {
  const found = text(value);
  return found === null || /^[0-]+$/.test(found) ? null : found;
}

function describeCaller(event: TokenEvent, values: Fields): void {
  const client = guid(values.clientId);
  const person = guid(values.cuid) ?? guid(values.userId);
  const name = text(values.upn) ?? text(values.displayName);
  event.userId = person ?? client;
  event.userName = name;
  event.userEmail = name?.includes('@') === true ? name : null;
  calledBy(event, issuer, event.userId, person === null ? 'service' : name?.includes('@') === true ? 'human' : 'unknown', name);
  event.authenticated = event.userId === null ? null : true;
}

/** `PAT_Unscoped authorizationId: <guid>`: how the caller came in, and the id under which that credential is revoked. */
function describeToken(event: TokenEvent, mechanism: string | null, context: NormalizeContext): void {
  const at = mechanism?.indexOf('authorizationId:') ?? -1;
  if (mechanism === null || at < 0) return;
  const authorization = guid(mechanism.slice(at + 16).trim().split(' ', 1)[0] ?? null);
  presented(event, issuer, authorization, mechanism.startsWith('SessionToken') ? 'session' : 'opaque', context);
  if (event.token !== null) event.lifecycle = 'used';
}

export const azuredevopsAudit = defineFormat({
  id,
  title: 'Azure DevOps audit log',
  describe: 'Audit log of Azure DevOps Services (documentation: Auditing), by REST, and as AzureDevOpsAuditing in Log Analytics.',
  vantage: 'resource',
  repeats: true,
  notes: [
    'Azure DevOps writes a record after it knew the caller: a named actor is the verdict. Refused calls are not in this log.',
    'The token is the authorizationId behind authenticationMechanism, where the organization\'s log has it; it is the id by which it is revoked.',
    'Events of tokens (created, revoked, found in public) name them only for people, so they join no lineage.',
    'The log tells no bytes. Streams are set up under Organization settings, Auditing, Streams.',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
