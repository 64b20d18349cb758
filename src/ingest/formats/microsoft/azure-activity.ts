import type { Outcome, TokenEvent } from '../../../model/event.ts';
import { firstOf, jsonIn, path } from '../../paths.ts';
import { instant, table, text, words } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { fromAddress, iam, presented } from '../audit.ts';
import { calledWithClaims, claimPaths, entraIssuer, microsoftEvent, resourceOf, type ClaimValues } from './azure.ts';

const id = 'azure.activity';

const diagnosticFields = {
  ...claimPaths(['identity', 'claims']), id: firstOf(path('properties', 'eventDataId'), path('eventDataId')), time: path('time'), written: path('time'),
  operation: path('operationName'), category: path('category'), status: path('resultType'), subStatus: path('resultSignature'),
  address: path('callerIpAddress'), correlation: path('correlationId'), resource: path('resourceId'), region: path('location'), tenant: path('tenantId'),
  caller: path('properties', 'caller'), method: path('properties', 'httpRequest', 'method'), subscription: path('subscriptionId'),
};
/** By the management API; other tools write the same with underscores. */
const apiFields = {
  ...claimPaths(['claims']), id: firstOf(path('eventDataId'), path('event_data_id')), time: firstOf(path('eventTimestamp'), path('event_timestamp')),
  written: firstOf(path('submissionTimestamp'), path('submission_timestamp')),
  operation: firstOf(path('operationName', 'value'), path('operation_name', 'value')), category: path('category', 'value'),
  status: path('status', 'value'), subStatus: firstOf(path('subStatus', 'value'), path('sub_status', 'value')),
  address: firstOf(path('httpRequest', 'clientIpAddress'), path('http_request', 'client_ip_address')),
  correlation: firstOf(path('correlationId'), path('correlation_id')), resource: firstOf(path('resourceId'), path('resource_id')),
  region: path('location'), tenant: firstOf(path('tenantId'), path('tenant_id')), caller: path('caller'),
  method: firstOf(path('httpRequest', 'method'), path('http_request', 'method')),
  subscription: firstOf(path('subscriptionId'), path('subscription_id')),
};
const columnFields = {
  ...claimPaths(['Claims'], true), id: path('EventDataId'), time: firstOf(path('EventSubmissionTimestamp'), path('TimeGenerated')),
  written: path('TimeGenerated'),
  operation: path('OperationNameValue'), category: path('CategoryValue'), status: path('ActivityStatusValue'), subStatus: path('ActivitySubstatusValue'),
  address: path('CallerIpAddress'), correlation: path('CorrelationId'), resource: firstOf(path('_ResourceId'), path('ResourceId')), region: path('Location'),
  tenant: path('AADTenantId'), caller: path('Caller'), method: jsonIn(['HTTPRequest'], path('method')), subscription: path('SubscriptionId'),
};
type Found = Values<typeof diagnosticFields>;

const categories: ReadonlySet<unknown> = new Set([
  'Administrative', 'Security', 'ServiceHealth', 'Alert', 'Autoscale', 'Recommendation', 'Policy', 'ResourceHealth',
]);

function normalize(found: Found, context: NormalizeContext): Normalized {
  const writtenMs = instant(found.written);
  const timeMs = instant(found.time) ?? writtenMs ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An activity record has no time.');
  const issuer = entraIssuer(text(found.tid) ?? text(found.tenant), context);
  const event = microsoftEvent(id, 'azure', timeMs, writtenMs, context);
  event.vantage = context.source.vantage ?? 'resource';
  event.id = text(found.id) ?? '';
  event.action = text(found.operation);
  event.category = iam;
  event.type = typeOf(event.action ?? '');
  event.outcome = outcomeOf(found.status);
  event.code = event.outcome === 'failure' ? text(found.subStatus) ?? text(found.status) : null;
  event.method = text(found.method);
  event.requestId = text(found.correlation);
  event.cloudRegion = text(found.region);
  event.organization = text(found.tenant);
  event.service = text(event.action?.split('/', 1)[0]?.toLowerCase());
  resourceOf(event, text(found.resource), 'azure_resource');
  event.cloudAccount = text(found.subscription)?.toLowerCase() ?? event.cloudAccount;
  fromAddress(event, found.address);
  describeCaller(event, found, text(found.caller), issuer, context);
  return event;
}

const verbs = table<readonly string[]>({ write: ['change'], delete: ['deletion'], action: ['admin'], read: ['access'] });
const other: readonly string[] = ['info'];
function typeOf(operation: string): readonly string[] {
  const verb = operation.slice(operation.lastIndexOf('/') + 1).toLowerCase();
  return verbs[verb] ?? other;
}

/** Each operation is logged when it starts and when it ends: only the end has an outcome. */
function outcomeOf(status: Value): Outcome {
  const word = text(status)?.toLowerCase();
  if (word === 'success' || word === 'succeeded' || word === '0') return 'success';
  return word === 'failed' || word === 'failure' ? 'failure' : 'unknown';
}

/** Azure copies the claims of the token that it accepted; events of its own services have none. */
function describeCaller(event: TokenEvent, claims: ClaimValues, caller: string | null, issuer: string, context: NormalizeContext): void {
  if (text(claims.oid) === null && text(claims.appid) === null && text(claims.upn) === null) {
    event.userName = caller;
    return;
  }
  event.authenticated = true;
  calledWithClaims(event, claims, issuer);
  presented(event, issuer, text(claims.uti), 'jwt', context);
  if (event.token === null) {
    event.tokenKind = 'jwt';
    return;
  }
  event.issuedAtMs = instant(claims.iat);
  event.expiresAtMs = instant(claims.exp);
  event.scopes = words(claims.scp);
  event.lifecycle = 'used';
}

export const azureActivity = defineFormat({
  id,
  title: 'Azure activity log',
  describe: 'Activity log of Azure subscriptions by diagnostic settings, the management API or from Log Analytics (AzureActivity).',
  vantage: 'resource',
  repeats: true,
  notes: [
    'The claims are those of the token that Azure Resource Manager accepted: the verdict. Calls it refused for want of a right are failures of a valid token.',
    'The claim uti is the sign-in\'s uniqueTokenIdentifier; the issuer is the tenant\'s, as tokens of version 1 name it. '
    + 'Nothing has to be added to tie calls to tokens.',
    'Reads are not logged, nor sizes. Each operation appears when it starts (outcome unknown) and when it ends.',
  ],
  shapes: [
    shape({
      kind: 'json', fields: diagnosticFields, normalize,
      recognize: (values) => categories.has(values.category) && values.resource !== null && text(values.operation)?.includes('/') === true,
    }),
    shape({
      kind: 'json', fields: apiFields, normalize,
      recognize: (values) => values.operation !== null && categories.has(values.category) && values.id !== null,
    }),
    shape({ kind: 'json', fields: columnFields, normalize, recognize: (values) => values.operation !== null && values.category !== null }),
  ],
});
