import { path } from '../../paths.ts';
import { tokenId } from '../../token-id.ts';
import { count, httpStatus, instant, pathOnly, text, words } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value } from '../format.ts';
import { accessType, deniedType, outcomeOf, webAccess } from '../gateway.ts';
import { urlHost } from '../url.ts';
import { calledBy, fromAddress, presented } from '../audit.ts';
import { columnOf, entraIssuer, microsoftEvent, namedPaths, objectId } from './azure.ts';

const id = 'azure.graph';
const category = 'MicrosoftGraphActivityLogs';

const names = [
  'requestId', 'operationId', 'requestMethod', 'requestUri', 'responseStatusCode', 'responseSizeBytes', 'durationMs', 'signInActivityId',
  'sessionId', 'appId', 'userId', 'servicePrincipalId', 'ipAddress', 'userAgent', 'scopes', 'roles', 'tokenIssuedAt', 'timeGenerated',
] as const;
type Name = (typeof names)[number];
type Found = { readonly [K in Name | 'category' | 'written' | 'tenant' | 'region']: Value };

const diagnosticFields = {
  ...namedPaths(names, (name) => path('properties', name)),
  category: path('category'), written: path('time'), tenant: path('tenantId'), region: path('location'),
};
const columnFields = {
  ...namedPaths(names, (name) => path(name === 'ipAddress' ? 'IPAddress' : columnOf(name))),
  category: path('Type'), written: path('TimeGenerated'), tenant: path('AadTenantId'), region: path('Location'),
};

function normalize(found: Found, context: NormalizeContext): Normalized {
  const timeMs = instant(found.timeGenerated) ?? instant(found.written) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Graph activity record has no time.');
  const tenant = text(found.tenant);
  const issuer = entraIssuer(tenant, context);
  const event = microsoftEvent(id, 'graph', timeMs, instant(found.written), context);
  const status = httpStatus(found.responseStatusCode);
  const durationMs = count(found.durationMs);
  event.vantage = context.source.vantage ?? 'resource';
  event.endMs = durationMs === null ? null : timeMs + durationMs;
  event.category = webAccess;
  event.status = status;
  event.outcome = outcomeOf(status);
  event.type = event.outcome === 'failure' ? deniedType : accessType;
  event.method = text(found.requestMethod);
  event.requestId = text(found.requestId) ?? text(found.operationId);
  event.urlPath = pathOnly(found.requestUri);
  event.urlDomain = urlHost(text(found.requestUri));
  event.responseBytes = event.bytesOut = count(found.responseSizeBytes);
  event.userAgent = text(found.userAgent);
  event.organization = tenant;
  event.cloudRegion = text(found.region);
  event.service = text(found.appId);
  event.resourceId = resourceOf(event.urlPath);
  event.resourceKind = event.resourceId === null ? null : 'graph_collection';
  event.authenticated = status === 401 ? false : true;
  fromAddress(event, found.ipAddress);
  const user = objectId(found.userId);
  event.userId = user ?? objectId(found.servicePrincipalId);
  event.userName = user === null ? text(found.appId) : null;
  calledBy(event, issuer, event.userId, user === null ? 'client' : 'human', event.userName);
  presented(event, issuer, text(found.signInActivityId), 'jwt', context);
  if (event.token === null) event.tokenKind = 'jwt';
  event.issuedAtMs = event.token === null ? null : instant(found.tokenIssuedAt);
  event.scopes = words(found.scopes);
  event.roles = words(found.roles);
  const session = text(found.sessionId);
  if (event.token !== null && session !== null) event.parent = tokenId(context, issuer, 'session', session);
  event.lifecycle = status === 401 || status === 403 ? 'refused' : 'used';
  return event;
}

/** The collection behind the version: `/v1.0/users`. What follows are ids of single objects. */
function resourceOf(urlPath: string | null): string | null {
  const parts = urlPath?.split('/', 4) ?? [];
  return parts.length < 3 ? null : `graph/${parts[2]!.replace(/\(.*/, '').toLowerCase()}`;
}

export const azureGraph = defineFormat({
  id,
  title: 'Microsoft Graph activity',
  describe: 'Requests to Microsoft Graph (MicrosoftGraphActivityLogs) by diagnostic settings of Entra ID or from Log Analytics.',
  vantage: 'resource',
  repeats: true,
  notes: [
    'Graph checks every token: any status but 401 is its verdict.',
    'signInActivityId is the claim uti, the sign-in\'s uniqueTokenIdentifier: sign-in and use are one token without further settings.',
    'responseSizeBytes is the size of the response\'s body.',
  ],
  shapes: [
    shape({ kind: 'json', fields: diagnosticFields, normalize, recognize: (values) => values.category === category }),
    shape({ kind: 'json', fields: columnFields, normalize, recognize: (values) => values.category === category && values.requestMethod !== null }),
  ],
});
