import { path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { accessEvent, describeClaims, describeUser, duration, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { isDigits, lineFields, unescapeHeader, type LineValues } from '../line.ts';
import { commonLine } from './combined.ts';

const id = 'apache.access';

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  time: path('time'), duration_us: path('duration_us'), src: path('src'), x_forwarded_for: path('x_forwarded_for'), method: path('method'),
  path: path('path'), host: path('host'), status: path('status'), bytes_out: path('bytes_out'), user_agent: path('user_agent'),
  request_id: path('request_id'), user: path('user'), server: path('server'),
  iss: path('iss'), sub: path('sub'), client_id: path('client_id'), jti: path('jti'), exp: path('exp'), token_sha256: path('token_sha256'),
};
type Fields = Values<typeof fields>;

function normalize(values: Partial<Fields>, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An Apache record has no time.');
  const event = accessEvent(id, 'apache', timeMs, duration(values.duration_us, 0.001), values, context);
  const user = text(values.user);
  event.authenticated = verdictOf(event, values, context) ?? (user !== null || text(values.sub) !== null ? true : null);
  describeClaims(event, values, context);
  describeUser(event, user, context);
  return event;
}

/**
 * Lines that Apache's stock formats give and nginx's do not: the common line without referrer and agent, one with `host:port` in front, with
 * an identity of RFC 1413, or with the time taken (`%D`) behind a combined one.
 */
function apacheLine(line: string): LineValues | null {
  const found = commonLine(line);
  if (found === null) return null;
  const { host, src, ident, user, time, method, path: target, status, bytes_out, rest } = found;
  const isTimed = rest.length === 3 && isDigits(rest[2]!);
  const isApache = rest.length === 0 || isTimed || rest.length === 2 && (ident !== '-' || host?.includes(':') === true);
  if (!isApache) return null;
  return {
    time, duration_us: isTimed ? rest[2]! : null, src, method, path: target, host, status, bytes_out,
    user_agent: unescapeHeader(rest[1]), user,
  };
}

const textFields = lineFields(
  'time', 'duration_us', 'src', 'method', 'path', 'host', 'status', 'bytes_out', 'user_agent', 'user',
);

export const apacheAccess = defineFormat({
  id,
  title: 'Apache HTTP Server access log',
  describe: 'Access log of the Apache HTTP Server (mod_log_config): common and vhost_combined lines, or JSON as the note below writes it.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'A plain combined line is taken for nginx.access: nobody can tell the two apart. Both read the same of it.',
    'The user is whom Apache authenticated, except beside a 401.',
    'Bytes are %b or %B, without headers (%O of vhost_combined counts them). The time is that of the request; %D behind it its length.',
    'To tie requests to tokens, log JSON with what mod_auth_openidc or mod_authnz_jwt put into the environment:',
    String.raw`LogFormat "{\"server\":\"apache\",\"time\":\"%{%Y-%m-%dT%H:%M:%S%z}t\",\"duration_us\":%D,\"src\":\"%{c}a\",\"x_forwarded_for\":`
    + String.raw`\"%{X-Forwarded-For}i\",\"method\":\"%m\",\"path\":\"%U\",\"host\":\"%V\",\"status\":%>s,\"bytes_out\":%B,\"user_agent\":`
    + String.raw`\"%{User-Agent}i\",\"user\":\"%u\",\"iss\":\"%{OIDC_CLAIM_iss}e\",\"sub\":\"%{OIDC_CLAIM_sub}e\",\"client_id\":`
    + String.raw`\"%{OIDC_CLAIM_azp}e\",\"jti\":\"%{OIDC_CLAIM_jti}e\",\"exp\":\"%{OIDC_CLAIM_exp}e\"}" tokenward`,
  ],
  shapes: [
    shape({ kind: 'json', fields, recognize: (values) => values.server === 'apache' && values.status !== null && values.src !== null, normalize }),
    shape({ kind: 'text', grammar: apacheLine, whole: true, fields: textFields, recognize: (values) => values.status !== null, normalize }),
  ],
});
