import { firstOf, path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { accessEvent, describeClaims, describeUser, duration, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { isCount, lineFields, unescapeHeader, type LineValues } from '../line.ts';
import { commonLine } from './combined.ts';

const id = 'traefik.access';

/** A header that the operator keeps in the log, of the request as it came or, set by a middleware, as it went on to the service. */
const header = (name: string) => firstOf(path(`request_${name}`), path(`origin_${name}`));

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  time: firstOf(path('StartUTC'), path('StartLocal'), path('time')), duration_ns: path('Duration'), src: path('ClientAddr'), client_host: path('ClientHost'),
  x_forwarded_for: path('request_X-Forwarded-For'), method: path('RequestMethod'), path: path('RequestPath'), host: path('RequestHost'),
  status: path('DownstreamStatus'), bytes_out: path('DownstreamContentSize'), user_agent: path('request_User-Agent'),
  request_id: path('request_X-Request-Id'), service: path('ServiceName'), user: path('ClientUsername'),
  iss: header('X-Jwt-Iss'), sub: header('X-Jwt-Sub'), client_id: header('X-Jwt-Azp'), jti: header('X-Jwt-Jti'),
};
type Fields = Values<typeof fields>;

function recognize(values: Fields): boolean {
  return values.status !== null && values.src !== null && values.method !== null;
}

function normalize(values: Partial<Fields> & { readonly server?: Value }, context: NormalizeContext): Normalized {
  if (values.server === true) return 'ignore';
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Traefik record has no time.');
  const event = accessEvent(id, 'traefik', timeMs, duration(values.duration_ns, 1e-6), values, context, forwardedFor(values));
  event.authenticated = verdictOf(event, values, context);
  describeClaims(event, values, context);
  describeUser(event, values.user, context);
  return event;
}

/** `ClientHost` is the header where one came, else the host of `ClientAddr`. */
function forwardedFor(values: Partial<Fields>): Value {
  const header = text(values.x_forwarded_for), host = text(values.client_host), peer = text(values.src);
  return header ?? (host === null || peer?.startsWith(host) === true ? null : host);
}

const nanosecondsPerMillisecond = 1_000_000;

/** A combined line with the number of the request, router, service URL and duration behind it. */
function traefikLine(line: string): LineValues | null {
  if (line.startsWith('time="')) return isServerLine(line) ? ofServer : null;
  const found = commonLine(line);
  if (found === null || found.rest.length !== 6) return null;
  const { src, user, time, method, path: target, status, bytes_out, rest } = found;
  const took = rest[5]!;
  if (!took.endsWith('ms') || !isCount(rest[2])) return null;
  return {
    server: null, time, duration_ns: Number(took.slice(0, -2)) * nanosecondsPerMillisecond, src, method, path: target, status, bytes_out,
    user_agent: unescapeHeader(rest[1]), service: rest[3]!, user,
  };
}

const ofServer: LineValues = {
  server: true, time: null, duration_ns: null, src: null, method: null, path: null, status: null, bytes_out: null, user_agent: null, service: null,
  user: null,
};

function isKnownLine(values: Values<typeof textFields>): boolean {
  return values.src !== null || values.server === true;
}

/** Traefik's own log, by keys and messages that no other program with this layout has. */
function isServerLine(line: string): boolean {
  return / (?:entryPointName|providerName|middlewareName|routerName)=/.test(line) || /msg="Handling (?:TCP connection|UDP stream) from /.test(line);
}

const textFields = lineFields(
  'server', 'time', 'duration_ns', 'src', 'method', 'path', 'status', 'bytes_out', 'user_agent', 'service', 'user',
);

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
    shape({ kind: 'text', grammar: traefikLine, whole: true, fields: textFields, normalize, recognize: isKnownLine }),
  ],
});
