import { firstOf, path } from '../../paths.ts';
import { instant, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type SecretView, type Values } from '../format.ts';
import { describeLeaked, leakEvent } from './leak.ts';

const id = 'github.secret_scanning';
/** A webhook has the alert under `alert`, the programming interface gives it alone. */
const alert = (name: string) => firstOf(path('alert', name), path(name));

const fields = {
  action: path('action'), number: alert('number'), created: alert('created_at'), updated: alert('updated_at'), type: alert('secret_type'),
  title: alert('secret_type_display_name'), state: alert('state'), resolution: alert('resolution'), validity: alert('validity'),
  locations: alert('locations_url'), isPublic: alert('publicly_leaked'), resolvedAt: alert('resolved_at'),
  repository: path('repository', 'full_name'), organization: firstOf(path('organization', 'login'), path('repository', 'owner', 'login')),
};
const secrets = { secret: alert('secret') };
type Fields = Values<typeof fields>;

function recognize({ type, number, locations, state, action }: Fields): boolean {
  return text(type) !== null && number !== null && (locations !== null || state !== null || action !== null);
}

const noSecret: ReadonlySet<unknown> = new Set(['false_positive', 'used_in_tests', 'pattern_deleted', 'pattern_edited']);

function normalize(values: Fields, context: NormalizeContext, found: { readonly secret: SecretView | null }): Normalized {
  const action = text(values.action);
  // Whom it was given to changes nothing; and somebody looked, and it was no secret.
  if (action === 'assigned' || action === 'unassigned' || noSecret.has(values.resolution)) return 'ignore';
  const timeMs = instant(values.created, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A secret scanning alert has no created_at.');
  const event = leakEvent(id, 'github', timeMs, context);
  const updatedMs = instant(values.updated, context.source.timezone);
  event.endMs = updatedMs !== null && updatedMs >= timeMs ? updatedMs : null;
  event.action = action ?? text(values.state);
  event.code = text(values.validity);
  event.reason = text(values.title) ?? text(values.type);
  event.organization = text(values.organization);
  event.resourceId = text(values.repository);
  event.resourceKind = event.resourceId === null ? null : 'repository';
  describeLeaked(event, text(values.type)!, [found.secret], null, context);
  if (values.resolution === 'revoked') event.lifecycle = 'revoked';
  return event;
}

export const githubSecretScanning = defineFormat({
  id,
  title: 'GitHub secret scanning alert',
  describe: 'Alerts of GitHub\'s secret scanning (documentation: secret_scanning_alert webhook, and REST: Secret scanning).',
  vantage: 'iam',
  repeats: false,
  notes: [
    'A leak is no use: nobody is authenticated by it. Where only signed deliveries are taken, set refuses_anonymous on the source: then the feed vouches '
      + 'for its leaks; otherwise a leak counts only if its fingerprint is one of a known token.',
    'The secret, which REST gives, is fingerprinted and dropped: as it stands, as SHA-256 (as in github.audit), and by a JWT\'s iss and jti. '
      + 'Webhooks leave it out: then the alert names no token.',
    'No bytes. gh api --paginate /orgs/shop/secret-scanning/alerts | curl --data-binary @- https://tokenward.example.com/ingest/github.secret_scanning',
  ],
  shapes: [shape({ kind: 'json', fields, secrets, recognize, normalize })],
});
