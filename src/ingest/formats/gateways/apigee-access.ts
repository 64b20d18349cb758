import { firstOf, path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, text, useOf } from '../../values.ts';
import type { TokenEvent } from '../../../model/event.ts';
import { accessEvent, describeClaims, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type SecretView, type Value, type Values } from '../format.ts';

const id = 'apigee.access';

/** Names of Apigee's analytics dimensions; a source's `mapping` may set those on the left to the operator's own keys. */
const fields = {
  start: path('client_received_start_timestamp'), end: path('client_sent_end_timestamp'), src: path('client_ip'),
  x_forwarded_for: firstOf(path('x_forwarded_for_ip'), path('forwarded_ip')), method: path('request_verb'),
  path: firstOf(path('request_path'), path('request_uri')), host: path('virtual_host'), status: firstOf(path('response_status_code'), path('status_code')),
  bytes_out: path('response_size'), user_agent: path('useragent'), request_id: firstOf(path('gateway_flow_id'), path('x_apigee_message_id')),
  service: path('apiproxy'), organization: path('organization'), environment: path('environment'), fault: path('ax_edge_execution_fault_code'),
  app: path('developer_app'), email: path('developer_email'), developer: path('developer'),
  iss: path('iss'), sub: path('sub'), jti: path('jti'), exp: path('exp'), scope: path('scope'),
};
type Fields = Values<typeof fields>;
/** The consumer key is an API key, a secret by itself where no OAuth token is asked for. */
const secrets = { accessToken: path('access_token'), consumerKey: path('client_id') };
type Secrets = { readonly [K in keyof typeof secrets]: SecretView | null };

function normalize(values: Fields, context: NormalizeContext, shown: Secrets): Normalized {
  const timeMs = instant(values.start, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An Apigee record has no client_received_start_timestamp.');
  const event = accessEvent(id, 'apigee', timeMs, null, values, context);
  const app = known(values.app);
  event.endMs = instant(values.end, context.source.timezone);
  event.organization = known(values.organization);
  event.code = event.outcome === 'failure' ? known(values.fault) : null;
  event.authenticated = verdictOf(event, values, context) ?? (app === null && text(values.jti) === null ? null : true);
  describeClaims(event, values, context);
  describeKey(event, shown, context);
  event.userEmail = known(values.email);
  if (app === null || event.identityId !== null) return event;
  event.identityId = `apigee:${event.organization ?? ''}|${app}`;
  event.identityKind = 'client';
  event.identityName = event.userName = app;
  return event;
}

/** Analytics write `(not set)` for what a request did not have. */
function known(value: Value): string | null {
  const found = text(value);
  return found === null || found === '(not set)' || found === 'na' ? null : found;
}

/** The OAuth token that Apigee issued, else the API key, by the digest of either. */
function describeKey(event: TokenEvent, { accessToken, consumerKey }: Secrets, context: NormalizeContext): void {
  const issuer = configuredIssuer(context.source) ?? `apigee:${event.organization ?? ''}`;
  for (const [secret, kind] of [[accessToken, 'opaque'], [consumerKey, 'api_key']] as const) {
    if (event.token !== null || secret === null) continue;
    event.token = secret.sha256Fingerprint(issuer);
    event.tokenIssuer = issuer;
    event.tokenKind = kind;
    event.lifecycle = useOf(kind, event.status === 401 || event.status === 403);
  }
}

export const apigeeAccess = defineFormat({
  id,
  title: 'Apigee API traffic',
  describe: 'Requests of Apigee by the names of its analytics dimensions: exported analytics in JSON, or a MessageLogging policy as the note below has it.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'developer_app is there only when Apigee accepted a key or token: it is the verdict. A 401 refuses it.',
    'response_size is the body. access_token and client_id (the API key) are read as secrets: only fingerprints of them are kept.',
    'To tie requests to JWTs, log what VerifyJWT left, in a MessageLogging policy behind it:',
    '{"client_received_start_timestamp":{client.received.start.timestamp},"client_sent_end_timestamp":{system.timestamp},"client_ip":"{client.ip}",'
    + '"request_verb":"{request.verb}","request_path":"{proxy.basepath}{proxy.pathsuffix}","response_status_code":{response.status.code},',
    '"useragent":"{request.header.user-agent}","gateway_flow_id":"{messageid}","apiproxy":"{apiproxy.name}","organization":"{organization.name}",'
    + '"developer_app":"{developer.app.name}","iss":"{jwt.VerifyJWT.claim.issuer}","sub":"{jwt.VerifyJWT.claim.subject}","jti":"{jwt.VerifyJWT.claim.jti}"}',
  ],
  shapes: [shape({
    kind: 'json', fields, secrets, normalize,
    recognize: (values) => values.start !== null && (values.method !== null || values.status !== null),
  })],
});
