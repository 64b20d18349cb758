import { firstOf, path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { accessEvent, describeClaims, describeUser, duration, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';

const id = 'caddy.access';
const header = (name: string) => firstOf(path('request', 'headers', name, '0'), path('request', 'headers', name));
const claim = (name: string) => firstOf(path(name), path('jwt', name));

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  logger: path('logger'), message: path('msg'), ts: path('ts'), duration_s: path('duration'),
  src: firstOf(path('request', 'client_ip'), path('request', 'remote_ip')),
  method: path('request', 'method'), path: path('request', 'uri'), host: path('request', 'host'), status: path('status'), bytes_out: path('size'),
  user_agent: header('User-Agent'), request_id: firstOf(path('uuid'), header('X-Request-Id')), user: path('user_id'),
  iss: claim('iss'), sub: claim('sub'), client_id: claim('azp'), jti: claim('jti'), exp: claim('exp'),
};
type Fields = Values<typeof fields>;

/** Other loggers of Caddy's HTTP server write its own log. */
function recognize(values: Fields): boolean {
  const { logger } = values;
  if (typeof logger !== 'string' || !logger.startsWith('http.')) return false;
  return logger.startsWith('http.log.') ? values.method !== null : values.ts !== null && values.message !== null;
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  // What failed is logged as an access too.
  const logger = values.logger as string;
  if (!logger.startsWith('http.log.access')) return 'ignore';
  const endMs = instant(values.ts, context.source.timezone) ?? context.envelopeTimeMs;
  if (endMs === null) return quarantine('no_time', 'A Caddy record has no ts.');
  const durationMs = duration(values.duration_s, 1000);
  const event = accessEvent(id, 'caddy', endMs - (durationMs ?? 0), durationMs, values, context);
  const user = text(values.user);
  event.authenticated = verdictOf(event, values, context) ?? (user !== null && event.status !== null ? true : null);
  describeClaims(event, values, context);
  describeUser(event, user, context);
  return event;
}

export const caddyAccess = defineFormat({
  id,
  title: 'Caddy access log',
  describe: 'Access log of Caddy (documentation: log directive) in its JSON encoding.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'user_id is whom an authentication handler of Caddy accepted: it is the verdict. A 401 refuses the token.',
    'Bytes (size) are the body, without headers. client_ip is what Caddy\'s trusted_proxies left. Records of http.log.error repeat the access record.',
    'To tie requests to tokens, add the claims that an authentication handler verified (names of the caddy-jwt module):',
    'log_append iss {http.auth.user.iss} / log_append jti {http.auth.user.jti} / log_append azp {http.auth.user.azp} / log_append sub {http.auth.user.id}',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
