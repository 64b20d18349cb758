import { firstOf, path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { accessEvent, describeClaims, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';

const id = 'cloudflare.http';
/** A request header that a custom field adds to the log. */
const header = (name: string) => path('RequestHeaders', name);

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  start: path('EdgeStartTimestamp'), end: path('EdgeEndTimestamp'), src: path('ClientIP'), src_port: path('ClientSrcPort'),
  method: path('ClientRequestMethod'), path: firstOf(path('ClientRequestPath'), path('ClientRequestURI')), host: path('ClientRequestHost'),
  status: path('EdgeResponseStatus'), bytes_out: path('EdgeResponseBytes'), user_agent: path('ClientRequestUserAgent'), request_id: path('RayID'),
  service: path('ZoneName'), certificate: path('ClientMTLSAuthCertFingerprint'), certificateStatus: path('ClientMTLSAuthStatus'),
  action: firstOf(path('SecurityAction'), path('FirewallMatchesActions', '0')),
  iss: header('x-jwt-iss'), sub: header('x-jwt-sub'), client_id: header('x-jwt-azp'), jti: header('x-jwt-jti'),
};
type Fields = Values<typeof fields>;

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.start) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Cloudflare record has no EdgeStartTimestamp.');
  const event = accessEvent(id, 'cloudflare', timeMs, null, values, context);
  const isMutual = values.certificateStatus === 'ok';
  const hasClaims = text(values.jti) !== null || text(values.sub) !== null;
  event.endMs = instant(values.end);
  event.vantage = context.source.vantage ?? 'edge';
  event.code = event.outcome === 'failure' ? text(values.action) : null;
  event.authenticated = verdictOf(event, values, context) ?? (isMutual || hasClaims && event.status !== 403 ? true : null);
  describeClaims(event, values, context);
  if (!isMutual) return event;
  event.boundTo = text(values.certificate);
  if (event.tokenKind === 'none' && event.boundTo !== null) event.tokenKind = 'certificate';
  return event;
}

export const cloudflareHttp = defineFormat({
  id,
  title: 'Cloudflare HTTP requests',
  describe: 'Logpush data set http_requests of Cloudflare (documentation: Log fields, HTTP requests).',
  vantage: 'edge',
  repeats: false,
  notes: [
    'Verdicts are a client certificate with ClientMTLSAuthStatus ok, and claims that API Shield verified; a 401 refuses.',
    'EdgeResponseBytes counts headers. ClientRequestURI holds the query, which is cut off.',
    'To tie requests to tokens, validate JWTs with API Shield, and let a request header transform rule set',
    'x-jwt-jti = http.request.jwt.claims.jti["TOKEN_CONFIGURATION_ID"][0], likewise x-jwt-iss and x-jwt-sub; always set them, so that none',
    'of the client\'s own passes. Then add these request headers as custom fields to the Logpush job (transformed, not raw).',
  ],
  shapes: [shape({
    kind: 'json', fields, normalize,
    recognize: (values) => values.status !== null && values.host !== null && values.start !== null,
  })],
});
