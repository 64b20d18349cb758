import { emptyEvent, type TokenEvent } from '../../../model/event.ts';
import { clientAddress } from '../../address.ts';
import { each, firstOf, path, isJsonObject, subtree, type Json, type JsonObject } from '../../paths.ts';
import { count, hostOnly, httpStatus, instant, pathOnly, shortText, text, useOf } from '../../values.ts';
import { routeVerdict } from '../access.ts';
import { envoyLine } from './envoy-access-text.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { lineFields } from '../line.ts';
import { accessType, deniedType, describeJwt, outcomeOf, routeOf, traceIdOf, webAccess, type Claims } from '../gateway.ts';

const id = 'envoy.access';
const any = (...names: string[]) => firstOf(...names.map((name) => path(name)));
/** In the object that Envoy's JWT filter left in the metadata, else beside the rest. */
const claim = (...names: string[]) => firstOf(...names.map((name) => path('jwt_payload', name)), ...names.map((name) => path(name)));
const claims = (name: string) => firstOf<Json>(subtree(['jwt_payload', name]), subtree([name]));

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  start_time: any('start_time', 'timestamp'),
  method: any('method', ':method'),
  original_path: any('x-envoy-original-path', 'x-envoy-origin-path'),
  path: any('path', ':path'),
  response_code: any('response_code', 'status', 'code'),
  bytes_sent: any('bytes_sent', 'bytes_out'),
  duration: any('duration', 'duration_ms'),
  downstream_remote_address: any('downstream_remote_address', 'src'),
  downstream_direct_remote_address: any('downstream_direct_remote_address'),
  x_forwarded_for: any('x-forwarded-for', 'x_forwarded_for'),
  user_agent: any('user-agent', 'user_agent', 'ua'),
  x_request_id: any('x-request-id', 'x_request_id', 'request_id'), traceparent: any('traceparent', 'trace_id'),
  authority: any(':authority', 'authority'),
  upstream_cluster: any('upstream_cluster', 'upstream'),
  response_code_details: any('response_code_details', 'details'),
  response_flags: any('response_flags', 'flags'),
  access_log_type: any('access_log_type'),
  downstream_peer_uri_san: firstOf<Value | readonly Value[]>(each(['downstream_peer_uri_san']), path('downstream_peer_uri_san')),
  jwt_payload: subtree(['jwt_payload'], 16_384),
  token_sha256: any('token_sha256'),
  iss: claim('iss'), sub: claim('sub'), client_id: claim('azp', 'client_id'), jti: claim('jti'), iat: claim('iat'), exp: claim('exp'),
  scope: claims('scope'), aud: claims('aud'),
  roles: claims('roles'), cnf: firstOf(path('jwt_payload', 'cnf', 'x5t#S256'), path('jwt_payload', 'cnf', 'jkt')),
};
type Fields = Values<typeof fields>;

function recognize(values: Fields): boolean {
  if (values.start_time === null || values.response_code === null && values.access_log_type === null) return false;
  return values.response_flags !== null || values.response_code_details !== null || values.downstream_remote_address !== null;
}

/** Types of log entries that Envoy writes while a request goes on. */
const stillRunning: ReadonlySet<string> = new Set(['DownstreamStart', 'DownstreamTunnelSuccessfullyEstablished', 'DownstreamPeriodic']);

