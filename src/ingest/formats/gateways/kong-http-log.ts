import { firstOf, path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { configuredIssuer, tokenId } from '../../token-id.ts';
import type { TokenEvent } from '../../../model/event.ts';
import { accessEvent, duration, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type SecretView, type Values } from '../format.ts';
import { describePresented } from '../presented.ts';

const id = 'kong.http_log';
const request = (...keys: string[]) => path('request', ...keys);

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  started_at: path('started_at'), latency: path('latencies', 'request'), src: path('client_ip'), method: request('method'),
  path: firstOf(request('uri'), request('url')), host: request('headers', 'host'), status: path('response', 'status'),
  bytes_out: path('response', 'size'), user_agent: request('headers', 'user-agent'), request_id: firstOf(request('id'), request('headers', 'kong-request-id')),
  traceparent: request('headers', 'traceparent'),
  service: firstOf(path('service', 'name'), path('service', 'id'), path('route', 'name')), route: path('route', 'id'), proxy: path('latencies', 'proxy'),
  credential: path('authenticated_entity', 'id'), consumer: firstOf(path('consumer', 'id'), path('authenticated_entity', 'consumer_id')),
  consumerName: firstOf(path('consumer', 'username'), path('consumer', 'custom_id')), workspace: path('workspace'),
  iss: path('iss'), sub: path('sub'), client_id: path('client_id'), jti: path('jti'), exp: path('exp'), token_sha256: path('token_sha256'),
};
type Fields = Values<typeof fields>;
const secrets = { authorization: request('headers', 'authorization') };

function normalize(values: Fields, context: NormalizeContext, secret: { readonly authorization: SecretView | null }): Normalized {
  const timeMs = instant(values.started_at) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Kong record has no started_at.');
  const event = accessEvent(id, 'kong', timeMs, duration(values.latency, 1), values, context);
  const isKnown = text(values.credential) !== null || text(values.consumer) !== null;
  event.authenticated = verdictOf(event, values, context) ?? (isKnown ? true : null);
  describePresented(event, values, secret.authorization, context);
  describeConsumer(event, values, context);
  return event;
}

/** The credential that a plugin of Kong accepted, by the id under which the Admin API deletes it, and its consumer. */
function describeConsumer(event: TokenEvent, values: Fields, context: NormalizeContext): void {
  const issuer = configuredIssuer(context.source) ?? 'kong';
  const credential = text(values.credential), consumer = text(values.consumer);
  if (credential !== null && event.token === null) {
    event.token = tokenId(context, issuer, 'plain', credential);
    event.tokenHandle = credential;
    event.tokenIssuer = issuer;
    event.tokenKind = 'api_key';
    event.lifecycle = event.status === 403 ? 'refused' : 'used';
  }
  if (consumer === null || event.identityId !== null) return;
  event.identityId = `kong:${consumer}`;
  event.identityKind = 'client';
  event.identityName = text(values.consumerName) ?? consumer;
  event.userName ??= text(values.consumerName);
}

export const kongHttpLog = defineFormat({
  id,
  title: 'Kong Gateway request log',
  describe: 'What the log plugins of Kong write for a request (http-log, file-log, tcp-log and others; plugin documentation: JSON object considerations).',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'authenticated_entity and consumer are there only when an authentication plugin accepted the credential: they are the verdict.',
    'The token is the credential by its id; with OpenID Connect and JWT name the claims too, else only the consumer is known.',
    'response.size counts headers. client_ip is what Kong\'s trusted_ips left.',
    'Add to the plugin: config.custom_fields_by_lua.jti: "local t = kong.ctx.shared.authenticated_jwt_token; if t then local c = '
    + 'require(\'kong.plugins.jwt.jwt_parser\'):new(t).claims; return c.jti end", and likewise iss, sub, client_id (azp), exp.',
  ],
  shapes: [shape({
    kind: 'json', fields, secrets, normalize,
    recognize: (values) => values.started_at !== null && values.proxy !== null && values.method !== null,
  })],
});
