import { instant, text } from '../../values.ts';
import { auditEvent, fromAddress } from '../audit.ts';
import { describeClaims, describeRequest, routeVerdict } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { logged } from './oci-fields.ts';

const id = 'oci.apigateway';
const data = (key: string) => logged('data', key);

/** Claims are there where the operator's own log has them; the names on the left are what a source's `mapping` may set. */
const fields = {
  type: logged('type'), time: logged('time'), record_id: logged('id'), tenant: logged('oracle', 'tenantid'),
  gateway: data('gatewayId'), deployment: logged('source'), method: data('httpMethod'), uri: data('requestUri'),
  status: data('status'), bytes: data('bodyBytesSent'), user_agent: data('httpUserAgent'), request_id: data('opcRequestId'),
  address: data('remoteAddr'), duration: data('requestDuration'),
  iss: data('iss'), sub: data('sub'), client_id: data('client_id'), jti: data('jti'), iat: data('iat'), exp: data('exp'), scope: data('scope'),
};
type Fields = Values<typeof fields>;

function recognize({ type, gateway, uri, status, method }: Fields): boolean {
  if (typeof type === 'string' && !type.startsWith('com.oraclecloud.apigateway.')) return false;
  return uri !== null && method !== null && (status !== null || gateway !== null) && (gateway !== null || type !== null);
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A record of OCI API Gateway has no time.');
  const event = auditEvent(id, 'oci', timeMs, 'gateway', context);
  const seconds = text(values.duration);
  event.id = text(values.record_id) ?? '';
  event.endMs = seconds !== null && /^\d{1,6}(?:\.\d{1,9})?$/.test(seconds) ? timeMs + Math.round(Number(seconds) * 1000) : null;
  event.cloudProvider = 'oci';
  event.cloudAccount = text(values.tenant);
  describeRequest(event, {
    method: values.method, path: values.uri, status: values.status, bytes_out: values.bytes, user_agent: values.user_agent,
    request_id: values.request_id, service: text(values.gateway) ?? text(values.deployment),
  });
  fromAddress(event, values.address);
  // Its JWT policy turns away with 401. Claims come from the operator's own back end, so they prove no check by themselves.
  event.authenticated = routeVerdict(event, context);
  describeClaims(event, values, context);
  return event;
}

export const ociApigateway = defineFormat({
  id,
  title: 'Oracle Cloud API Gateway access log',
  describe: 'Access log of API deployments of OCI API Gateway (documentation: Details for API Gateway), CloudEvents of OCI Logging.',
  vantage: 'gateway',
  repeats: true,
  notes: [
    'The stock log carries no verdict but 401. Where every route has the JWT policy (isAnonymousAccessAllowed: false), set refuses_anonymous.',
    'bodyBytesSent are bytes of the body.',
    'The stock log names no token. Let the deployment pass the claims on, and log them in the back end: requestPolicies: {headerTransformations: '
      + '{setHeaders: {items: [{name: X-Token-Id, values: ["${request.auth[jti]}"], ifExists: OVERWRITE}]}}}; a log of your own under '
      + 'com.oraclecloud.apigateway. may carry iss, sub, client_id, jti in data.',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
