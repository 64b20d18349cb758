import { firstOf, path } from '../../paths.ts';
import { instant } from '../../values.ts';
import { accessEvent, describeClaims, describeUser, duration, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { isCount, type LineValues } from '../line.ts';
import { commonLine } from './combined.ts';

const id = 'traefik.access';

/** A header that the operator keeps in the log, of the request as it came or, set by a middleware, as it went on to the service. */
const header = (name: string) => firstOf(path(`request_${name}`), path(`origin_${name}`));

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  time: firstOf(path('StartUTC'), path('StartLocal'), path('time')), duration_ns: path('Duration'), src: firstOf(path('ClientAddr'), path('ClientHost')),
  x_forwarded_for: path('request_X-Forwarded-For'), method: path('RequestMethod'), path: path('RequestPath'), host: path('RequestHost'),
  status: path('DownstreamStatus'), bytes_out: path('DownstreamContentSize'), user_agent: path('request_User-Agent'),
  request_id: path('request_X-Request-Id'), service: path('ServiceName'), user: path('ClientUsername'),
  iss: header('X-Jwt-Iss'), sub: header('X-Jwt-Sub'), client_id: header('X-Jwt-Azp'), jti: header('X-Jwt-Jti'),
};
type Fields = Values<typeof fields>;

function recognize(values: Fields): boolean {
  return values.status !== null && values.src !== null && values.method !== null;
}

function normalize(values: Partial<Fields>, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Traefik record has no time.');
  const event = accessEvent(id, 'traefik', timeMs, duration(values.duration_ns, 1e-6), values, context);
  event.authenticated = verdictOf(event, values, context);
  describeClaims(event, values, context);
  describeUser(event, values.user, context);
  return event;
}

const nanosecondsPerMillisecond = 1_000_000;

/** A combined line with the number of the request, router, service URL and duration behind it. */
function traefikLine(line: string): LineValues | null {
  const found = commonLine(line);
  if (found === null || found.rest.length !== 6) return null;
  const { src, user, time, method, path: target, status, bytes_out, rest } = found;
  const took = rest[5]!;
  if (!took.endsWith('ms') || !isCount(rest[2])) return null;
  return {
    time, duration_ns: Number(took.slice(0, -2)) * nanosecondsPerMillisecond, src, method, path: target, status, bytes_out, user_agent: rest[1]!,
    service: rest[3]!, user,
  };
}

const textFields = {
  time: path('time'), duration_ns: path('duration_ns'), src: path('src'), method: path('method'), path: path('path'), status: path('status'),
  bytes_out: path('bytes_out'), user_agent: path('user_agent'), service: path('service'), user: path('user'),
};

export const traefikAccess = defineFormat({
  id,
  title: 'Traefik access log',
  describe: 'Access log of Traefik (documentation: Access logs), in JSON or in its common line.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'Traefik writes no verdict: a 401 refuses the token, and a success counts with refuses_anonymous. ClientUsername is what a client claimed.',
    'Bytes (DownstreamContentSize) are the body, without headers.',
    'To tie requests to tokens, let the forward-auth service answer with the claims as headers, pass them on, and keep them in the log:',
    'forwardAuth: { authResponseHeaders: [X-Jwt-Iss, X-Jwt-Sub, X-Jwt-Azp, X-Jwt-Jti] } and accessLog: { format: json, fields: { headers: '
    + '{ names: { User-Agent: keep, X-Forwarded-For: keep, X-Jwt-Iss: keep, X-Jwt-Sub: keep, X-Jwt-Azp: keep, X-Jwt-Jti: keep } } } }',
  ],
  shapes: [
    shape({ kind: 'json', fields, recognize, normalize }),
    shape({ kind: 'text', grammar: traefikLine, whole: true, fields: textFields, recognize: (values) => values.src !== null, normalize }),
  ],
});
