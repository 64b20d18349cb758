import type { TokenEvent } from '../../../model/event.ts';
import { path } from '../../paths.ts';
import { duration, accessEvent } from '../access.ts';
import { instant, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { isCount, isStatus, requestLine, wordsOf, type LineValues } from '../line.ts';
import { sessionRole } from './aws-arn.ts';
import { refusesCredential } from './aws-cloudtrail-tables.ts';

const id = 'aws.s3access';
const fields = {
  bucket: path('bucket'), time: path('time'), src: path('src'), requester: path('requester'), request_id: path('request_id'),
  operation: path('operation'), method: path('method'), path: path('path'), status: path('status'), error: path('error'),
  bytes_out: path('bytes_out'), duration_ms: path('duration_ms'), user_agent: path('user_agent'), host: path('host'),
  point: path('point'),
};
type Fields = Values<typeof fields>;

/** Characters of the canonical id of a bucket's owner, with which each line begins. */
const ownerLength = 64;
const fewestWords = 17;

function s3Line(line: string): LineValues | null {
  if (line.charCodeAt(ownerLength) !== 32 || line.length < ownerLength + 60) return null;
  const words = wordsOf(line);
  if (words === null || words.length < fewestWords || words[0]!.length !== ownerLength || !/^(?:REST|SOAP|S3|BATCH|WEBSITE)\./.test(words[6]!)) return null;
  if (!isStatus(words[9]) || !isCount(words[11])) return null;
  const { method, path: target } = requestLine(words[8]!);
  return {
    bucket: words[1]!, time: words[2]!, src: words[3]!, requester: words[4]!, request_id: words[5]!, operation: words[6]!, method, path: target,
    status: words[9]!, error: words[10]!, bytes_out: words[11]!, duration_ms: words[13]!, user_agent: words[16]!,
    host: words[22] ?? null, point: words[24] ?? null,
  };
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A line of S3 access has no time.');
  const event = accessEvent(id, 'aws', timeMs, duration(values.duration_ms, 1), values, context);
  const bucket = text(values.bucket);
  event.vantage = context.source.vantage ?? 'resource';
  event.cloudProvider = 'aws';
  event.provider = event.service = 's3.amazonaws.com';
  event.action = text(values.operation);
  event.code = text(values.error);
  event.resourceId = bucket === null ? null : `arn:aws:s3:::${bucket}`;
  event.resourceKind = bucket === null ? null : 'bucket';
  // The account there is that of the access point, which need not be the bucket's.
  event.cloudRegion = text(values.point)?.split(':', 4)[3] || null;
  describeRequester(event, text(values.requester));
  return event;
}

/** The requester is named only when S3 checked a signature: an unsigned request has none. */
function describeRequester(event: TokenEvent, requester: string | null): void {
  const isRefused = event.code !== null && refusesCredential(event.code);
  event.authenticated = requester === null || isRefused ? false : true;
  if (requester === null) return;
  event.userId = requester;
  if (requester.startsWith('arn:')) {
    const isRole = requester.includes(':assumed-role/');
    event.identityId = sessionRole(requester);
    event.identityKind = isRole ? 'role' : requester.endsWith(':root') ? 'human' : 'unknown';
    event.identityName = event.identityId.slice(event.identityId.lastIndexOf('/') + 1);
  } else if (/^[0-9a-f]{64}$/.test(requester)) {
    event.identityId = `aws:canonical:${requester}`;
    event.identityKind = 'unknown';
  } else {
    event.identityId = `aws:service:${requester}`;
    event.identityKind = 'provider';
    event.identityName = requester;
  }
}

export const awsS3access = defineFormat({
  id,
  title: 'Amazon S3 server access log',
  describe: 'Server access log of Amazon S3 (user guide: Amazon S3 server access log format).',
  vantage: 'resource',
  repeats: false,
  notes: [
    'A named requester is the verdict on the signature; unsigned requests have none. AccessDenied is a refusal of the action, not of the caller.',
    'Bytes are those of the object or answer, without the overhead of HTTP.',
    'The log has no access key id. To tie requests to keys, switch on CloudTrail data events for the bucket (aws.cloudtrail reads them):',
    'aws cloudtrail put-event-selectors --trail-name TRAIL --event-selectors \'[{"ReadWriteType":"All","DataResources":'
    + '[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::BUCKET/"]}]}]\'',
  ],
  shapes: [shape({ kind: 'text', grammar: s3Line, whole: true, fields, recognize: (values) => values.operation !== null, normalize })],
});
