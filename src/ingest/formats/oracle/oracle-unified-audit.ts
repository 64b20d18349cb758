import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, text } from '../../values.ts';
import { auditEvent, authentication, calledBy, fromAddress, typeOfVerb } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { presentedByLease } from '../leased-user.ts';
import { unifiedAuditLine } from './unified-audit-line.ts';

const id = 'oracle.unified_audit';
const column = (name: string) => firstOf(path(name), path(name.toLowerCase()));

/** Statements and their binds are not read: they hold data, and now and then passwords. */
const fields = {
  utc: column('EVENT_TIMESTAMP_UTC'), time: column('EVENT_TIMESTAMP'), type: column('AUDIT_TYPE'), session: column('SESSIONID'),
  entry: column('ENTRY_ID'), statement: column('STATEMENT_ID'), database: firstOf(column('DBID'), column('DB_ID')),
  user: column('DBUSERNAME'), proxyUser: column('DBPROXY_USERNAME'), externalUser: column('EXTERNAL_USERID'), globalUser: column('GLOBAL_USERID'),
  osUser: column('OS_USERNAME'), host: column('USERHOST'), program: column('CLIENT_PROGRAM_NAME'), authentication: column('AUTHENTICATION_TYPE'),
  action: column('ACTION_NAME'), actionCode: column('ACTION_CODE'), code: column('RETURN_CODE'),
  schema: column('OBJECT_SCHEMA'), object: column('OBJECT_NAME'), currentUser: column('CURRENT_USER'),
};
type Fields = Values<typeof fields>;

function recognize({ user, code, action, actionCode, session, type }: Fields): boolean {
  return user !== null && code !== null && (action !== null || actionCode !== null) && (session !== null || type !== null);
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.utc) ?? instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A unified audit record has no EVENT_TIMESTAMP.');
  const event = auditEvent(id, 'oracle', timeMs, 'resource', context);
  const code = text(values.code);
  const action = text(values.action);
  const isLogon = action === 'LOGON' || values.actionCode === '100';
  event.action = action ?? text(values.actionCode);
  event.category = isLogon ? authentication : ['database'];
  event.type = isLogon ? ['start'] : typeOfVerb(action ?? '');
  event.outcome = code === '0' ? 'success' : code === null ? 'unknown' : 'failure';
  event.code = event.outcome === 'failure' ? `ORA-${code!.padStart(5, '0')}` : null;
  event.requestId = text(values.session);
  event.organization = text(values.database);
  event.userAgent = text(values.program);
  describeOrigin(event, values);
  describeObject(event, values);
  describeCaller(event, values, isLogon, context);
  return event;
}

/** `(TYPE=(DATABASE));(CLIENT ADDRESS=((ADDRESS=(PROTOCOL=tcp)(HOST=203.0.113.7)(PORT=50123))));`, else the client's host. */
function describeOrigin(event: TokenEvent, values: Fields): void {
  const told = text(values.authentication);
  const address = told === null || told.length > 2048 ? null : /\(HOST=([^()]{1,255})\)/i.exec(told)?.[1] ?? null;
  const port = address === null ? null : /\(PORT=(\d{1,5})\)/i.exec(told!)?.[1] ?? null;
  fromAddress(event, address ?? values.host);
  if (port !== null && event.sourceIp !== null) event.sourcePort = Number(port);
}

function describeObject(event: TokenEvent, values: Fields): void {
  const schema = text(values.schema);
  const object = text(values.object);
  if (object === null && schema === null) return;
  event.resourceId = object === null ? schema : schema === null ? object : `${schema}.${object}`;
  event.resourceKind = 'table';
}

/** Users of a token are mapped to a database user; the person or client behind it stands in the external or global id. */
function describeCaller(event: TokenEvent, values: Fields, isLogon: boolean, context: NormalizeContext): void {
  const issuer = configuredIssuer(context.source) ?? 'oracle';
  const user = text(values.user);
  const behind = text(values.externalUser) ?? text(values.globalUser) ?? text(values.proxyUser);
  event.userName = behind ?? user;
  event.userId = text(values.osUser);
  event.effectiveUserName = behind !== null && behind !== user ? user : text(values.currentUser) === user ? null : text(values.currentUser);
  const place = text(values.database);
  calledBy(event, place === null || issuer !== 'oracle' ? issuer : `oracle:${place}`, behind ?? user, 'unknown', behind ?? user);
  event.authenticated = isLogon ? event.outcome === 'success' : true;
  if (behind === null) presentedByLease(event, user, context);
}

export const oracleUnifiedAudit = defineFormat({
  id,
  title: 'Oracle Database unified audit trail',
  describe: 'Rows of UNIFIED_AUDIT_TRAIL (reference: UNIFIED_AUDIT_TRAIL) as JSON, and lines of UNIFIED_AUDIT_SYSTEMLOG.',
  vantage: 'resource',
  repeats: false,
  notes: [
    'A session was let in by the database, so its actions are authenticated; a LOGON is true or false by its RETURN_CODE.',
    'No token is named, but for users whom Vault\'s database engine made: their name is that of the lease. Where users come with tokens, '
      + 'EXTERNAL_USERID or GLOBAL_USERID is the identity: configure the issuer of those tokens as the source\'s only one. The trail tells no bytes.',
    'Export: select json_object(*) from unified_audit_trail where event_timestamp_utc > :last. Lines of the system log have no time of their own: '
      + 'they need the syslog header.',
  ],
  shapes: [
    shape({ kind: 'json', fields, recognize, normalize }),
    shape({ kind: 'text', grammar: unifiedAuditLine, fields, recognize, normalize }),
  ],
});
