import { firstOf, path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { accessEvent, duration, routeVerdict } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { lineFields, type LineValues } from '../line.ts';

const id = 'aws.cloudfront';
const fewestColumns = 19;

/** Names of the columns, which JSON of the newer logging keeps; `timestamp(ms)` is there in place of date and time. */
const fields = {
  date: path('date'), time: path('time'), epoch: firstOf(path('timestamp(ms)'), path('timestamp')), src: path('c-ip'), src_port: path('c-port'),
  x_forwarded_for: path('x-forwarded-for'), method: path('cs-method'), path: path('cs-uri-stem'), distribution: path('cs(Host)'),
  host: firstOf(path('x-host-header'), path('cs(Host)')), status: path('sc-status'), bytes_out: path('sc-bytes'),
  encodedAgent: path('cs(User-Agent)'), request_id: path('x-edge-request-id'), duration_s: path('time-taken'),
  result: firstOf(path('x-edge-detailed-result-type'), path('x-edge-result-type')),
};
type Fields = Values<typeof fields>;

/** The standard columns by their places. */
function cloudfrontLine(line: string): LineValues | null {
  if (line.charCodeAt(0) === 35) return isHeader(line) ? headerLine : null;
  // `2026-11-22<tab>04:07:38<tab>`
  if (line.charCodeAt(10) !== 9 || line.charCodeAt(19) !== 9 || line.charCodeAt(4) !== 45 || line.charCodeAt(13) !== 58) return null;
  const words = line.split('\t', 64);
  if (words.length < fewestColumns) return null;
  return {
    header: null, date: words[0]!, time: words[1]!, epoch: null, src: words[4]!, src_port: words[26] ?? null, x_forwarded_for: words[19] ?? null,
    method: words[5]!, path: words[7]!, distribution: words[6]!, host: words[15]!, status: words[8]!, bytes_out: words[3]!, encodedAgent: words[10]!,
    request_id: words[14]!, duration_s: words[18]!, result: words[28] ?? words[13]!,
  };
}
const textFields = lineFields(
  'header', 'date', 'time', 'epoch', 'src', 'src_port', 'x_forwarded_for', 'method', 'path', 'distribution', 'host', 'status', 'bytes_out',
  'encodedAgent', 'request_id', 'duration_s', 'result',
);
const headerLine: LineValues = { ...Object.fromEntries(Object.keys(textFields).map((name) => [name, null])), header: true };

function isHeader(line: string): boolean {
  return line.startsWith('#Version: 1.0') || line.startsWith('#Fields: date time x-edge-location');
}

function isRequest(values: Fields): boolean {
  return values.src !== null && values.status !== null && values.method !== null && values.request_id !== null;
}

function normalize(values: Fields & { readonly header?: Value }, context: NormalizeContext): Normalized {
  if (values.header === true) return 'ignore';
  const day = text(values.date), time = text(values.time);
  const timeMs = day !== null && time !== null ? instant(`${day}T${time}Z`) : instant(values.epoch) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A CloudFront record has no time.');
  const event = accessEvent(id, 'aws', timeMs, duration(values.duration_s, 1000), values, context);
  event.cloudProvider = 'aws';
  event.vantage = context.source.vantage ?? 'edge';
  event.userAgent = decoded(text(values.encodedAgent));
  event.service = text(values.distribution);
  event.code = event.outcome === 'failure' ? text(values.result) : null;
  event.authenticated = routeVerdict(event, context);
  return event;
}

/** Agents repeat, and decoding one takes as long as all else of a line; when too many were seen it begins anew. */
const agents = new Map<string, string>();
const maxAgents = 1024;

/** The agent stands URL-encoded, spaces and quotes even twice. */
function decoded(agent: string | null): string | null {
  if (agent === null || !agent.includes('%')) return agent;
  let found = agents.get(agent);
  if (found === undefined) {
    if (agents.size >= maxAgents) agents.clear();
    agents.set(agent, found = decode(agent));
  }
  return found;
}

function decode(agent: string): string {
  try {
    return decodeURIComponent(agent.replaceAll('%25', '%'));
  } catch {
    return agent;
  }
}

export const awsCloudfront = defineFormat({
  id,
  title: 'Amazon CloudFront access log',
  describe: 'Standard log of Amazon CloudFront (developer guide: Standard log file fields): tab-separated, or JSON with the same names.',
  vantage: 'edge',
  repeats: false,
  notes: [
    'The log has no token and no verdict but a 401; with refuses_anonymous a success counts as authenticated.',
    'sc-bytes counts headers. The path is as sent (cs-uri-stem); query and cookies are not read.',
    'Lines of other than the standard columns need the JSON output. To tie requests to tokens, log them at the origin (x-edge-request-id',
    'is sent to it as X-Amz-Cf-Id), or write a real-time log with cs-headers after a function that keeps of the token only its id.',
  ],
  shapes: [
    shape({
      kind: 'text', grammar: cloudfrontLine, whole: true, fields: textFields, normalize,
      recognize: (values) => values.date !== null || values.header === true,
    }),
    shape({ kind: 'json', fields, recognize: isRequest, normalize }),
  ],
});
