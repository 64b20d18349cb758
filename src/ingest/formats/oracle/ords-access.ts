import type { TokenEvent } from '../../../model/event.ts';
import { path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { count, instant, text, useOf } from '../../values.ts';
import { auditEvent, calledBy, fromAddress } from '../audit.ts';
import { describeClaims, describeRequest, routeVerdict } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { ordsLine } from './ords-line.ts';

const id = 'ords.access';

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  time: path('time'), client: path('client'), user: path('user'), method: path('method'), path: path('path'), status: path('status'),
  bytes: path('bytes'), user_agent: path('user_agent'), duration_ms: path('duration_ms'), host: path('host'),
  iss: path('iss'), sub: path('sub'), client_id: path('client_id'), jti: path('jti'),
};
type Fields = Values<typeof fields>;

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A record of ORDS has no time.');
  const event = auditEvent(id, 'ords', timeMs, 'resource', context);
  const durationMs = count(values.duration_ms);
  event.endMs = durationMs === null ? null : timeMs + durationMs;
  describeRequest(event, {
    method: values.method, path: values.path, host: values.host, status: values.status, bytes_out: values.bytes, user_agent: values.user_agent,
  });
  fromAddress(event, values.client);
  describeCaller(event, values, context);
  return event;
}

/** ORDS writes the user after its own check of the token; the claims behind the host are the word of whoever stands in front. */
function describeCaller(event: TokenEvent, values: Fields, context: NormalizeContext): void {
  const user = text(values.user);
  const claimed = text(values.sub);
  event.authenticated = event.status !== 401 && user !== null ? true : routeVerdict(event, context);
  const subject = claimed ?? user;
  describeClaims(event, { iss: values.iss, sub: subject, client_id: values.client_id, jti: values.jti }, context);
  event.userName = user ?? event.userName;
  if (text(values.jti) === null) event.tokenKind = event.authenticated === true ? 'opaque' : 'none';
  event.lifecycle = useOf(event.tokenKind, event.status === 401 || event.status === 403);
  if (event.identityId === null) calledBy(event, configuredIssuer(context.source) ?? 'ords', subject, 'unknown', subject);
}

export const ordsAccess = defineFormat({
  id,
  title: 'Oracle REST Data Services access log',
  describe: 'Access log of standalone ORDS from version 24.1 (documentation: Using Jetty XML Configuration Files).',
  vantage: 'resource',
  repeats: false,
  notes: [
    'A user in the second field is the verdict: ORDS writes it after it checked the token. It is the subject of the JWT, or the client of ORDS\' own OAuth.',
    'bytes (%O) count headers and body. Lines of versions before 24.1 are common log lines, which apache.access reads.',
    'The stock line names neither issuer nor token. Let the gateway in front set headers, and append them in standalone/etc/jetty-log.xml: '
      + '<Set name="formatString">%{client}a %u %t "%r" %s %{CLF}O "%{Referrer}i" "%{User-Agent}i" %{ms}T %{Host}i "%{X-Token-Iss}i" "%{X-Token-Sub}i" '
      + '"%{X-Token-Client}i" "%{X-Token-Id}i"</Set>. Without an issuer there the source\'s only configured one holds.',
  ],
  shapes: [
    shape({ kind: 'text', grammar: ordsLine, fields, recognize: (values) => values.time !== null, normalize }),
  ],
});
