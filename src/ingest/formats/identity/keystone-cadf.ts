import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, jsonIn, path, type Path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, shortText, table, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { absent, auditEvent, authentication, calledBy, denied, fromAddress, iam, info, issuedToken, revokedToken, start } from '../audit.ts';

const id = 'keystone.cadf';
const cadf = 'http://schemas.dmtf.org/cloud/audit/1.0/event';

const fieldsAt = (at: (...keys: string[]) => Path<Value>) => ({
  typeUri: at('typeURI'), observer: at('observer', 'typeURI'), id: at('id'), time: at('eventTime'), action: at('action'), outcome: at('outcome'),
  reason: at('reason', 'reasonType'), code: at('reason', 'reasonCode'), userId: firstOf(at('initiator', 'user_id'), at('initiator', 'id')),
  userName: firstOf(at('initiator', 'username'), at('initiator', 'name')), address: at('initiator', 'host', 'address'), agent: at('initiator', 'host', 'agent'),
  project: at('initiator', 'project_id'), domain: at('initiator', 'domain_id'), request: at('initiator', 'request_id'), target: at('target', 'id'),
  targetType: at('target', 'typeURI'), server: absent,
});
const bareFields = fieldsAt(path);
const notificationFields = fieldsAt((...keys) => path('payload', ...keys));
const messageFields = fieldsAt((...keys) => jsonIn(['oslo.message'], path('payload', ...keys)));
const logFields = { ...fieldsAt((...keys) => jsonIn(['message'], path('payload', ...keys))), server: path('server') };
type Found = Values<typeof bareFields>;

const logLine = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3} \d{1,10} [A-Z]{4,8} (oslo\.messaging\.notification\.identity\.|keystone\.)[\w.]{0,100} /;

/** A line of Keystone's log that holds a notification, or another of its own. */
function keystoneLine(line: string): Readonly<Record<string, Value>> | null {
  const found = logLine.exec(line.slice(0, 256));
  if (found === null) return null;
  const open = line.indexOf('{');
  return found[1] === 'keystone.' || open < 0 ? { server: 'keystone' } : { message: line.slice(open) };
}

function recognize({ typeUri, observer }: Found): boolean {
  return typeUri === cadf && observer === 'service/security';
}

function normalize(found: Found, context: NormalizeContext): Normalized {
  if (found.server !== null) return 'ignore';
  const timeMs = instant(found.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Keystone notification has no eventTime.');
  const issuer = configuredIssuer(context.source) ?? 'keystone';
  const event = auditEvent(id, 'keystone', timeMs, 'iam', context);
  const action = text(found.action);
  const isLogin = action === 'authenticate';
  event.id = text(found.id) ?? '';
  event.action = action;
  event.category = isLogin ? authentication : iam;
  event.outcome = found.outcome === 'success' ? 'success' : found.outcome === 'failure' ? 'failure' : 'unknown';
  event.type = event.outcome === 'failure' ? denied : isLogin ? start : typeOf(action ?? '');
  event.code = event.outcome === 'failure' ? text(found.code) : null;
  event.reason = event.outcome === 'failure' ? shortText(found.reason) : null;
  event.requestId = text(found.request);
  event.userAgent = shortText(found.agent, 2048);
  event.cloudProvider = 'openstack';
  event.cloudAccount = text(found.project);
  event.organization = text(found.domain);
  event.authenticated = event.outcome === 'success' ? true : event.outcome === 'failure' && isLogin ? false : null;
  fromAddress(event, found.address);
  event.userId = text(found.userId);
  event.userName = text(found.userName);
  calledBy(event, issuer, event.userId, 'unknown', event.userName);
  if (!isLogin) describeTarget(event, found, issuer, context);
  return event;
}

const types = table<readonly string[]>({ created: ['creation'], updated: ['change'], deleted: ['deletion'], disabled: ['change'] });
function typeOf(action: string): readonly string[] {
  return types[action.slice(0, Math.max(0, action.indexOf('.')))] ?? info;
}

/** An application credential is a key of its owner: made and taken away under its id. */
function describeTarget(event: TokenEvent, found: Found, issuer: string, context: NormalizeContext): void {
  const target = text(found.target);
  const kind = text(found.targetType);
  event.resourceId = target === null ? null : `${issuer}|${target}`;
  event.resourceKind = target === null ? null : text(kind?.slice(kind.lastIndexOf('/') + 1));
  if (kind?.endsWith('/user') === true) event.targetUserId = target;
  if (target === null || event.outcome === 'failure' || event.action?.endsWith('.application_credential') !== true) return;
  if (event.action.startsWith('created')) issuedToken(event, issuer, target, 'service_account_key', event.identityId, context);
  else if (event.action.startsWith('deleted')) revokedToken(event, issuer, target, context);
}

export const keystoneCadf = defineFormat({
  id,
  title: 'OpenStack Keystone notifications',
  describe: 'CADF notifications of OpenStack Keystone (administration guide: Keystone event notifications), from the message bus or its log.',
  vantage: 'iam',
  repeats: true,
  notes: [
    'outcome is the verdict. Set [DEFAULT] notification_format = cadf and an empty notification_opt_out, so that authentications are told.',
    'Tokens are not named, neither when issued nor when revoked; their uses at services are not told at all. Application credentials are, by their id.',
    'What a service does with a token stands in its own audit log (keystonemiddleware audit). No sizes.',
  ],
  shapes: [
    shape({ kind: 'json', fields: notificationFields, normalize, recognize }),
    shape({ kind: 'json', fields: bareFields, normalize, recognize }),
    shape({ kind: 'json', fields: messageFields, normalize, recognize }),
    shape({ kind: 'text', grammar: keystoneLine, fields: logFields, normalize, recognize: (values) => values.server !== null || recognize(values) }),
  ],
});
