import { firstOf, path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, shortText, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { auditEvent, authentication, calledBy, denied, fromAddress, info, start } from '../audit.ts';

const id = 'duo.auth';

const fields = {
  id: path('txid'), time: firstOf(path('isotimestamp'), path('timestamp')), eventType: path('event_type'), result: path('result'), reason: path('reason'),
  factor: path('factor'), address: path('access_device', 'ip'),
  userKey: path('user', 'key'), userName: path('user', 'name'), email: path('email'),
  applicationKey: path('application', 'key'), applicationName: path('application', 'name'),
};
type Fields = Values<typeof fields>;
const refusals: ReadonlySet<string> = new Set(['denied', 'failure', 'fraud', 'error']);

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Duo authentication has neither isotimestamp nor timestamp.');
  const issuer = configuredIssuer(context.source) ?? 'duo';
  const event = auditEvent(id, 'duo', timeMs, 'iam', context);
  const result = text(values.result)?.toLowerCase();
  event.id = text(values.id) ?? '';
  event.action = text(values.eventType);
  event.category = authentication;
  event.outcome = result === 'success' ? 'success' : result !== undefined && refusals.has(result) ? 'failure' : 'unknown';
  event.type = event.outcome === 'failure' ? denied : values.eventType === 'authentication' ? start : info;
  event.code = event.outcome === 'failure' ? result ?? null : null;
  event.reason = event.outcome === 'failure' ? shortText(values.reason) : null;
  event.service = text(values.applicationName);
  event.resourceId = text(values.applicationKey);
  event.resourceKind = event.resourceId === null ? null : 'application';
  event.authenticated = event.outcome === 'success' ? true : event.outcome === 'failure' ? false : null;
  fromAddress(event, values.address);
  event.userName = text(values.userName);
  event.userEmail = text(values.email) ?? (event.userName?.includes('@') === true ? event.userName : null);
  event.userId = text(values.userKey);
  calledBy(event, issuer, event.userId ?? event.userName, 'human', event.userName);
  return event;
}

export const duoAuth = defineFormat({
  id,
  title: 'Duo authentication log',
  describe: 'Authentication log of Cisco Duo (Admin API: Authentication logs, version 2).',
  vantage: 'iam',
  repeats: true,
  notes: [
    'result is the verdict on the second factor; fraud is a refusal that the user reported.',
    'The address is that of the device that asked for access, not of the one that approved.',
    'No tokens, sessions, user agents or sizes: authentications are tied to people.',
    'Pages of the API are taken apart, up to 1 MiB each.',
  ],
  shapes: [shape({
    kind: 'json', fields, normalize,
    recognize: (values) => values.factor !== null && values.result !== null && (values.eventType === 'authentication' || values.eventType === 'enrollment')
      && (values.address !== null || values.userName !== null || values.id !== null),
  })],
});
