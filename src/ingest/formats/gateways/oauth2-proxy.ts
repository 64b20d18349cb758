import { emptyEvent } from '../../../model/event.ts';
import { parseAddress } from '../../address.ts';
import { path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { accessEvent, describeClaims, describeUser, duration, verdictOf } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { oauth2ProxyLine } from './oauth2-proxy-text.ts';

const id = 'oauth2_proxy';

/** The names on the left are what a source's `mapping` may set to the operator's own keys. */
const fields = {
  time: path('time'), duration_s: path('duration_s'), src: path('src'), user: path('user'), request_id: path('request_id'), host: path('host'),
  method: path('method'), service: path('service'), path: path('path'), user_agent: path('user_agent'), status: path('status'),
  bytes_out: path('bytes_out'), sign_in: path('sign_in'), program: path('program'),
};
type Fields = Values<typeof fields>;
const jsonFields = { ...fields, proxy: path('proxy') };

function normalize(values: Fields, context: NormalizeContext): Normalized {
  if (values.program === true) return 'ignore';
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A line of oauth2-proxy has no time.');
  return text(values.sign_in) === null ? request(values, timeMs, context) : signIn(values, timeMs, context);
}

function request(values: Fields, endMs: number, context: NormalizeContext): Normalized {
  const durationMs = duration(values.duration_s, 1000);
  const event = accessEvent(id, 'oauth2_proxy', endMs - (durationMs ?? 0), durationMs, values, context);
  const user = text(values.user);
  event.authenticated = verdictOf(event, {}, context) ?? (user === null ? null : true);
  describeClaims(event, {}, context);
  describeUser(event, user, context);
  if (user?.includes('@') === true) event.userEmail = user;
  return event;
}

/** `AuthSuccess`, `AuthFailure` or `AuthError`, of a session, of basic authentication or of a bearer token. */
function signIn(values: Fields, timeMs: number, context: NormalizeContext): Normalized {
  const event = emptyEvent(id, timeMs);
  const address = parseAddress(text(values.src));
  event.vantage = context.source.vantage ?? 'gateway';
  event.module = 'oauth2_proxy';
  event.category = authentication;
  event.type = info;
  event.action = text(values.sign_in);
  event.outcome = values.sign_in === 'AuthSuccess' ? 'success' : 'failure';
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.sourcePort = address?.port ?? null;
  event.requestId = text(values.request_id);
  event.authenticated = event.outcome === 'success';
  describeUser(event, values.user, context);
  return event;
}
const authentication: readonly string[] = ['authentication'];
const info: readonly string[] = ['info'];

export const oauth2Proxy = defineFormat({
  id,
  title: 'oauth2-proxy log',
  describe: 'Request and sign-in lines of oauth2-proxy in its stock templates (documentation: Logging Configuration), or JSON as the note below writes it.',
  vantage: 'gateway',
  repeats: false,
  notes: [
    'A user name in a request line is that of a session or token which oauth2-proxy checked: it is the verdict. Messages of the program are ignored.',
    'ResponseSize is the body, without headers. Times have no zone: local ones unless logging-local-time is false.',
    'No id of a session or token is logged. With one issuer configured for the source, the user is its identity; name the field that',
    'user_id_claim gives. To tie requests to tokens, log them at the upstream, which gets them with pass_access_token. As JSON:',
    'request_logging_format = \'{"proxy":"oauth2-proxy","src":"{{.Client}}","request_id":"{{.RequestID}}","user":"{{.Username}}","time":"{{.Timestamp}}",'
    + '"host":"{{.Host}}","method":"{{.RequestMethod}}","service":"{{.Upstream}}","path":{{.RequestURI}},"user_agent":{{.UserAgent}},'
    + '"status":{{.StatusCode}},"bytes_out":{{.ResponseSize}},"duration_s":{{.RequestDuration}}}\'',
  ],
  shapes: [
    shape({ kind: 'text', grammar: oauth2ProxyLine, whole: true, fields, recognize: (values) => values.src !== null, normalize }),
    shape({
      kind: 'json', fields: jsonFields, normalize,
      recognize: (values: Values<typeof jsonFields>) => values.proxy === 'oauth2-proxy' && values.status !== null,
    }),
  ],
});
