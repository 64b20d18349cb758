import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, jsonIn, path } from '../../paths.ts';
import { count, flag, instant, shortText, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value } from '../format.ts';
import { authentication, calledBy, denied, fromAddress, issuedToken, presented, start } from '../audit.ts';
import { columnOf, credentialKind, entraIssuer, microsoftEvent, namedPaths, objectId, runsAsManagedIdentity } from './azure.ts';

const id = 'entra.signin';

/** Names as Graph writes them; in diagnostic records they stand under `properties`, as columns they begin with a capital. */
const names = [
  'id', 'createdDateTime', 'userId', 'userPrincipalName', 'userDisplayName', 'appId', 'appDisplayName', 'userAgent', 'uniqueTokenIdentifier',
  'sessionId', 'servicePrincipalId', 'servicePrincipalName', 'servicePrincipalCredentialKeyId', 'clientCredentialType', 'federatedCredentialId',
  'incomingTokenType', 'isInteractive',
] as const;
type Name = (typeof names)[number];
type Extra = 'ipAddress' | 'resource' | 'errorCode' | 'failure' | 'tenant' | 'written' | 'category' | 'managedResource' | 'operation';
type Found = { readonly [K in Name | Extra]: Value };

const inProperties = (...keys: string[]) => path('properties', ...keys);
/** Some pipelines write the keys of the envelope in small letters. */
const either = (name: string) => firstOf(path(name), path(name.toLowerCase()));

const diagnosticFields = {
  ...namedPaths(names, (name) => inProperties(name)), category: path('category'), operation: either('operationName'), written: path('time'),
  ipAddress: firstOf(inProperties('ipAddress'), either('callerIpAddress')), resource: inProperties('resourceId'),
  errorCode: firstOf(inProperties('status', 'errorCode'), either('resultType')), failure: inProperties('status', 'failureReason'),
  tenant: either('tenantId'), managedResource: inProperties('managedServiceIdentity', 'associatedResourceId'),
};
const graphFields = {
  ...namedPaths(names, (name) => path(name)), category: path('category'), operation: path('operationName'), written: path('time'),
  ipAddress: path('ipAddress'), resource: path('resourceId'), errorCode: path('status', 'errorCode'), failure: path('status', 'failureReason'),
  tenant: firstOf(path('resourceTenantId'), path('homeTenantId'), path('tenantId')),
  managedResource: path('managedServiceIdentity', 'associatedResourceId'),
};
const columnFields = {
  ...namedPaths(names, (name) => path(columnOf(name))), category: firstOf(path('Type'), path('Category')), operation: path('OperationName'),
  written: path('TimeGenerated'), ipAddress: path('IPAddress'), resource: path('ResourceIdentity'), errorCode: path('ResultType'),
  failure: path('ResultDescription'), tenant: firstOf(path('AADTenantId'), path('ResourceTenantId')),
  managedResource: firstOf(jsonIn(['ManagedServiceIdentity'], path('associatedResourceId')), path('ManagedServiceIdentity', 'associatedResourceId')),
};

const categories: ReadonlySet<unknown> = new Set([
  'SignInLogs', 'NonInteractiveUserSignInLogs', 'ServicePrincipalSignInLogs', 'ManagedIdentitySignInLogs', 'ADFSSignInLogs',
  'MicrosoftServicePrincipalSignInLogs',
]);
const tables: ReadonlySet<unknown> = new Set([
  'SigninLogs', 'AADNonInteractiveUserSignInLogs', 'AADServicePrincipalSignInLogs', 'AADManagedIdentitySignInLogs', 'ADFSSignInLogs',
  'AADMicrosoftServicePrincipalSignInLogs',
]);

function normalize(found: Found, context: NormalizeContext): Normalized {
  const writtenMs = instant(found.written);
  const timeMs = instant(found.createdDateTime) ?? writtenMs ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A sign-in has neither createdDateTime nor time.');
  const tenant = text(found.tenant);
  const issuer = entraIssuer(tenant, context);
  const event = microsoftEvent(id, 'entra', timeMs, writtenMs, context);
  const error = errorOf(found.errorCode);
  event.id = text(found.id) ?? '';
  event.action = text(found.operation);
  event.category = authentication;
  event.outcome = error === null ? 'unknown' : error === 0 ? 'success' : 'failure';
  event.type = event.outcome === 'failure' ? denied : start;
  event.code = event.outcome === 'failure' ? String(error) : null;
  event.reason = event.outcome === 'failure' ? shortText(found.failure) : null;
  event.organization = tenant;
  event.userAgent = text(found.userAgent);
  event.service = text(found.appDisplayName) ?? text(found.appId);
  event.resourceId = text(found.resource);
  event.resourceKind = event.resourceId === null ? null : 'application';
  event.authenticated = event.outcome === 'unknown' ? null : event.outcome === 'success';
  fromAddress(event, found.ipAddress);
  describeCaller(event, found, issuer);
  describeTokens(event, found, issuer, context);
  return event;
}

