import { firstOf, jsonIn, path, type Path } from '../../paths.ts';
import { instant } from '../../values.ts';
import { accessEvent, describeClaims, duration, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import type { LineValues } from '../line.ts';

const id = 'fastly.access';

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  time: path('timestamp'), elapsed_us: path('time_elapsed'), src: path('client_ip'), method: path('request_method'), path: path('url'), host: path('host'),
  status: path('response_status'), bytes_out: firstOf(path('response_body_size'), path('resp_body_bytes')), user_agent: path('request_user_agent'),
  request_id: path('request_id'), server: path('fastly_server'), service: path('service_id'),
  iss: path('iss'), sub: path('sub'), client_id: path('client_id'), jti: path('jti'), deny: path('deny'),
};
type Fields = Values<typeof fields>;

/** The same fields in the JSON that stands behind the head of a line, as Fastly's syslog endpoints send it. */
function within(key: string): typeof fields {
  return Object.fromEntries(Object.entries(fields).map(([name, at]: [string, Path<Value>]) => [name, jsonIn([key], at)])) as typeof fields;
}

/** `2026-11-22T04:07:38.613304+00:00 host  { ... }`. */
function fastlyLine(line: string): LineValues | null {
  if (line.charCodeAt(10) !== 84 || line.charCodeAt(line.length - 1) !== 125) return null;
  const open = line.indexOf('{');
  return open < 0 || open > 400 || !line.includes('"fastly_server"', open) ? null : { json: line.slice(open) };
}

function recognize(values: Fields): boolean {
  return values.server !== null && values.status !== null;
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Fastly record has no timestamp.');
  const event = accessEvent(id, 'fastly', timeMs, duration(values.elapsed_us, 0.001), values, context);
  event.vantage = context.source.vantage ?? 'edge';
  event.authenticated = verdictOf(event, values, context);
  describeClaims(event, values, context);
  return event;
}

export const fastlyAccess = defineFormat({
  id,
  title: 'Fastly request log',
  describe: 'Real-time log of Fastly in the JSON of its documentation (Useful log formats), alone or behind a syslog-like head.',
  vantage: 'edge',
  repeats: false,
  notes: [
    'The verdict is a 401, or the field deny (empty when the token passed) beside a jti, which VCL or Compute code that checks tokens writes.',
    'response_body_size is the body, without headers.',
    'To tie requests to tokens, add to the JSON of the log format what your VCL took from the verified token:',
    '"iss": "%{json.escape(req.http.X-Jwt-Iss)}V", "sub": "%{json.escape(req.http.X-Jwt-Sub)}V", "jti": "%{json.escape(req.http.X-Jwt-Jti)}V",'
    + ' "deny": "%{json.escape(req.http.X-Jwt-Deny)}V", "time_elapsed": %{time.elapsed.usec}V',
  ],
  shapes: [
    shape({ kind: 'json', fields, recognize, normalize }),
    shape({ kind: 'text', grammar: fastlyLine, fields: within('json'), recognize, normalize }),
  ],
});
