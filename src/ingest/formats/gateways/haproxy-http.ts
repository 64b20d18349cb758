import { emptyEvent } from '../../../model/event.ts';
import { parseAddress } from '../../address.ts';
import { path } from '../../paths.ts';
import { count, httpStatus, instant, pathOnly, text } from '../../values.ts';
import { describeClaims, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { lineFields } from '../line.ts';
import { haproxyLine } from './haproxy-http-text.ts';
import { accessType, deniedType, outcomeOf, routeOf, traceIdOf, webAccess } from '../gateway.ts';

const id = 'haproxy.http';

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  accept: path('accept'), time_ms: path('time_ms'), duration_ms: path('t_total_ms'), request_id: path('request_id'),
  traceparent: path('traceparent'), src: path('src'),
  src_port: path('src_port'),
  method: path('method'), path: path('path'), status: path('status'), bytes_out: path('bytes_out'), backend: path('backend'),
  term: path('term'),
  jti: path('jti'), sub: path('sub'), client_id: path('client_id'), iss: path('iss'), scope: path('scope'), aud: path('aud'),
  iat: path('iat'), exp: path('exp'),
  kid: path('kid'), token_sha256: path('token_sha256'), deny: path('deny'), user_agent: path('ua'), problem: path('problem'),
};
type Fields = Values<typeof fields>;

function normalize(values: Partial<Fields>, context: NormalizeContext): Normalized {
  if (values.problem === true) return 'ignore';
  const endMs = instant(values.time_ms);
  const timeMs = instant(values.accept, context.source.timezone) ?? endMs ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A HAProxy record has neither accept nor time_ms.');
  const event = emptyEvent(id, timeMs);
  // A `+` says that the line was written before the end.
  const durationMs = count(unsigned(values.duration_ms));
  const status = httpStatus(values.status);
  const address = parseAddress(text(values.src));
  event.vantage = context.source.vantage ?? 'gateway';
  event.endMs = endMs ?? (durationMs === null ? null : timeMs + durationMs);
  event.module = 'haproxy';
  event.category = webAccess;
  event.type = status !== null && status >= 400 ? deniedType : accessType;
  event.status = status;
  event.outcome = outcomeOf(status);
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.sourcePort = count(values.src_port);
  event.userAgent = text(values.user_agent);
  event.method = text(values.method);
  event.requestId = text(values.request_id);
  event.traceId = traceIdOf(values.traceparent);
  event.responseBytes = event.bytesOut = count(unsigned(values.bytes_out));
  event.urlPath = pathOnly(values.path);
  event.service = text(values.backend);
  event.resourceId = routeOf(event.service, event.urlPath);
  event.resourceKind = event.resourceId === null ? null : 'route';
  event.authenticated = verdictOf(event, values, context);
  describeClaims(event, values, context);
  return event;
}

function unsigned(value: Value | undefined): Value | undefined {
  return typeof value === 'string' && value.charCodeAt(0) === 43 ? value.slice(1) : value;
}

/** What the stock line has of it. */
const textFields = lineFields(
  'problem', 'accept', 'duration_ms', 'src', 'src_port', 'method', 'path', 'status', 'bytes_out', 'backend', 'term',
);

export const haproxyHttp = defineFormat({
  id,
  title: 'HAProxy HTTP log',
  describe: 'HTTP log of HAProxy: a JSON log-format of the operator\'s own keys, or the line of option httplog (configuration manual: Logging).',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'Claims are logged unverified; the verdict is the field deny (absent or "-" when the token passed) with the status.',
    'bytes_out (%B) counts headers and body.',
    'The stock line has no token: use the JSON, with jwt_header_query and jwt_payload_query on http_auth_bearer, after http-request deny:',
    'log-format \'{"accept":"%Ts.%ms","src":"%ci","src_port":%cp,"method":"%HM","path":"%[capture.req.uri,json(utf8s)]","status":%ST,'
    + '"bytes_out":%B,"t_total_ms":%Tt,"backend":"%b","term":"%ts","iss":"%[var(txn.iss)]","sub":"%[var(txn.sub)]","jti":"%[var(txn.jti)]",'
    + '"client_id":"%[var(txn.azp)]","deny":"%[var(txn.deny)]","ua":"%[capture.req.hdr(0),json(utf8s)]"}\'',
    'A source\'s mapping names the operator\'s own keys by the field names listed here.',
  ],
  shapes: [
    shape({
      kind: 'json', fields, normalize,
      recognize: (values) => values.term !== null && values.status !== null && (values.accept !== null || values.time_ms !== null),
    }),
    shape({ kind: 'text', grammar: haproxyLine, whole: true, fields: textFields, recognize: (values) => values.src !== null, normalize }),
  ],
});
