import type { TokenEvent } from '../../../model/event.ts';
import { path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, pathOnly, shortText, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type SecretView, type Values } from '../format.ts';
import { auditEvent, authentication, calledBy, denied, end, fromAddress, info, start } from '../audit.ts';
import { siteminderLine } from './siteminder-line.ts';

const id = 'siteminder.access';

const fields = {
  event: path('event'), time: path('time'), ip: path('ip'), user: path('user'), agent: path('agent'), action: path('action'),
  resource: path('resource'), transaction: path('transaction'), reason: path('reason'), message: path('message'), realm: path('realm'),
};
/** With a session id agents find a session: only its fingerprint is kept. */
const secrets = { session: path('session') };
type Fields = Values<typeof fields>;
const access: readonly string[] = ['access'];

function normalize(values: Fields, context: NormalizeContext, { session }: { readonly session: SecretView | null }): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A SiteMinder line has no time.');
  const issuer = configuredIssuer(context.source) ?? 'siteminder';
  const event = auditEvent(id, 'siteminder', timeMs, 'iam', context);
  const action = text(values.event)!;
  const isRefused = action.endsWith('Reject');
  event.action = action;
  event.category = authentication;
  event.outcome = isRefused ? 'failure' : action.endsWith('Attempt') || action.endsWith('Challenge') ? 'unknown' : 'success';
  event.type = isRefused ? denied : action.endsWith('Logout') ? end : action === 'AuthAccept' ? start : action.startsWith('Az') ? access : info;
  event.code = isRefused ? text(values.reason) : null;
  event.reason = isRefused ? shortText(values.message) : null;
  event.method = text(values.action);
  event.urlPath = pathOnly(values.resource);
  event.service = text(values.agent);
  event.resourceId = text(values.realm);
  event.resourceKind = event.resourceId === null ? null : 'realm';
  // A right that is refused says that the session behind it is good.
  event.authenticated = event.outcome === 'success' || action === 'AzReject' ? true : isRefused ? false : null;
  fromAddress(event, values.ip);
  const user = text(values.user);
  event.userId = user;
  event.userName = user === null ? null : commonName(user);
  calledBy(event, issuer, user, 'human', event.userName);
  const transaction = text(values.transaction);
  if (transaction?.includes('=') === false) event.requestId = transaction;
  if (session !== null) describeSession(event, session, issuer, action);
  return event;
}

function describeSession(event: TokenEvent, session: SecretView, issuer: string, action: string): void {
  const fingerprint = session.fingerprint(issuer);
  event.tokenIssuer = issuer;
  if (action === 'AuthAccept') {
    event.issued = fingerprint;
    event.issuedKind = 'session';
    event.issuedIdentityId = event.identityId;
    event.lifecycle = 'issued';
    return;
  }
  event.token = fingerprint;
  event.tokenKind = 'session';
  event.lifecycle = action.endsWith('Logout') ? 'revoked' : event.outcome === 'failure' ? 'refused' : 'used';
}

/** `dora` of `uid=dora,ou=people,o=shop`. */
function commonName(user: string): string {
  const found = /^(?:uid|cn|samaccountname)=([^,]{1,256})/i.exec(user);
  return found?.[1] ?? user;
}

export const siteminderAccess = defineFormat({
  id,
  title: 'SiteMinder access log',
  describe: 'smaccess.log of a Symantec SiteMinder Policy Server (Broadcom knowledge base: Format of the smaccess.log), plain or with enhanced tracing.',
  vantage: 'iam',
  repeats: false,
  notes: [
    'The event is the verdict: AuthAccept and AzAccept, or AuthReject. AzReject is a right refused to a good session.',
    'Sessions are named only with enhanced tracing (registry key Enable Enhance Tracing): without it calls are tied to people, not to sessions.',
    'The user is the directory\'s distinguished name. No user agents and no sizes.',
    'For authorizations the address is that of the agent where the agent does not pass on the client\'s.',
  ],
  shapes: [shape({ kind: 'text', grammar: siteminderLine, fields, secrets, normalize, recognize: (values) => values.event !== null })],
});
