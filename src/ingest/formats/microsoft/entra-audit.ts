import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, isJsonObject, jsonIn, path, subtree, where, type Json, type JsonObject } from '../../paths.ts';
import { instant, shortText, table, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { calledBy, fromAddress, iam } from '../audit.ts';
import { entraIssuer, microsoftEvent, objectId } from './azure.ts';
import { describeKeys } from './entra-keys.ts';

const id = 'entra.audit';
const maxTargetsBytes = 32_768;
const inProperties = (...keys: string[]) => path('properties', ...keys);

const agentIn = (keys: readonly string[]) => where(keys, 'key', 'User-Agent', path('value'));

/** The same value at the keys of each shape. */
const user = (at: (...keys: string[]) => ReturnType<typeof path>, base: string) => ({
  userId: at(base, 'user', 'id'), userName: at(base, 'user', 'userPrincipalName'), userAddress: at(base, 'user', 'ipAddress'),
  appId: at(base, 'app', 'appId'), appName: at(base, 'app', 'displayName'), principalId: at(base, 'app', 'servicePrincipalId'),
});
const diagnosticFields = {
  ...user(inProperties, 'initiatedBy'), category: path('category'), written: path('time'), tenant: path('tenantId'),
  id: inProperties('id'), time: inProperties('activityDateTime'), activity: firstOf(inProperties('activityDisplayName'), path('operationName')),
  result: firstOf(inProperties('result'), path('resultType')), reason: inProperties('resultReason'), kind: inProperties('operationType'),
  address: path('callerIpAddress'), targets: firstOf<Json>(subtree(['properties', 'targetResources'], maxTargetsBytes)),
  agent: agentIn(['properties', 'additionalDetails']),
};
const graphFields = {
  ...user((...keys) => path(...keys), 'initiatedBy'), category: path('category'), written: path('time'), tenant: path('tenantId'),
  id: path('id'), time: path('activityDateTime'), activity: path('activityDisplayName'),
  result: path('result'), reason: path('resultReason'), kind: path('operationType'), address: path('callerIpAddress'),
  targets: firstOf<Json>(subtree(['targetResources'], maxTargetsBytes)),
  agent: agentIn(['additionalDetails']),
};
const textColumn = (base: string, ...keys: string[]) => firstOf<Value>(jsonIn([base], path(...keys)), path(base, ...keys));
const columnFields = {
  ...user((base, ...keys) => textColumn(base!, ...keys), 'InitiatedBy'), category: path('Type'), written: path('TimeGenerated'),
  tenant: path('AADTenantId'), id: path('Id'), time: path('ActivityDateTime'), activity: firstOf(path('ActivityDisplayName'), path('OperationName')),
  result: path('Result'), reason: firstOf(path('ResultReason'), path('ResultDescription')), kind: path('AADOperationType'),
  address: path('IPAddress'),
  targets: firstOf<Json>(jsonIn(['TargetResources'], subtree([], maxTargetsBytes)), subtree(['TargetResources'], maxTargetsBytes)),
  agent: firstOf(jsonIn(['AdditionalDetails'], agentIn([])), agentIn(['AdditionalDetails'])),
};
type Found = Values<typeof diagnosticFields>;

const types = table<readonly string[]>({
  add: ['creation'], assign: ['change'], update: ['change'], delete: ['deletion'], unassign: ['deletion'],
});
const otherType: readonly string[] = ['admin'];
/** Somebody was given a right: consents, roles, permissions of applications. */
const grants = /^(?:Consent to application|Add (?:delegated permission grant|oauth2permissiongrant|app role assignment|(?:eligible )?member to role))/i;

function normalize(found: Found, context: NormalizeContext): Normalized {
  const writtenMs = instant(found.written);
  const timeMs = instant(found.time) ?? writtenMs ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A directory audit record has neither activityDateTime nor time.');
  const tenant = text(found.tenant);
  const issuer = entraIssuer(tenant, context);
  const event = microsoftEvent(id, 'entra', timeMs, writtenMs, context);
  const result = text(found.result)?.toLowerCase();
  const kind = text(found.kind)?.toLowerCase() ?? '';
  event.id = text(found.id) ?? '';
  event.action = text(found.activity);
  event.category = iam;
  event.type = types[kind] ?? otherType;
  event.outcome = result === 'success' || result === '0' ? 'success' : result === 'failure' || result === 'timeout' ? 'failure' : 'unknown';
  event.reason = event.outcome === 'failure' ? shortText(found.reason) : null;
  event.organization = tenant;
  event.authenticated = event.outcome === 'success' ? true : null;
  event.userAgent = text(found.agent);
  fromAddress(event, text(found.userAddress) ?? found.address);
  describeCaller(event, found, issuer);
  describeTarget(event, found, issuer, context);
  if (event.lifecycle === null && event.outcome === 'success' && grants.test(event.action ?? '')) event.lifecycle = 'granted';
  return event;
}

function describeCaller(event: TokenEvent, found: Found, issuer: string): void {
  const name = text(found.userName);
  const user = objectId(found.userId);
  if (user === null && name === null) {
    event.userId = objectId(found.principalId) ?? text(found.appId);
    event.userName = text(found.appName) ?? text(found.appId);
    calledBy(event, issuer, event.userId, 'client', event.userName);
    return;
  }
  event.userId = user;
  event.userName = name;
  event.userEmail = name?.includes('@') === true ? name : null;
  calledBy(event, issuer, user, 'human', name);
}

/** The first target is the one acted upon. Secrets and certificates of applications come and go by the ids that their uses name. */
function describeTarget(event: TokenEvent, { targets }: Found, issuer: string, context: NormalizeContext): void {
  const first = Array.isArray(targets) ? (targets as readonly Json[])[0] : undefined;
  if (!isJsonObject(first)) return;
  const target = targetOf(first);
  event.resourceId = target.id === null ? null : `${issuer}|${target.id}`;
  event.resourceKind = event.resourceId === null ? null : target.type?.toLowerCase() ?? 'object';
  event.targetUserId = target.id;
  event.targetUserName = target.name;
  describeKeys(event, first, target.type === 'ServicePrincipal' ? target.id : null, issuer, context);
}

function targetOf(target: JsonObject): { readonly id: string | null; readonly type: string | null; readonly name: string | null } {
  const scalar = (key: string): string | null => {
    const value = target[key];
    return typeof value === 'string' ? text(value) : null;
  };
  return { id: objectId(scalar('id')), type: scalar('type'), name: scalar('userPrincipalName') ?? scalar('displayName') };
}

export const entraAudit = defineFormat({
  id,
  title: 'Entra ID audit log',
  describe: 'Directory audit log of Microsoft Entra ID by diagnostic settings (AuditLogs), Microsoft Graph (directoryAudits) or from Log Analytics.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'Only what an authenticated caller did is logged: a success is the verdict.',
    'A secret or certificate added to an application is issued, one taken away is revoked, by the key id that sign-ins of the application name.',
    'Revoking a user\'s sessions names no token.',
    'The caller\'s token is not named; no sizes. By Graph the tenant is not named either: configure the tenant\'s issuer on the source.',
  ],
  shapes: [
    shape({ kind: 'json', fields: diagnosticFields, normalize, recognize: (values) => values.category === 'AuditLogs' && values.activity !== null }),
    shape({
      kind: 'json', fields: graphFields, normalize,
      recognize: (values) => values.activity !== null && values.time !== null && values.result !== null,
    }),
    shape({
      kind: 'json', fields: columnFields, normalize,
      recognize: (values) => values.kind !== null && values.activity !== null && values.written !== null,
    }),
  ],
});
