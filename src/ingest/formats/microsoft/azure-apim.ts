import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { count, instant, shortText, text } from '../../values.ts';
import { describeRequest } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type SecretView, type Values } from '../format.ts';
import { describePresented } from '../presented.ts';
import { fromAddress, presented } from '../audit.ts';
import { microsoftEvent, subscriptionOf } from './azure.ts';

const id = 'azure.apim';
const inProperties = (...keys: string[]) => path('properties', ...keys);

const diagnosticFields = {
  category: path('category'), time: path('time'), durationMs: path('durationMs'), address: path('callerIpAddress'), request: path('correlationId'),
  region: path('location'), resource: path('resourceId'), method: inProperties('method'), url: inProperties('url'), status: inProperties('responseCode'),
  bytes: inProperties('responseSize'), api: inProperties('apiId'), subscription: inProperties('apimSubscriptionId'), user: inProperties('userId'),
  errorReason: inProperties('lastError', 'reason'), errorMessage: inProperties('lastError', 'message'),
  agent: firstOf(inProperties('requestHeaders', 'User-Agent'), inProperties('requestHeaders', 'user-agent')), host: path('host'),
};
const columnFields = {
  category: path('Type'), time: path('TimeGenerated'), durationMs: path('TotalTime'), address: path('CallerIpAddress'), request: path('CorrelationId'),
  region: path('Region'), resource: path('_ResourceId'), method: path('Method'), url: path('Url'), status: path('ResponseCode'), bytes: path('ResponseSize'),
  api: path('ApiId'), subscription: path('ApimSubscriptionId'), user: path('UserId'), errorReason: path('LastErrorReason'),
  errorMessage: path('LastErrorMessage'), agent: firstOf(path('RequestHeaders', 'User-Agent'), path('RequestHeaders', 'user-agent')), host: path('Host'),
};
type Found = Values<typeof diagnosticFields>;
const headers = (...keys: string[]) => ({ authorization: firstOf(path(...keys, 'Authorization'), path(...keys, 'authorization')) });
interface Hidden { readonly authorization: SecretView | null }

function normalize(found: Found, context: NormalizeContext, { authorization }: Hidden): Normalized {
  const timeMs = instant(found.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A gateway record has no time.');
  const event = microsoftEvent(id, 'apim', timeMs, null, context);
  const durationMs = count(found.durationMs);
  event.vantage = context.source.vantage ?? 'gateway';
  event.endMs = durationMs === null ? null : timeMs + durationMs;
  event.cloudRegion = text(found.region);
  event.cloudAccount = subscriptionOf(text(found.resource));
  describeRequest(event, {
    method: found.method, absolute: found.url, host: found.host, status: found.status, bytes_out: found.bytes,
    user_agent: found.agent, request_id: found.request, service: found.api,
  });
  if (event.outcome === 'failure') {
    event.code = text(found.errorReason);
    event.reason = shortText(found.errorMessage);
  }
  fromAddress(event, found.address);
  describeToken(event, found, authorization, context);
  if (event.tokenKind !== 'none') event.lifecycle = event.status === 401 || event.status === 403 ? 'refused' : 'used';
  return event;
}

/** A logged bearer token, else the subscription whose key was sent. The key itself is not logged. */
function describeToken(event: TokenEvent, found: Found, authorization: SecretView | null, context: NormalizeContext): void {
  const subscription = text(found.subscription);
  const isRefused = event.status === 401;
  const isVouchedFor = subscription !== null || context.source.refusesAnonymous && event.outcome === 'success';
  event.authenticated = isRefused ? false : isVouchedFor ? true : null;
  describePresented(event, {}, authorization, context);
  event.userId ??= text(found.user);
  if (subscription === null || event.token !== null) return;
  const issuer = `azure.apim:${text(found.resource)?.toLowerCase() ?? ''}`;
  presented(event, issuer, subscription, 'api_key', context);
  event.identityId ??= `${issuer}|${subscription}`;
  event.identityKind ??= 'client';
  event.identityName ??= subscription;
}

export const azureApim = defineFormat({
  id,
  title: 'Azure API Management',
  describe: 'Gateway log of Azure API Management (GatewayLogs) by diagnostic settings or from Log Analytics (ApiManagementGatewayLogs).',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'A subscription id is the verdict on a subscription key; a 401 is a refusal. Of a bearer token the log says nothing: set refuses_anonymous '
      + 'where validate-jwt guards every route.',
    'responseSize counts what was sent to the client, headers included.',
    'So that requests can be tied to tokens, add to the diagnostic settings of the API: "frontend": {"request": {"headers": ["Authorization", "User-Agent"]}}. '
      + 'The header is fingerprinted and dropped; of Entra tokens uti is the id and oid the principal.',
    'The subscription\'s name is the handle by which its keys are regenerated.',
  ],
  shapes: [
    shape({
      kind: 'json', fields: diagnosticFields, secrets: headers('properties', 'requestHeaders'), normalize,
      recognize: (values) => values.category === 'GatewayLogs' && values.method !== null,
    }),
    shape({
      kind: 'json', fields: columnFields, secrets: headers('RequestHeaders'), normalize,
      recognize: (values) => values.category === 'ApiManagementGatewayLogs',
    }),
  ],
});
