import { firstOf, path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { accessEvent, describeClaims, describeUser, duration, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type SecretView, type Values } from '../format.ts';
import { isCount, isStatus, lineFields, requestLine, wordsOf, type LineValues } from '../line.ts';
import { describePresented } from '../presented.ts';

const id = 'apisix.access';
const request = (...keys: string[]) => path('request', ...keys);

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  start_time: path('start_time'), latency: path('latency'), src: path('client_ip'), method: request('method'), path: request('uri'),
  host: request('headers', 'host'), status: path('response', 'status'), bytes_out: path('response', 'size'), user_agent: request('headers', 'user-agent'),
  request_id: request('headers', 'x-request-id'), service: firstOf(path('service_id'), path('route_id')), route: path('route_id'),
  overhead: path('apisix_latency'), consumer: path('consumer', 'username'), iss: path('iss'), sub: path('sub'), client_id: path('client_id'), jti: path('jti'),
};
type Fields = Values<typeof fields>;
const secrets = { authorization: request('headers', 'authorization') };

function normalize(values: Fields, context: NormalizeContext, secret: { readonly authorization: SecretView | null }): Normalized {
  const timeMs = instant(values.start_time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An APISIX record has no start_time.');
  const event = accessEvent(id, 'apisix', timeMs, duration(values.latency, 1), values, context);
  const consumer = text(values.consumer);
  event.authenticated = verdictOf(event, values, context) ?? (consumer === null ? null : true);
  describePresented(event, values, secret.authorization, context);
  if (consumer === null || event.identityId !== null) return event;
  event.identityId = `apisix:${consumer}`;
  event.identityKind = 'client';
  event.identityName = event.userName = consumer;
  return event;
}

const textFields = lineFields(
  'time', 'request_time', 'src', 'user', 'host', 'method', 'path', 'status', 'bytes_out', 'user_agent',
);

/** The stock line: like nginx's combined one, with the host before the request, its duration behind the bytes, and the upstream at the end. */
function apisixLine(line: string): LineValues | null {
  const bracket = line.indexOf(' [');
  if (bracket < 5 || line.charCodeAt(bracket + 4) !== 47) return null;
  const words = wordsOf(line);
  if (words === null || words.length < 15 || words.length > 24 || words[1] !== '-' || !isStatus(words[6]) || !isCount(words[7])) return null;
  const { method, path: target } = requestLine(words[5]!);
  return {
    src: words[0]!, user: words[2]!, time: words[3]!, host: words[4]!, method, path: target, status: words[6]!, bytes_out: words[7]!,
    request_time: words[8]!, user_agent: words[10]!,
  };
}

function normalizeLine(values: Values<typeof textFields>, context: NormalizeContext): Normalized {
  const endMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (endMs === null) return quarantine('no_time', 'An APISIX line has no time.');
  const durationMs = duration(values.request_time, 1000);
  const event = accessEvent(id, 'apisix', endMs - (durationMs ?? 0), durationMs, values, context);
  event.authenticated = verdictOf(event, {}, context);
  describeClaims(event, {}, context);
  describeUser(event, values.user, context);
  return event;
}

export const apisixAccess = defineFormat({
  id,
  title: 'Apache APISIX access log',
  describe: 'Records of the logger plugins of Apache APISIX (http-logger, kafka-logger, file-logger: default log format) and its stock access line.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'consumer is there only when an authentication plugin accepted the credential: it is the verdict. A 401 refuses the token.',
    'response.size counts headers; the bytes of the line do not.',
    'A JWT in the logged authorization header gives its id. To log claims instead of the header, set the plugin\'s log_format to the default',
    'fields and: "jti": "$http_x_jwt_jti", "iss": "$http_x_jwt_iss", "sub": "$http_x_jwt_sub", "client_id": "$http_x_jwt_azp" (set by openid-connect).',
  ],
  shapes: [
    shape({
      kind: 'json', fields, secrets, normalize,
      recognize: (values) => values.start_time !== null && values.overhead !== null && values.method !== null,
    }),
    shape({ kind: 'text', grammar: apisixLine, whole: true, fields: textFields, recognize: (values) => values.status !== null, normalize: normalizeLine }),
  ],
});
