import { firstOf, path } from '../../paths.ts';
import { flag, instant, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type SecretView, type Values } from '../format.ts';
import { describeLeaked, leakEvent } from './leak.ts';

const id = 'gitguardian.incident';
/** A webhook has the incident under `incident`, the programming interface gives it alone. */
const incident = (...keys: string[]) => firstOf(path('incident', ...keys), path(...keys));

const fields = {
  source: path('source'), action: path('action'), timestamp: path('timestamp'), date: incident('date'), incidentId: incident('id'),
  detector: incident('detector', 'name'), detectorTitle: incident('detector', 'display_name'), family: incident('detector', 'family'),
  secretHash: incident('secret_hash'), hmslHash: incident('hmsl_hash'), url: incident('gitguardian_url'), revoked: incident('secret_revoked'),
  validity: incident('validity'), status: incident('status'),
  repository: firstOf(path('occurrence', 'source', 'full_name'), path('occurrence', 'source', 'url')),
};
/** GitGuardian leaves the secret out; where the operator adds it, it becomes fingerprints at once. */
const secrets = {
  secret: firstOf(path('secret'), path('incident', 'secret')),
  match: firstOf(path('matches', '0', 'match'), path('occurrence', 'matches', '0', 'match')),
};
type Fields = Values<typeof fields>;

function recognize({ source, detector, secretHash, hmslHash, url }: Fields): boolean {
  if (text(detector) === null || secretHash === null && hmslHash === null && url === null) return false;
  return source === 'GitGuardian' || url !== null || hmslHash !== null;
}

/** What is done about an incident changes nothing of the leak. */
const about = /^incident_(?:assigned|reassigned|unassigned|access|severity|shared|unshared|ignored|note)/;

function normalize(values: Fields, context: NormalizeContext, found: { readonly secret: SecretView | null; readonly match: SecretView | null }): Normalized {
  const action = text(values.action);
  if (action !== null && about.test(action)) return 'ignore';
  const timeMs = instant(values.date, context.source.timezone) ?? instant(values.timestamp, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A GitGuardian incident has neither date nor timestamp.');
  const event = leakEvent(id, 'gitguardian', timeMs, context);
  const toldMs = instant(values.timestamp, context.source.timezone);
  const number = text(values.incidentId);
  event.endMs = toldMs !== null && toldMs >= timeMs ? toldMs : null;
  event.action = action ?? 'incident';
  event.code = text(values.validity);
  event.reason = text(values.detectorTitle);
  event.resourceId = text(values.repository) ?? (number === null ? null : `gitguardian:incident:${number}`);
  event.resourceKind = values.repository === null ? event.resourceId === null ? null : 'incident' : 'repository';
  describeLeaked(event, text(values.detector)!, [found.secret, found.match], null, context);
  event.token ??= hashName(text(values.hmslHash) ?? text(values.secretHash), context);
  // Found, and revoked by now: whoever copied it has nothing left.
  if (flag(values.revoked) === true) event.lifecycle = 'revoked';
  return event;
}

/** Its own digest of the secret, so that two tellings of one leak meet. */
function hashName(hash: string | null, context: NormalizeContext): string | null {
  return hash === null || hash.length < 16 ? null : context.fingerprint('gitguardian', hash);
}

export const gitguardianIncident = defineFormat({
  id,
  title: 'GitGuardian incident',
  describe: 'Secret incidents of GitGuardian (documentation: Custom webhook, and the public API\'s secret incidents).',
  vantage: 'iam',
  repeats: false,
  notes: [
    'A leak is no use: nobody is authenticated by it. Where only signed deliveries are taken, set refuses_anonymous on the source: then the feed vouches '
      + 'for its leaks; otherwise a leak counts only if its fingerprint is one of a known token.',
    'GitGuardian sends digests that nobody else can make, so its incidents join a known token only where you add the secret (field secret) on the way: '
      + 'it is fingerprinted and dropped at once.',
    'No bytes. Settings, Integrations, Destinations, Custom webhook: https://tokenward.example.com/ingest/gitguardian.incident.',
  ],
  shapes: [shape({ kind: 'json', fields, secrets, recognize, normalize })],
});
