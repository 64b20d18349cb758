import type { TokenEvent } from '../../../model/event.ts';
import { each, firstOf, jsonIn, path, type Path } from '../../paths.ts';
import { tokenId } from '../../token-id.ts';
import { instant, shortText, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value } from '../format.ts';
import { fromAddress } from '../audit.ts';
import { columnOf, entraIssuer, microsoftEvent, namedPaths, objectId } from './azure.ts';

const id = 'entra.risk';
const threat: readonly string[] = ['threat'];
const indicator: readonly string[] = ['indicator'];

const names = [
  'id', 'riskType', 'riskEventType', 'riskState', 'riskLevel', 'riskDetail', 'activityDateTime',
  'detectedDateTime', 'riskLastUpdatedDateTime', 'lastUpdatedDateTime', 'ipAddress', 'userId', 'userPrincipalName', 'userDisplayName',
  'servicePrincipalId', 'servicePrincipalDisplayName', 'displayName', 'requestId',
] as const;
type Name = (typeof names)[number];
type Keys = Path<readonly Value[]>;
type Found = { readonly [K in Name | 'tenant' | 'written' | 'category']: Value } & { readonly keyIds: readonly Value[] | null };

const diagnosticFields = {
  ...namedPaths(names, (name) => path('properties', name)), tenant: path('tenantId'), written: path('time'), category: path('category'),
  keyIds: each(['properties', 'keyIds']) as Keys,
};
const graphFields = {
  ...namedPaths(names, (name) => path(name)), tenant: path('tenantId'), written: path('time'), category: path('category'), keyIds: each(['keyIds']) as Keys,
};
const columnFields = {
  ...namedPaths(names, (name) => path(columnOf(name))), userId: path('UserId'), tenant: firstOf(path('AADTenantId'), path('TenantId')),
  written: path('TimeGenerated'), category: path('Type'), keyIds: firstOf(jsonIn(['KeyIds'], each([])), each(['KeyIds'])) as Keys,
};
const categories: ReadonlySet<unknown> = new Set(['UserRiskEvents', 'RiskyUsers', 'RiskyServicePrincipals', 'ServicePrincipalRiskEvents']);
const tables: ReadonlySet<unknown> = new Set(['AADUserRiskEvents', 'AADRiskyUsers', 'AADRiskyServicePrincipals', 'AADServicePrincipalRiskEvents']);

function normalize(found: Found, context: NormalizeContext): Normalized {
  const writtenMs = instant(found.written) ?? instant(found.detectedDateTime);
  const timeMs = instant(found.activityDateTime) ?? instant(found.detectedDateTime) ?? instant(found.riskLastUpdatedDateTime)
    ?? instant(found.lastUpdatedDateTime) ?? writtenMs ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A risk detection has no time.');
  const tenant = text(found.tenant);
  const event = microsoftEvent(id, 'entra', timeMs, writtenMs, context);
  event.action = text(found.riskEventType) ?? text(found.riskType) ?? text(found.category);
  // A risky principal is reported again under its own id whenever its state changes.
  event.id = found.riskEventType === null && found.riskType === null ? '' : text(found.id) ?? '';
  event.category = threat;
  event.type = indicator;
  event.code = text(found.riskState);
  event.reason = shortText(found.riskDetail) === 'none' ? null : shortText(found.riskDetail);
  event.organization = tenant;
  event.requestId = text(found.requestId);
  fromAddress(event, found.ipAddress);
  describeSubject(event, found, entraIssuer(tenant, context), context);
  return event;
}

/** Microsoft reports, the principal at risk is who it is about and calls nothing. A leaked credential is named where it is known. */
function describeSubject(event: TokenEvent, found: Found, issuer: string, context: NormalizeContext): void {
  const isUser = text(found.userPrincipalName) !== null || objectId(found.userId) !== null;
  // A risky principal is its own record, and stands under its own id.
  const own = event.id === '' ? objectId(found.id) : null;
  const principal = (isUser ? objectId(found.userId) : objectId(found.servicePrincipalId)) ?? own;
  const name = isUser ? text(found.userPrincipalName) ?? text(found.userDisplayName) : text(found.servicePrincipalDisplayName) ?? text(found.displayName);
  event.targetUserId = principal;
  event.targetUserName = name;
  const isLeak = event.action === 'leakedCredentials';
  if (isLeak) event.lifecycle = 'leaked';
  const key = isLeak ? objectId(found.keyIds?.[0] ?? null) : null;
  if (key === null) return;
  event.token = tokenId(context, issuer, 'plain', key.toLowerCase());
  event.tokenHandle = key;
  event.tokenKind = 'api_key';
  event.tokenIssuer = issuer;
}

export const entraRisk = defineFormat({
  id,
  title: 'Entra ID Protection',
  describe: 'Risk detections and risky principals of Microsoft Entra ID Protection, by diagnostic settings, Microsoft Graph or from Log Analytics.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'What Microsoft suspects, no call: there is no outcome and no verdict of an authenticator.',
    'leakedCredentials of a service principal names the key ids of its secrets, the same ids that its sign-ins name.',
    'A detection joins the sign-in that it is about by requestId; no token of a gateway is named. No sizes.',
  ],
  shapes: [
    shape({ kind: 'json', fields: diagnosticFields, normalize, recognize: (values) => categories.has(values.category) }),
    shape({
      kind: 'json', fields: graphFields, normalize,
      recognize: (values) => values.category === null && values.riskState !== null && values.riskLevel !== null
        && (values.riskEventType !== null || values.riskLastUpdatedDateTime !== null),
    }),
    shape({ kind: 'json', fields: columnFields, normalize, recognize: (values) => tables.has(values.category) && values.written !== null }),
  ],
});
