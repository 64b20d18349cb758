import { firstOf, path } from '../../paths.ts';
import { count, instant, text } from '../../values.ts';
import { describeRequest, routeVerdict } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { fromAddress } from '../audit.ts';
import { microsoftEvent, subscriptionOf } from './azure.ts';

const id = 'azure.appgateway';
const inProperties = (...keys: string[]) => path('properties', ...keys);

const fields = {
  category: path('category'), time: firstOf(path('timeStamp'), path('time')), resource: path('resourceId'), operation: path('operationName'),
  method: inProperties('httpMethod'), url: inProperties('requestUri'),
  host: firstOf(inProperties('originalHost'), inProperties('host')), status: inProperties('httpStatus'), bytes: inProperties('sentBytes'),
  agent: inProperties('userAgent'), request: inProperties('transactionId'), client: inProperties('clientIP'), port: inProperties('clientPort'),
  rule: firstOf(path('ruleName'), path('backendPoolName')), error: inProperties('error_info'),
  certificate: inProperties('sslClientCertificateFingerprint'), certificateVerdict: inProperties('sslClientVerify'),
};
type Fields = Values<typeof fields>;

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An Application Gateway record has neither timeStamp nor time.');
  const event = microsoftEvent(id, 'appgateway', timeMs, null, context);
  const certificate = text(values.certificate);
  event.vantage = context.source.vantage ?? 'gateway';
  event.cloudAccount = subscriptionOf(text(values.resource));
  describeRequest(event, {
    method: values.method, absolute: values.url, host: values.host, status: values.status, bytes_out: values.bytes,
    user_agent: values.agent, request_id: values.request, service: values.rule,
  });
  if (event.outcome === 'failure') event.code = text(values.error);
  fromAddress(event, values.client);
  event.sourcePort ??= count(values.port) || null;
  event.authenticated = routeVerdict(event, context);
  if (certificate === null) return event;
  event.tokenKind = 'certificate';
  event.boundTo = certificate;
  event.identityId = event.identityName = `certificate:${certificate.toLowerCase()}`;
  event.identityKind = 'workload';
  if (event.status !== 401) event.authenticated = values.certificateVerdict === 'SUCCESS';
  event.lifecycle = event.authenticated === false || event.status === 403 ? 'refused' : 'used';
  return event;
}

export const azureAppgateway = defineFormat({
  id,
  title: 'Azure Application Gateway',
  describe: 'Access log of Azure Application Gateway (ApplicationGatewayAccessLog) by diagnostic settings.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'The gateway checks client certificates (sslClientVerify), not tokens: without one there is no verdict but a 401, unless refuses_anonymous is set.',
    'sentBytes counts what was sent to the client, headers included. timeTaken has other units in other versions and is not read.',
    'No header is logged, so a request cannot be tied to a token here: log it at the backend, with the header x-appgw-trace-id, which is the transaction id.',
  ],
  shapes: [shape({
    kind: 'json', fields, normalize, recognize: (values) => values.category === 'ApplicationGatewayAccessLog' && values.operation !== null,
  })],
});
