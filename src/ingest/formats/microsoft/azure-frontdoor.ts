import { clientAddress } from '../../address.ts';
import { firstOf, path } from '../../paths.ts';
import { flag, instant, text } from '../../values.ts';
import { describeRequest, duration, routeVerdict } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { microsoftEvent, subscriptionOf } from './azure.ts';

const id = 'azure.frontdoor';
const inProperties = (...keys: string[]) => path('properties', ...keys);

const fields = {
  category: path('category'), time: path('time'), resource: path('resourceId'), method: inProperties('httpMethod'), url: inProperties('requestUri'),
  host: firstOf(inProperties('hostName'), inProperties('hostname'), inProperties('sni')), status: inProperties('httpStatusCode'),
  bytes: inProperties('responseBytes'), agent: inProperties('userAgent'), request: inProperties('trackingReference'),
  client: firstOf(inProperties('clientIp'), inProperties('clientIP')), socket: firstOf(inProperties('socketIp'), inProperties('socketIP')),
  seconds: inProperties('timeTaken'), errorInfo: firstOf(inProperties('errorInfo'), inProperties('ErrorInfo')), endpoint: inProperties('endpoint'),
  fromClient: inProperties('isReceivedFromClient'), tracking: inProperties('trackingReference'),
};
type Fields = Values<typeof fields>;
const categories: ReadonlySet<unknown> = new Set(['FrontDoorAccessLog', 'FrontdoorAccessLog', 'AzureCdnAccessLog']);

function normalize(values: Fields, context: NormalizeContext): Normalized {
  // Between Microsoft's own nodes; the client's request is logged at the edge.
  if (flag(values.fromClient) === false) return 'ignore';
  const timeMs = instant(values.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Front Door record has no time.');
  const event = microsoftEvent(id, 'frontdoor', timeMs, null, context);
  const durationMs = duration(values.seconds, 1000);
  event.vantage = context.source.vantage ?? 'edge';
  event.endMs = durationMs === null ? null : timeMs + durationMs;
  event.cloudAccount = subscriptionOf(text(values.resource));
  describeRequest(event, {
    method: values.method, absolute: values.url, host: values.host, status: values.status, bytes_out: values.bytes,
    user_agent: values.agent, request_id: values.request, service: values.endpoint,
  });
  if (event.outcome === 'failure' && values.errorInfo !== 'NoError') event.code = text(values.errorInfo);
  // clientIp is taken from a header that the client may have sent.
  const address = clientAddress(text(values.client), text(values.socket) ?? text(values.client), context.source);
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.sourcePort = address?.port ?? null;
  event.authenticated = routeVerdict(event, context);
  return event;
}

export const azureFrontdoor = defineFormat({
  id,
  title: 'Azure Front Door',
  describe: 'Access log of Azure Front Door and Azure CDN (FrontDoorAccessLog, FrontdoorAccessLog, AzureCdnAccessLog) by diagnostic settings.',
  vantage: 'edge',
  repeats: false,
  notes: [
    'Front Door checks no tokens: there is no verdict but a 401, unless the source is configured with refuses_anonymous.',
    'responseBytes counts what was sent to the client, headers included. Records of origin shields are ignored.',
    'No header is logged, so a request cannot be tied to a token here: log it at the origin, with the header X-Azure-Ref, which is the tracking reference.',
  ],
  shapes: [shape({ kind: 'json', fields, normalize, recognize: (values) => categories.has(values.category) && values.tracking !== null })],
});