/** 0 is no error. Some pipelines write the words for it. */
function errorOf(value: Value): number | null {
  return value === 'Success' ? 0 : count(value);
}

/** A principal of the directory by its object id: a managed identity, an application, or a person. */
function describeCaller(event: TokenEvent, found: Found, issuer: string): void {
  const principal = objectId(found.servicePrincipalId);
  const isManaged = typeof found.category === 'string' && found.category.includes('ManagedIdentity');
  if (principal !== null || objectId(found.userId) === null && found.servicePrincipalName !== null) {
    event.userId = principal ?? text(found.appId);
    event.userName = text(found.servicePrincipalName) ?? text(found.appId);
    calledBy(event, issuer, event.userId, isManaged ? 'workload' : 'client', event.userName);
    const workload = text(found.managedResource) ?? principal;
    if (isManaged && workload !== null) runsAsManagedIdentity(event, workload);
    return;
  }
  const name = text(found.userPrincipalName);
  event.userId = objectId(found.userId);
  event.userName = name ?? text(found.userDisplayName);
  event.userEmail = name?.includes('@') === true ? name : null;
  calledBy(event, issuer, event.userId, 'human', event.userName);
}

/** The session, or an application's credential, is shown; an access token comes out, by the id that resource logs repeat. */
function describeTokens(event: TokenEvent, found: Found, issuer: string, context: NormalizeContext): void {
  const key = objectId(found.servicePrincipalCredentialKeyId)?.toLowerCase() ?? null;
  const session = text(found.sessionId);
  const uti = text(found.uniqueTokenIdentifier);
  if (key !== null) presented(event, issuer, key, credentialKind(text(found.clientCredentialType)), context);
  else presented(event, issuer, session, sessionKind(found), context, 'session');
  event.keyId = key;
  // Which token of another authority was taken stands nowhere, only by which trust: whose tokens that lets in the inventory may say.
  event.takes = objectId(found.federatedCredentialId)?.toLowerCase() ?? null;
  if (event.outcome === 'failure') event.lifecycle = event.token === null ? null : 'refused';
  else if (event.outcome === 'success') issuedToken(event, issuer, uti, 'jwt', event.identityId, context);
}

function sessionKind(found: Found): 'refresh' | 'session' {
  return flag(found.isInteractive) === false && text(found.incomingTokenType)?.toLowerCase().includes('refresh') === true ? 'refresh' : 'session';
}

export const entraSignin = defineFormat({
  id,
  title: 'Entra ID sign-ins',
  describe: 'Sign-in logs of Microsoft Entra ID: interactive, non-interactive, service principal, managed identity and AD FS, by diagnostic settings, '
    + 'Microsoft Graph or from Log Analytics.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'Error code 0 is the verdict. Codes of interrupted sign-ins (50074, 50140 and others) count as failures.',
    'uniqueTokenIdentifier is the claim uti of the access token: Graph activity, Azure activity and Microsoft 365 audit repeat it. '
      + 'Gateways see the token under its iss: for tokens of version 2 configure issuers: [https://login.microsoftonline.com/<tenant>/v2.0] on this source, '
      + 'and map the gateway\'s jti to the claim uti.',
    'servicePrincipalCredentialKeyId names the secret or certificate that an application showed; it is the handle by which it is removed.',
    'No sizes.',
  ],
  shapes: [
    shape({ kind: 'json', fields: diagnosticFields, normalize, recognize: (values) => categories.has(values.category) && values.operation !== null }),
    shape({
      kind: 'json', fields: graphFields, normalize,
      recognize: (values) => values.createdDateTime !== null && values.appId !== null && values.errorCode !== null && values.category === null,
    }),
    shape({ kind: 'json', fields: columnFields, normalize, recognize: (values) => tables.has(values.category) && values.written !== null }),
  ],
});
