import type { TokenEvent } from '../../../model/event.ts';
import { each, firstOf, path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { count, flag, httpStatus, instant, pathOnly, shortText, text, texts } from '../../values.ts';
import { api, auditEvent, authentication, calledBy, fromAddress, iam, typeOfVerb } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';

const id = 'teleport.audit';
const any = (...names: string[]) => firstOf(...names.map((name) => path(name)));

/** Names of join tokens are secrets themselves, and not read. */
const fields = {
  event: path('event'), code: path('code'), uid: path('uid'), time: path('time'), cluster: path('cluster_name'),
  user: path('user'), userKind: path('user_kind'), bot: path('bot_name'), login: path('login'), success: path('success'),
  error: any('error', 'message'), method: path('method'), address: any('addr.remote', 'remote_addr', 'client_ip'),
  userAgent: path('user_agent'), sessionId: path('sid'),
  server: any('server_hostname', 'server_id'), kubernetes: path('kubernetes_cluster'), database: path('db_service'), app: path('app_name'),
  requestPath: path('path'), verb: path('verb'), status: any('status_code', 'response_code'),
  transmitted: path('tx'), received: path('rx'),
  certificateUser: path('identity', 'user'), roles: each(['identity', 'roles']), expires: path('identity', 'expires'),
};
type Fields = Values<typeof fields>;

/** `T1000I`: a number, and whether it informs, warns or tells of an error. */
const eventCode = /^T[A-Z0-9]{3,8}[IWE]$/;

function recognize({ event, code, time, uid }: Fields): boolean {
  return text(event) !== null && time !== null && uid !== null && typeof code === 'string' && eventCode.test(code);
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Teleport audit record has no time.');
  const event = auditEvent(id, 'teleport', timeMs, 'resource', context);
  const action = text(values.event)!;
  const code = values.code as string;
  event.id = text(values.uid)!;
  event.action = action;
  event.category = isLogin(action) ? authentication : /^(?:user|role|bot|token|cert|access_request|lock)\b/.test(action) ? iam : api;
  event.type = isLogin(action) ? ['start'] : typeOfVerb(action.slice(action.lastIndexOf('.') + 1));
  const success = flag(values.success);
  event.outcome = success !== null ? success ? 'success' : 'failure' : code.endsWith('I') ? 'success' : values.error === null ? 'unknown' : 'failure';
  event.code = event.outcome === 'failure' ? code : null;
  event.reason = event.outcome === 'failure' ? shortText(values.error) : null;
  event.organization = text(values.cluster);
  event.userAgent = text(values.userAgent);
  fromAddress(event, values.address);
  describeWork(event, values);
  describeCaller(event, values, configuredIssuer(context.source) ?? text(values.cluster) ?? 'teleport');
  return event;
}

function isLogin(action: string): boolean {
  return action === 'user.login' || action === 'auth' || action === 'bot.join' || action === 'instance.join';
}

/** What the session touched, and what went over it. `tx` is what was sent to the client. */
function describeWork(event: TokenEvent, values: Fields): void {
  const kubernetes = text(values.kubernetes), database = text(values.database), app = text(values.app), server = text(values.server);
  event.resourceId = kubernetes ?? database ?? app ?? server;
  event.resourceKind = kubernetes !== null ? 'cluster' : database !== null ? 'database' : app !== null ? 'application' : server === null ? null : 'host';
  if (event.action === 'session.data') event.bytesOut = event.responseBytes = count(values.transmitted);
  if (!event.action!.endsWith('.request')) return;
  event.status = httpStatus(values.status);
  event.method = text(values.method) ?? text(values.verb);
  event.urlPath = pathOnly(values.requestPath);
}

/** The proxy wrote the name from the certificate it had checked; before that, a failed login names only what was claimed. */
function describeCaller(event: TokenEvent, values: Fields, issuer: string): void {
  const bot = text(values.bot);
  const name = text(values.user) ?? (bot === null ? null : `bot-${bot}`);
  const isBot = bot !== null || values.userKind === 2 || name?.startsWith('bot-') === true;
  event.userName = name;
  event.effectiveUserName = text(values.login);
  calledBy(event, issuer, name, isBot ? 'service' : 'human', name);
  event.authenticated = isLogin(event.action!) ? event.outcome === 'success' : name === null ? null : true;
  if (event.action !== 'cert.create') return;
  const owner = text(values.certificateUser);
  event.targetUserName = owner === name ? null : owner;
  event.roles = texts(values.roles);
  event.lifecycle = event.outcome === 'success' ? 'issued' : null;
  event.issuedKind = event.lifecycle === null ? null : 'certificate';
  event.issuedExpiresAtMs = instant(values.expires);
  event.issuedIdentityId = owner === null ? event.identityId : `${issuer}|${owner}`;
}

export const teleportAudit = defineFormat({
  id,
  title: 'Teleport audit log',
  describe: 'Audit events of Teleport (documentation: Audit events), from the log file, the event handler, Athena and DynamoDB.',
  vantage: 'resource',
  repeats: true,
  notes: [
    'user.login and joins carry the verdict in success; other events name a user whose certificate was checked.',
    'Certificates have no id in the log: tokens are tied to the user and his cluster. Bytes are tx of session.data, on the wire.',
    'The issuer is the source\'s only configured one, else the cluster\'s name.',
    'A JSON stream comes from the event handler plugin, or from teleport.yaml: auth_service: audit_events_uri: [file:///var/lib/teleport/audit, "stdout://"].',
  ],
  shapes: [shape({ kind: 'json', fields, recognize, normalize })],
});
