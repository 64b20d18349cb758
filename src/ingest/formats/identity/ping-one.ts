import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, path, where } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, shortText, table, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { auditEvent, authentication, calledBy, change, denied, end, fromAddress, iam, info, issuedToken, lifecycleOf, presented } from '../audit.ts';

const id = 'ping.one';
const user = (name: string) => path('actors', 'user', name);
const client = (name: string) => path('actors', 'client', name);

const fields = {
  id: path('id'), time: firstOf(path('recordedAt'), path('createdAt')), written: path('createdAt'), correlation: path('correlationId'),
  action: path('action', 'type'), userId: user('id'), userName: user('name'), clientId: client('id'), clientName: client('name'),
  environment: firstOf(path('actors', 'user', 'environment', 'id'), path('actors', 'client', 'environment', 'id'), path('environment', 'id')),
  href: firstOf(user('href'), client('href'), path('_links', 'self', 'href')), status: path('result', 'status'), detail: path('result', 'description'),
  address: firstOf(path('source', 'ipAddress'), path('sourceIp')), agent: path('source', 'userAgent'),
  session: firstOf(path('internalCorrelation', 'sessionId'), where(['resources'], 'type', 'SESSION', path('id'))),
  resourceId: path('resources', '0', 'id'), resourceType: path('resources', '0', 'type'), resourceName: path('resources', '0', 'name'),
};
type Fields = Values<typeof fields>;

const logins = /^(?:USER\.ACCESS|PASSWORD\.CHECK|OTP\.CHECK|AUTHENTICATION|SESSION|FLOW|TOKEN|ACCESS_TOKEN|REFRESH_TOKEN|MFA|OIDC)/;
const types = table<readonly string[]>({ CREATED: ['creation'], UPDATED: change, DELETED: ['deletion'], REVOKED: end });

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A PingOne activity has no recordedAt.');
  const environment = text(values.environment);
  const issuer = configuredIssuer(context.source) ?? issuerOf(text(values.href), environment);
  const event = auditEvent(id, 'pingone', timeMs, 'iam', context);
  const action = text(values.action)!;
  const writtenMs = instant(values.written);
  if (writtenMs !== null && writtenMs > timeMs) event.orderMs = writtenMs;
  const status = text(values.status)?.toUpperCase();
  const isLogin = logins.test(action);
  event.id = text(values.id) ?? '';
  event.action = action;
  event.category = isLogin ? authentication : iam;
  event.outcome = status?.startsWith('SUCCESS') === true ? 'success' : status?.startsWith('FAIL') === true ? 'failure' : 'unknown';
  event.type = event.outcome === 'failure' ? denied : types[action.slice(action.lastIndexOf('.') + 1)] ?? info;
  event.reason = event.outcome === 'failure' ? shortText(values.detail) : null;
  event.organization = environment;
  event.requestId = text(values.correlation);
  event.userAgent = shortText(values.agent, 2048);
  event.service = text(values.clientName) ?? text(values.clientId);
  event.authenticated = event.outcome === 'success' ? true : event.outcome === 'failure' && isLogin ? false : null;
  fromAddress(event, values.address);
  describeCaller(event, values, issuer);
  describeSession(event, values, action, issuer, context);
  return event;
}

/** `https://auth.pingone.eu/<environment>/as` for what stands at `https://api.pingone.eu/...`. */
function issuerOf(href: string | null, environment: string | null): string {
  const host = href === null ? null : /^https:\/\/api\.(pingone\.[a-z.]{2,12})\//.exec(href)?.[1] ?? null;
  if (environment === null) return 'pingone';
  return host === null ? `pingone:${environment}` : `https://auth.${host}/${environment}/as`;
}

function describeCaller(event: TokenEvent, values: Fields, issuer: string): void {
  const userId = text(values.userId);
  event.userId = userId ?? text(values.clientId);
  event.userName = userId === null ? text(values.clientName) : text(values.userName);
  event.userEmail = event.userName?.includes('@') === true ? event.userName : null;
  calledBy(event, issuer, event.userId, userId === null ? 'client' : 'human', event.userName);
  const resource = text(values.resourceId);
  event.resourceId = resource;
  event.resourceKind = resource === null ? null : text(values.resourceType)?.toLowerCase() ?? 'object';
  if (resource === null || values.resourceType !== 'USER' || resource === event.userId) return;
  event.targetUserId = resource;
  event.targetUserName = text(values.resourceName);
}

function describeSession(event: TokenEvent, values: Fields, action: string, issuer: string, context: NormalizeContext): void {
  const session = text(values.session);
  if (action === 'SESSION.CREATED' && event.outcome === 'success') {
    issuedToken(event, issuer, session, 'session', event.identityId, context, 'session');
    return;
  }
  presented(event, issuer, session, 'session', context, 'session');
  event.lifecycle = lifecycleOf(event, action === 'SESSION.DELETED' ? 'revoked' : 'used');
}

export const pingOne = defineFormat({
  id,
  title: 'PingOne activities',
  describe: 'Audit activities of PingOne (platform API: Audit activities), by its API or webhooks.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'result.status is the verdict.',
    'The issuer is made of the record\'s region and environment: https://auth.pingone.<region>/<environment>/as.',
    'Sessions are named where internalCorrelation is; tokens are not: what a gateway sees is tied by its subject, the user\'s id.',
    'No sizes.',
    'Pages of the API are taken apart, up to 1 MiB each.',
  ],
  shapes: [shape({
    kind: 'json', fields, normalize,
    recognize: (values) => text(values.action) !== null && values.status !== null && values.time !== null
      && (values.environment !== null || values.href !== null),
  })],
});
