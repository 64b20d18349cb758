import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { flag, instant, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type SecretView, type Value, type Values } from '../format.ts';
import { describeLeaked, leakEvent, publicId } from './leak.ts';

const id = 'trufflehog';
const sources = ['Git', 'Github', 'Gitlab', 'Bitbucket', 'Filesystem', 'S3', 'Docker', 'Slack', 'Confluence', 'Jira', 'AzureRepos'];
const where = (...keys: string[]) => firstOf(...sources.map((source) => path('SourceMetadata', 'Data', source, ...keys)));

const fields = {
  time: where('timestamp'), scanned: firstOf(path('timestamp'), path('time')), sourceName: path('SourceName'), sourceType: path('SourceType'),
  detector: path('DetectorName'), detectorType: path('DetectorType'), decoder: path('DecoderName'), verified: path('Verified'),
  redacted: path('Redacted'), account: path('ExtraData', 'account'), arn: path('ExtraData', 'arn'),
  repository: firstOf(where('repository'), where('bucket'), where('image'), where('channel_name')),
  file: where('file'),
};
/** `Raw` is the secret; of a pair `RawV2` is both halves. */
const secrets = { raw: path('Raw'), both: path('RawV2') };
type Fields = Values<typeof fields>;
interface Found { readonly raw: SecretView | null; readonly both: SecretView | null }

function recognize({ detector, detectorType, verified, sourceName, sourceType }: Fields): boolean {
  return text(detector) !== null && verified !== null && (detectorType !== null || sourceName !== null || sourceType !== null);
}

function normalize(values: Fields, context: NormalizeContext, found: Found): Normalized {
  const timeMs = timeOf(values.time, context) ?? instant(values.scanned, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A TruffleHog finding tells neither when it was committed nor when it was found.');
  const event = leakEvent(id, 'trufflehog', timeMs, context);
  const isVerified = flag(values.verified);
  event.action = 'finding';
  event.provider = text(values.sourceName) ?? 'trufflehog';
  event.code = isVerified === null ? null : isVerified ? 'verified' : 'unverified';
  event.reason = text(values.detector);
  event.cloudAccount = text(values.account);
  describePlace(event, values);
  describeLeaked(event, text(values.detector)!, [found.raw, found.both], publicId(values.redacted) ?? publicId(values.arn), context);
  return event;
}

/** `2022-06-16 10:17:40 -0700 PDT`: Go writes the zone twice, the second time by its name. */
function timeOf(value: Value, context: NormalizeContext): number | null {
  const written = text(value);
  return instant(written?.replace(/ [A-Z]{3,5}$/, '') ?? null, context.source.timezone) ?? instant(written, context.source.timezone);
}

function describePlace(event: TokenEvent, values: Fields): void {
  const repository = text(values.repository);
  // A name and a query may stand in it, and nothing may be left without them.
  event.resourceId = text(repository?.replace(/^(https?:\/\/)[^/@]*@/, '$1').replace(/[?#].*$/s, '') ?? null) ?? text(values.file);
  event.resourceKind = event.resourceId === null ? null : repository === null ? 'file' : 'repository';
}

export const trufflehog = defineFormat({
  id,
  title: 'TruffleHog findings',
  describe: 'Findings of TruffleHog 3 (documentation: --json), one a line.',
  vantage: 'iam',
  repeats: false,
  notes: [
    'A leak is no use: nobody is authenticated by it. Where only checked deliveries are taken, set refuses_anonymous on the source: then the feed vouches '
      + 'for its leaks; otherwise a leak counts only if its fingerprint is one of a known token.',
    'Raw and RawV2 are fingerprinted and dropped: as they stand, as SHA-256 (GitHub\'s audit log, gateways that hash), and by a JWT\'s iss and jti. '
      + 'An AWS key is known by its id in Redacted.',
    'The time is that of the commit; findings without one need the time of their shipper. No bytes. '
      + 'trufflehog git https://git.example.com/shop/rates --json | curl --data-binary @- https://tokenward.example.com/ingest/trufflehog',
  ],
  shapes: [shape({ kind: 'json', fields, secrets, recognize, normalize })],
});
