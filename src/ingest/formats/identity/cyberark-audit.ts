import type { Outcome, TokenEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { configuredIssuer } from '../../token-id.ts';
import { parseTime } from '../../time.ts';
import { instant, shortText, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { absent, auditEvent, authentication, calledBy, denied, fromAddress, iam, info, presented } from '../audit.ts';
import { cefLine } from './cef.ts';

const id = 'cyberark.audit';

const platformFields = {
  id: path('uuid'), time: firstOf(path('timestamp'), path('arrivalTimestamp')), tenant: path('tenantId'), userName: path('username'), userId: path('userId'),
  application: path('applicationCode'), service: path('serviceName'), code: path('auditCode'), type: path('auditType'), action: path('action'),
  address: path('source'), session: path('sessionId'), safe: path('safe'), account: path('accountName'), accountId: path('accountId'),
  target: path('target'), message: path('message'), identityType: path('identityType'),
};
const vaultFields = {
  id: absent, time: path('@time'), tenant: absent, userName: path('suser'), userId: absent, application: path('app'), service: absent,
  code: path('@signature'), type: absent, action: path('@name'), address: path('shost'), session: absent, safe: path('cs2'),
  account: path('fname'), accountId: absent, target: path('duser'), message: path('msg'), identityType: absent,
};
type Found = Values<typeof platformFields>;

/** When the syslog header says that the record was written: the record itself has no time. */
function vaultLine(line: string): Readonly<Record<string, Value>> | null {
  const cef = cefLine(line, 'CEF:0|Cyber-Ark|Vault|');
  if (cef === null) return null;
  const before = String(cef['@before'] ?? '').replace(/^<\d{1,3}>(?:1 )?/, '');
  cef['@time'] = /^(?:[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[0-9:.]{8,18}(?:Z|[+-]\d\d:\d\d))/.exec(before)?.[0] ?? null;
  return cef;
}

const isLogin = /log ?on|login|authenticat/i;
const failed = /fail|denied|unauthorized|error/i;
/** What hands a secret to the caller. */
const retrieves = /retrieve|show|copy|get (?:password|secret)/i;

function toEvent(found: Found, timeMs: number, outcome: Outcome, context: NormalizeContext): Normalized {
  const tenant = text(found.tenant);
  const issuer = configuredIssuer(context.source) ?? (tenant === null ? 'cyberark' : `cyberark:${tenant}`);
  const event = auditEvent(id, 'cyberark', timeMs, 'iam', context);
  const action = text(found.action);
  const isAuthentication = action !== null && isLogin.test(action);
  event.id = text(found.id) ?? '';
  event.action = action;
  event.category = isAuthentication ? authentication : iam;
  event.outcome = outcome;
  event.type = outcome === 'failure' ? denied : action !== null && retrieves.test(action) ? access : info;
  event.code = text(found.code);
  event.reason = outcome === 'failure' ? shortText(found.message) : null;
  event.organization = tenant;
  event.service = text(found.service) ?? text(found.application);
  event.authenticated = outcome === 'success' ? true : outcome === 'failure' && isAuthentication ? false : null;
  fromAddress(event, found.address);
  event.userName = text(found.userName);
  event.userId = text(found.userId) ?? event.userName;
  event.targetUserName = text(found.target);
  calledBy(event, issuer, event.userId, found.identityType === 'MACHINE' ? 'service' : 'human', event.userName);
  describeSecret(event, found);
  const session = text(found.session);
  if (session === null) return event;
  presented(event, issuer, session, 'session', context, 'session');
  event.lifecycle = outcome === 'failure' ? 'refused' : 'used';
  return event;
}
const access: readonly string[] = ['access'];

/** The account in its safe whose secret was touched. */
function describeSecret(event: TokenEvent, found: Found): void {
  const account = text(found.accountId) ?? text(found.account);
  const safe = text(found.safe);
  if (account === null && safe === null) return;
  event.resourceId = [safe, account].filter((part) => part !== null).join('/');
  event.resourceKind = account === null ? 'safe' : 'secret';
}

function ofPlatform(found: Found, context: NormalizeContext): Normalized {
  const timeMs = instant(found.time) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A CyberArk audit record has no timestamp.');
  const type = text(found.type)?.toLowerCase() ?? '';
  return toEvent(found, timeMs, type === 'success' || type === 'info' ? 'success' : failed.test(type) ? 'failure' : 'unknown', context);
}

/** The name of a vault's record says when it tells of a failure; all else was done. */
function ofVault(found: Found, context: NormalizeContext): Normalized {
  const timeMs = parseHeader(found.time, context) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A CyberArk Vault record has no time: it stands in the syslog header.');
  return toEvent(found, timeMs, failed.test(text(found.action) ?? '') ? 'failure' : 'success', context);
}

function parseHeader(value: Value, context: NormalizeContext): number | null {
  return value === null ? null : parseTime(value, context.source.timezone, context.referenceMs);
}

export const cyberarkAudit = defineFormat({
  id,
  title: 'CyberArk audit',
  describe: 'Audit events of the CyberArk Identity Security Platform (documentation: Audit service), and of the Vault in CEF over syslog '
    + '(Arcsight.sample.xsl).',
  vantage: 'iam',
  repeats: true,
  notes: [
    'The platform\'s auditType is the verdict. The Vault tells failures by the record\'s name; only authenticated calls are logged otherwise.',
    'Records of the Vault have no time but that of the syslog header, which must be kept in front of them (set RFC 5424, whose time has a zone).',
    'The resource is the account in its safe. The secret that was fetched is not named by the tokens made of it.',
    'No sizes; sessions are named by the platform only.',
  ],
  shapes: [
    shape({
      kind: 'json', fields: platformFields, normalize: ofPlatform,
      recognize: (values) => values.code !== null && values.application !== null && values.id !== null,
    }),
    shape({ kind: 'text', grammar: vaultLine, fields: vaultFields, normalize: ofVault, recognize: (values) => values.code !== null }),
  ],
});
