import { firstOf, path } from '../../paths.ts';
import { httpStatus, instant, pathOnly, shortText, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { accessType, deniedType, outcomeOf } from '../gateway.ts';
import { fromAddress, presented } from '../audit.ts';
import { calledWithClaims, claimPaths, entraIssuer, microsoftEvent, resourceOf } from './azure.ts';

const id = 'azure.keyvault';

const diagnosticFields = {
  ...claimPaths(['identity', 'claim']), category: path('category'), time: path('time'), resource: path('resourceId'), operation: path('operationName'),
  signature: path('resultSignature'), description: path('resultDescription'), address: path('callerIpAddress'), correlation: path('correlationId'),
  tenant: path('tenantId'), agent: path('properties', 'clientInfo'), status: path('properties', 'httpStatusCode'), object: path('properties', 'id'),
  uri: path('properties', 'requestUri'),
};
/** Columns of AzureDiagnostics, whose suffix tells the type. */
const columnFields = {
  ...claimPaths(['identity', 'claim']), appid: path('identity_claim_appid_g'), mirid: path('identity_claim_xms_mirid_s'),
  oid: firstOf(path('identity_claim_oid_g'), path('identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g')),
  upn: path('identity_claim_http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn_s'), category: path('ResourceProvider'),
  time: path('TimeGenerated'), resource: path('ResourceId'),
  operation: path('OperationName'), signature: path('ResultSignature'), description: path('ResultDescription'), address: path('CallerIPAddress'),
  correlation: path('CorrelationId'), tenant: firstOf(path('tenantId_g'), path('AADTenantId')), agent: path('clientInfo_s'), status: path('httpStatusCode_d'),
  object: path('id_s'), uri: path('requestUri_s'),
};
type Found = Values<typeof diagnosticFields>;

const vault = '/providers/microsoft.keyvault/vaults/';
const category: readonly string[] = ['iam'];

function normalize(found: Found, context: NormalizeContext): Normalized {
  const timeMs = instant(found.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Key Vault record has no time.');
  const issuer = entraIssuer(text(found.tenant), context);
  const event = microsoftEvent(id, 'keyvault', timeMs, null, context);
  const status = httpStatus(found.status);
  const vaultId = text(found.resource);
  event.vantage = context.source.vantage ?? 'resource';
  event.category = category;
  event.action = text(found.operation);
  event.status = status;
  event.outcome = outcomeOf(status);
  event.type = event.outcome === 'failure' ? deniedType : accessType;
  event.code = event.outcome === 'failure' ? text(found.signature) : null;
  event.reason = event.outcome === 'failure' ? shortText(found.description) : null;
  event.requestId = text(found.correlation);
  event.userAgent = text(found.agent);
  event.urlPath = pathOnly(found.uri);
  event.organization = text(found.tenant);
  resourceOf(event, vaultId, 'key_vault');
  event.service = text(vaultId?.slice(vaultId.lastIndexOf('/') + 1).toLowerCase());
  describeObject(event, text(found.object));
  fromAddress(event, found.address);
  // Clients ask once without a token, to be told where to get one.
  event.authenticated = status === 401 ? false : text(found.oid) !== null || text(found.appid) !== null ? true : null;
  if (event.authenticated !== null) calledWithClaims(event, found, issuer);
  presented(event, issuer, text(found.uti), 'jwt', context);
  if (event.identityId !== null && event.token === null) event.tokenKind = 'jwt';
  event.lifecycle = event.tokenKind === 'none' ? null : status === 401 || status === 403 ? 'refused' : 'used';
  return event;
}

/** The secret, key or certificate without its version: `https://<vault>.vault.azure.net/secrets/<name>`. */
function describeObject(event: { resourceId: string | null; resourceKind: string | null }, uri: string | null): void {
  const parts = uri?.split('/', 6) ?? [];
  if (parts.length < 5 || !parts[0]!.startsWith('http')) return;
  event.resourceId = `${parts[2]}/${parts[3]}/${parts[4]!.split('?', 1)[0]}`.toLowerCase();
  event.resourceKind = text(parts[3]!.replace(/s$/, '').slice(0, 64));
}

export const azureKeyvault = defineFormat({
  id,
  title: 'Azure Key Vault',
  describe: 'Audit events of Azure Key Vault (category AuditEvent) by diagnostic settings or from AzureDiagnostics.',
  vantage: 'resource',
  repeats: false,
  notes: [
    'Key Vault checks every token: any status but 401 with a caller is its verdict. The first call of a client is often a 401 without a token.',
    'The token itself is not named: calls are tied to the caller by its object id, which the Entra sign-ins name as well. No sizes.',
    'What was touched is the secret, key or certificate without its version.',
  ],
  shapes: [
    shape({
      kind: 'json', fields: diagnosticFields, normalize,
      recognize: (values) => values.category === 'AuditEvent' && typeof values.resource === 'string' && values.resource.toLowerCase().includes(vault),
    }),
    shape({
      kind: 'json', fields: columnFields, normalize,
      recognize: (values) => values.category === 'MICROSOFT.KEYVAULT' && values.operation !== null,
    }),
  ],
});
