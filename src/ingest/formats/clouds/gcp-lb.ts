import { firstOf, path } from '../../paths.ts';
import { instant, shortText, text } from '../../values.ts';
import { auditEvent, fromAddress } from '../audit.ts';
import { describeRequest, routeVerdict } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';

const id = 'gcp.lb';
const request = (key: string) => firstOf(path('httpRequest', key), path('httprequest', key));
const payload = (key: string) => firstOf(path('jsonPayload', key), path('jsonpayload', key));
const label = (key: string) => path('resource', 'labels', key);

const fields = {
  type: firstOf(payload('@type'), payload('at_sign_type')), resourceType: path('resource', 'type'),
  timestamp: path('timestamp'), insertId: firstOf(path('insertId'), path('insertid')), trace: path('trace'),
  method: request('requestMethod'), url: request('requestUrl'), status: request('status'), size: request('responseSize'),
  userAgent: request('userAgent'), remoteIp: firstOf(request('remoteIp'), payload('remoteIp')), latency: request('latency'),
  details: payload('statusDetails'), proxyStatus: payload('proxyStatus'),
  project: label('project_id'), backend: label('backend_service_name'), region: label('region'),
};
type Fields = Values<typeof fields>;

function recognize({ type, resourceType, method, url, status }: Fields): boolean {
  if (status === null && method === null || url === null) return false;
  return typeof type === 'string' && type.endsWith('LoadBalancerLogEntry')
    || typeof resourceType === 'string' && /^(?:http|internal_http)\w*(?:load_balancer|lb_rule)/.test(resourceType);
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.timestamp, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A load balancer record has no timestamp.');
  const event = auditEvent(id, 'gcp', timeMs, 'edge', context);
  event.id = text(values.insertId) ?? '';
  event.cloudProvider = 'gcp';
  event.cloudAccount = text(values.project);
  event.cloudRegion = text(values.region);
  event.endMs = endOf(timeMs, text(values.latency));
  describeRequest(event, {
    method: values.method, absolute: values.url, status: values.status, bytes_out: values.size, user_agent: values.userAgent, request_id: values.trace,
    service: values.backend,
  });
  event.reason = event.outcome === 'failure' ? shortText(values.details) ?? shortText(values.proxyStatus) : null;
  fromAddress(event, values.remoteIp);
  // Identity-Aware Proxy answers itself only those that it turns away.
  event.authenticated = values.details === 'handled_by_identity_aware_proxy' ? false : routeVerdict(event, context);
  return event;
}

/** `0.048180s`, counted from the moment at which the request came. */
function endOf(timeMs: number, latency: string | null): number | null {
  if (latency === null || !/^\d{1,6}(?:\.\d{1,9})?s$/.test(latency)) return null;
  return timeMs + Math.round(Number(latency.slice(0, -1)) * 1000);
}

export const gcpLb = defineFormat({
  id,
  title: 'Google Cloud load balancer log',
  describe: 'Request log of Application Load Balancers (documentation: Global external Application Load Balancer logging).',
  vantage: 'edge',
  repeats: true,
  notes: [
    'The balancer checks no token: authenticated is absent, false where it or Identity-Aware Proxy turned the request away.',
    'responseSize counts headers and body.',
    'No header is logged, so no token can be named here: let the backend log the claims (formats envoy.access, nginx.access), joined by '
      + 'address and time; or set refuses_anonymous where Identity-Aware Proxy guards every route.',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