function normalize(values: Partial<Fields>, context: NormalizeContext): Normalized {
  const logType = text(values.access_log_type);
  // The same request as seen towards the upstream: counted once, downstream.
  if (logType?.startsWith('Upstream') === true) return 'ignore';
  const timeMs = instant(values.start_time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An Envoy record has no start_time.');
  const event = emptyEvent(id, timeMs);
  const durationMs = count(values.duration);
  event.vantage = context.source.vantage ?? 'gateway';
  event.endMs = durationMs === null ? null : timeMs + durationMs;
  event.partial = logType !== null && stillRunning.has(logType);
  describeRequest(event, values, context);
  const claims = claimsOf(values);
  event.authenticated = verdictOf(event, claims, context);
  describeJwt(event, claims, text(values.token_sha256), context);
  describePeer(event, spiffeOf(values.downstream_peer_uri_san));
  event.lifecycle = useOf(event.tokenKind, event.status === 401 || event.status === 403);
  return event;
}

function describeRequest(event: TokenEvent, values: Partial<Fields>, context: NormalizeContext): void {
  const peer = text(values.downstream_direct_remote_address) ?? text(values.downstream_remote_address);
  const address = clientAddress(text(values.x_forwarded_for), peer, context.source);
  const status = httpStatus(values.response_code);
  event.module = 'envoy';
  event.category = webAccess;
  event.type = status !== null && status >= 400 ? deniedType : accessType;
  event.status = status;
  event.outcome = outcomeOf(status);
  if (event.outcome === 'failure') {
    event.code = text(values.response_flags);
    event.reason = values.response_code_details === 'via_upstream' ? null : shortText(values.response_code_details);
  }
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.sourcePort = address?.port ?? null;
  event.userAgent = text(values.user_agent);
  event.method = text(values.method);
  event.requestId = text(values.x_request_id);
  event.traceId = traceIdOf(values.traceparent);
  event.responseBytes = event.bytesOut = count(values.bytes_sent);
  event.urlPath = pathOnly(values.original_path) ?? pathOnly(values.path);
  event.urlDomain = hostOnly(values.authority);
  event.service = text(values.upstream_cluster);
  event.resourceId = routeOf(event.urlDomain ?? event.service, event.urlPath);
  event.resourceKind = event.resourceId === null ? null : 'route';
}

function scalar(value: Json | undefined): Value | undefined {
  return typeof value === 'object' ? undefined : value;
}

function claimsOf(values: Partial<Fields>): Claims {
  const { iss, sub, jti } = values;
  if (iss === null && sub === null && jti === null) {
    const payload = values.jwt_payload ?? undefined;
    if (isJsonObject(payload)) return claimsIn(payload);
  }
  return {
    iss, sub, jti, client: values.client_id, iat: values.iat, exp: values.exp, scope: values.scope ?? undefined,
    aud: values.aud ?? undefined,
    roles: values.roles ?? undefined, boundTo: values.cnf,
  };
}

/** Where the operator's mapping moved the whole object. */
function claimsIn(payload: JsonObject): Claims {
  const confirmation = payload['cnf'];
  return {
    iss: scalar(payload['iss']), sub: scalar(payload['sub']), client: scalar(payload['azp']) ?? scalar(payload['client_id']),
    jti: scalar(payload['jti']),
    iat: scalar(payload['iat']), exp: scalar(payload['exp']), scope: payload['scope'], aud: payload['aud'], roles: payload['roles'],
    boundTo: isJsonObject(confirmation) ? scalar(confirmation['x5t#S256']) ?? scalar(confirmation['jkt']) : undefined,
  };
}

/**
 * The JWT filter leaves claims only of tokens that it verified. A 401 is a refusal by whoever said it. Without
 * claims nobody is known to have checked, unless the operator says that the route refuses anonymous calls.
 */
function verdictOf(event: TokenEvent, claims: Claims, context: NormalizeContext): boolean | null {
  if (event.status === 401 || event.reason?.startsWith('jwt_authn_access_denied') === true) return false;
  if (text(claims.jti) !== null || text(claims.sub) !== null) return true;
  return routeVerdict(event, context);
}

function spiffeOf(san: Value | readonly Value[] | undefined): string | null {
  const names = typeof san === 'string' ? san.split(',', 16) : Array.isArray(san) ? san as readonly Value[] : [];
  for (const name of names) {
    if (typeof name === 'string' && name.trim().startsWith('spiffe://')) return name.trim();
  }
  return null;
}

/** The peer's certificate says what runs; without another token it is the credential. */
function describePeer(event: TokenEvent, spiffe: string | null): void {
  if (spiffe === null) return;
  event.workloadId = spiffe;
  event.workloadKind = 'spiffe';
  event.workloadEvidence = 'event';
  if (event.tokenKind !== 'none' || event.identityId !== null) return;
  event.tokenKind = 'certificate';
  event.boundTo = event.identityId = event.identityName = spiffe;
  event.identityKind = 'workload';
}

/** What the lines have of it. */
const textFields = lineFields(
  'start_time', 'method', 'path', 'response_code', 'bytes_sent', 'duration', 'downstream_remote_address', 'x_forwarded_for', 'user_agent',
  'x_request_id', 'authority', 'upstream_cluster', 'response_code_details', 'response_flags',
);

export const envoyAccess = defineFormat({
  id,
  title: 'Envoy access log',
  describe: 'Access log of Envoy (documentation: Access logging): JSON with the operator\'s own keys, or the default line, also Istio\'s.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'Claims in jwt_payload (payload_in_metadata of the JWT filter), which only verified tokens reach, are the verdict. A 401 overrides it.',
    'bytes_sent are bytes of the body, without headers. Periodic records hold the sum since the request began.',
    'A source\'s mapping names the operator\'s own keys by the field names listed here, jwt_payload and downstream_peer_uri_san included.',
    'Without claims and with refuses_anonymous set, a success counts as authenticated.',
    'To tie requests to tokens, set payload_in_metadata: jwt_payload on the providers of the JWT filter, and log:',
    'json_format: {start_time: "%START_TIME%", method: "%REQ(:METHOD)%", path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%", response_code: "%RESPONSE_CODE%", '
    + 'response_flags: "%RESPONSE_FLAGS%", response_code_details: "%RESPONSE_CODE_DETAILS%", bytes_sent: "%BYTES_SENT%", duration: "%DURATION%",',
    'downstream_remote_address: "%DOWNSTREAM_REMOTE_ADDRESS%", user-agent: "%REQ(USER-AGENT)%", x-request-id: "%REQ(X-REQUEST-ID)%", '
    + '":authority": "%REQ(:AUTHORITY)%", downstream_peer_uri_san: "%DOWNSTREAM_PEER_URI_SAN%",',
    'jwt_payload: "%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:jwt_payload)%"}',
    'The resource is the host (else the upstream cluster) with up to two leading path segments that are no ids.',
  ],
  shapes: [
    shape({ kind: 'json', fields, recognize, normalize }),
    shape({ kind: 'text', grammar: envoyLine, whole: true, fields: textFields, recognize: (values) => values.start_time !== null, normalize }),
  ],
});

