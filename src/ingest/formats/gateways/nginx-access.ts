import { firstOf, path, subtree } from '../../paths.ts';
import { instant } from '../../values.ts';
import { accessEvent, describeClaims, describeUser, duration, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { lineFields } from '../line.ts';
import { nginxLine } from './nginx-access-text.ts';

const id = 'nginx.access';
const any = (...names: string[]) => firstOf(...names.map((name) => path(name)));

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  time: any('msec', 'time_iso8601', 'time_local', 'time', '@timestamp', 'timestamp'), request_time: any('request_time', 't'),
  src: any('remote_addr', 'src'), src_port: path('remote_port'), x_forwarded_for: any('http_x_forwarded_for', 'x_forwarded_for'),
  request: path('request'), method: any('request_method', 'method'), path: any('request_uri', 'uri'),
  host: any('host', 'http_host', 'server_name', 'vhost'), status: path('status'), bytes_out: any('bytes_out', 'body_bytes_sent', 'bytes_sent'),
  user_agent: any('http_user_agent', 'user_agent', 'ua'), request_id: any('request_id', 'req_id'),
  traceparent: any('http_traceparent', 'traceparent', 'trace_id'), user: path('remote_user'),
  service: any('proxy_upstream_name', 'upstream_name'),
  iss: path('iss'), sub: path('sub'), client_id: path('client_id'), jti: path('jti'), iat: path('iat'), exp: path('exp'),
  scope: subtree(['scope']), aud: subtree(['aud']), kid: path('kid'), token_sha256: path('token_sha256'), deny: path('deny'),
  msec: path('msec'), body_bytes_sent: path('body_bytes_sent'), upstream_response_time: path('upstream_response_time'),
};
type Fields = Values<typeof fields>;

/** Names that nginx alone gives to its variables; `msec` is the time in every log that wants fractions. */
function recognize(values: Fields): boolean {
  if (values.status === null || values.src === null || values.path === null && values.request === null) return false;
  return values.msec !== null || values.body_bytes_sent !== null || values.upstream_response_time !== null || values.request_time !== null;
}

function normalize(values: Partial<Fields> & { readonly server?: Value }, context: NormalizeContext): Normalized {
  if (values.server === true) return 'ignore';
  const endMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (endMs === null) return quarantine('no_time', 'An nginx record has no time.');
  // nginx writes a line when the request has ended.
  const durationMs = duration(values.request_time, 1000);
  const event = accessEvent(id, 'nginx', endMs - (durationMs ?? 0), durationMs, values, context);
  event.authenticated = verdictOf(event, values, context);
  describeClaims(event, values, context);
  describeUser(event, values.user, context);
  return event;
}


const textFields = lineFields(
  'server', 'time', 'request_time', 'src', 'x_forwarded_for', 'method', 'path', 'host', 'status', 'bytes_out', 'user_agent', 'request_id', 'user',
  'service',
);

export const nginxAccess = defineFormat({
  id,
  title: 'nginx access log',
  describe: 'Access log of nginx (ngx_http_log_module) and Ingress NGINX: the combined line, or JSON with the operator\'s own keys.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'A plain combined line, which several servers write alike, is taken for nginx; a common line without referrer and agent for Apache.',
    'Lines of the error log are ignored.',
    'The verdict is a 401, or the field deny (empty when the token passed) beside a jti. remote_user is what a client claimed.',
    'body_bytes_sent is the body; $bytes_sent counts headers too. $request_time, where logged, gives the time of the request.',
    'The combined line cannot be tied to a token. Log these beside it ($jwt_claim_* with NGINX Plus, else variables of an njs function):',
    'log_format tokenward escape=json \'{"msec":"$msec","request_time":$request_time,"remote_addr":"$remote_addr",'
    + '"http_x_forwarded_for":"$http_x_forwarded_for","request_method":"$request_method","uri":"$uri","host":"$host","status":$status,'
    + '"body_bytes_sent":$body_bytes_sent,"http_user_agent":"$http_user_agent","request_id":"$request_id","iss":"$jwt_claim_iss",'
    + '"sub":"$jwt_claim_sub","client_id":"$jwt_claim_azp","jti":"$jwt_claim_jti","exp":"$jwt_claim_exp","deny":"$deny"}\';',
  ],
  shapes: [
    shape({ kind: 'json', fields, recognize, normalize }),
    shape({
      kind: 'text', grammar: nginxLine, whole: true, fields: textFields, normalize,
      recognize: (values) => values.status !== null || values.server === true,
    }),
  ],
});
