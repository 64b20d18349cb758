import { firstOf, path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { accessEvent, duration } from '../access.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import type { LineValues } from '../line.ts';

const id = 'aws.cloudfront';
/** Columns of a standard log that are read, by their places. */
const columns: readonly (readonly [string, number])[] = [
  ['date', 0], ['time', 1], ['sc-bytes', 3], ['c-ip', 4], ['cs-method', 5], ['cs(Host)', 6], ['cs-uri-stem', 7], ['sc-status', 8],
  ['cs(User-Agent)', 10], ['x-edge-result-type', 13], ['x-edge-request-id', 14], ['x-host-header', 15], ['time-taken', 18],
  ['x-forwarded-for', 19], ['c-port', 26], ['x-edge-detailed-result-type', 28],
];
const fewestColumns = 19;

/** Names of the columns, which JSON of the newer logging keeps; `timestamp(ms)` is there in place of date and time. */
const fields = {
  date: path('date'), time: path('time'), epoch: firstOf(path('timestamp(ms)'), path('timestamp')), src: path('c-ip'), src_port: path('c-port'),
  x_forwarded_for: path('x-forwarded-for'), method: path('cs-method'), path: path('cs-uri-stem'), distribution: path('cs(Host)'),
  host: firstOf(path('x-host-header'), path('cs(Host)')), status: path('sc-status'), bytes_out: path('sc-bytes'),
  encodedAgent: path('cs(User-Agent)'), request_id: path('x-edge-request-id'), duration_s: path('time-taken'),
  result: firstOf(path('x-edge-detailed-result-type'), path('x-edge-result-type')), header: path('#'),
};
type Fields = Values<typeof fields>;

function cloudfrontLine(line: string): LineValues | null {
  if (line.charCodeAt(0) === 35) return isHeader(line) ? { '#': line.slice(1, 9) } : null;
  // `2026-11-22<tab>04:07:38<tab>`
  if (line.charCodeAt(10) !== 9 || line.charCodeAt(19) !== 9 || line.charCodeAt(4) !== 45 || line.charCodeAt(13) !== 58) return null;
  const words = line.split('\t', 64);
  if (words.length < fewestColumns) return null;
  const found: Record<string, Value> = {};
  for (const [name, place] of columns) found[name] = words[place] ?? null;
  return found;
}

function isHeader(line: string): boolean {
  return line.startsWith('#Version: 1.0') || line.startsWith('#Fields: date time x-edge-location');
}

function isRequest(values: Fields): boolean {
  return values.src !== null && values.status !== null && values.method !== null && values.request_id !== null;
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  if (values.header !== null) return 'ignore';
  const day = text(values.date), time = text(values.time);
  const timeMs = day !== null && time !== null ? instant(`${day}T${time}Z`) : instant(values.epoch) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A CloudFront record has no time.');
  const event = accessEvent(id, 'aws', timeMs, duration(values.duration_s, 1000), values, context);
  event.cloudProvider = 'aws';
  event.vantage = context.source.vantage ?? 'edge';
  event.userAgent = decoded(text(values.encodedAgent));
  event.service = text(values.distribution);
  event.code = event.outcome === 'failure' ? text(values.result) : null;
  event.authenticated = event.status === 401 ? false : context.source.refusesAnonymous && event.outcome === 'success' ? true : null;
  return event;
}

/** The agent stands URL-encoded, spaces and quotes even twice. */
function decoded(agent: string | null): string | null {
  if (agent === null || !agent.includes('%')) return agent;
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
    shape({ kind: 'text', grammar: cloudfrontLine, fields, recognize: (values) => values.header !== null || values.status !== null, normalize }),
    shape({ kind: 'json', fields, recognize: isRequest, normalize }),
  ],
});
