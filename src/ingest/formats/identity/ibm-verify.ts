import type { TokenEvent } from '../../../model/event.ts';
import { clientAddress } from '../../address.ts';
import { firstOf, path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, shortText, text, words } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { auditEvent, authentication, calledBy, denied, iam, info, start } from '../audit.ts';

const id = 'ibm.verify';
/** The API nests an event's own fields under `data`; exports flatten them. */
const either = (name: string) => firstOf(path('data', name), path(name));

const fields = {
  id: path('id'), time: path('time'), eventType: path('event_type'), tenantId: path('tenantid'), tenant: path('tenantname'), service: path('servicename'),
  result: either('result'), action: either('action'), cause: either('cause'), origin: either('origin'),
  userId: either('userid'), userName: either('username'), subject: either('subject'), agent: either('devicetype'),
  application: either('applicationname'), applicationId: either('applicationid'), clientId: either('client_id'), clientName: either('client_name'),
  grantType: either('grant_type'), scope: either('scope'), correlation: either('correlationid'), indexedAt: path('indexed_at'),
};
type Fields = Values<typeof fields>;

const logins: ReadonlySet<string> = new Set(['authentication', 'sso', 'token', 'risk', 'adaptive_authentication', 'federation']);

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An IBM Verify event has no time.');
  const tenant = text(values.tenant);
  const issuer = configuredIssuer(context.source) ?? (tenant === null ? `ibm.verify:${text(values.tenantId)}` : `https://${tenant}/oidc/endpoint/default`);
  const event = auditEvent(id, 'ibm_verify', timeMs, 'iam', context);
  const type = text(values.eventType)!;
  const isLogin = logins.has(type);
  const result = text(values.result)?.toLowerCase();
  const writtenMs = instant(values.indexedAt);
  if (writtenMs !== null && writtenMs > timeMs) event.orderMs = writtenMs;
  event.id = text(values.id) ?? '';
  event.action = text(values.action) ?? type;
  event.category = isLogin ? authentication : iam;
  event.outcome = result === 'success' ? 'success' : result === 'failure' || result === 'denied' ? 'failure' : 'unknown';
  event.type = event.outcome === 'failure' ? denied : isLogin ? start : info;
  event.reason = event.outcome === 'failure' ? shortText(values.cause) : null;
  event.organization = tenant ?? text(values.tenantId);
  event.requestId = text(values.correlation);
  event.userAgent = shortText(values.agent, 2048);
  event.service = text(values.application) ?? text(values.clientName) ?? text(values.clientId) ?? text(values.service);
  event.resourceId = text(values.applicationId);
  event.resourceKind = event.resourceId === null ? null : 'application';
  event.authenticated = event.outcome === 'success' ? true : event.outcome === 'failure' && isLogin ? false : null;
  const address = clientAddress(text(values.origin), null, context.source);
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  describeCaller(event, values, issuer);
  if (type === 'token' && event.outcome === 'success') {
    event.lifecycle = 'granted';
    event.scopes = words(values.scope);
  }
  return event;
}

function describeCaller(event: TokenEvent, values: Fields, issuer: string): void {
  const user = text(values.userId) ?? text(values.subject);
  const client = text(values.clientId);
  const isClient = values.grantType === 'client_credentials' || user === null;
  event.userId = isClient ? client : user;
  event.userName = isClient ? text(values.clientName) ?? client : text(values.userName) ?? user;
  event.userEmail = event.userName?.includes('@') === true ? event.userName : null;
  calledBy(event, issuer, event.userId, isClient ? 'client' : 'human', event.userName);
}

export const ibmVerify = defineFormat({
  id,
  title: 'IBM Verify events',
  describe: 'Events of IBM Verify, before IBM Security Verify (API reference: Events, event payloads), by its API or exported.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'result is the verdict.',
    'The issuer is https://<tenant>/oidc/endpoint/default, unless the source is configured with another.',
    'Token events name the client and the user, not the token: what a gateway sees is tied by its subject.',
    'No sizes.',
    'Pages of the API are taken apart, up to 1 MiB each.',
  ],
  shapes: [shape({
    kind: 'json', fields, normalize,
    recognize: (values) => values.eventType !== null && values.tenantId !== null && values.time !== null && (values.service !== null || values.tenant !== null),
  })],
});
