import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, jsonIn, path, where, type Path } from '../../paths.ts';
import { tokenId } from '../../token-id.ts';
import { count, instant, shortText, table, text } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from '../format.ts';
import { calledBy, fromAddress, presented } from '../audit.ts';
import { entraIssuer, isGuid, microsoftEvent } from './azure.ts';

const id = 'm365.unified_audit';
type Wrap = (inner: Path<Value>) => Path<Value>;

const fieldsWith = (wrap: Wrap) => {
  const at = (...keys: string[]) => wrap(path(...keys));
  const context = (name: string) => at('AppAccessContext', name);
  return {
    id: firstOf(at('Id'), at('OfficeId')), time: firstOf(at('CreationTime'), at('TimeGenerated')), operation: at('Operation'),
    organization: at('OrganizationId'), recordType: at('RecordType'), workload: firstOf(at('Workload'), at('OfficeWorkload')),
    result: at('ResultStatus'), logonError: at('LogonError'), userId: at('UserId'), userKey: at('UserKey'), userType: at('UserType'),
    address: firstOf(at('ClientIP'), at('ClientIPAddress'), at('Client_IPAddress'), at('ActorIpAddress')),
    agent: firstOf(at('UserAgent'), wrap(where(['ExtendedProperties'], 'Name', 'UserAgent', path('Value'))), at('ClientInfoString')),
    objectId: firstOf(at('ObjectId'), at('OfficeObjectId')),
    sessionId: firstOf(context('AADSessionId'), at('SessionId')), uti: context('UniqueTokenId'), issuedAt: context('IssuedAtTime'),
    owner: at('MailboxOwnerUPN'), fileBytes: firstOf(at('FileSizeBytes'), at('FileSize')), itemType: at('ItemType'),
    /** Beside the record in an export. */
    exportId: path('Identity'),
  };
};
const fields = fieldsWith((inner) => inner);
const exportFields = fieldsWith((inner) => jsonIn(['AuditData'], inner));
type Found = Values<typeof fields>;

const types = table<readonly string[]>({ logged: ['start'], failed: ['denied'], other: ['access'] });
const categories = table<readonly string[]>({ AzureActiveDirectory: ['iam'], Exchange: ['email'], other: ['file'] });
const logins: readonly string[] = ['authentication'];
/** Operations that send the named file to the caller. */
const downloads: ReadonlySet<string> = new Set(['FileDownloaded', 'FileSyncDownloadedFull', 'FileSyncDownloadedPartial']);

function normalize(found: Found, context: NormalizeContext): Normalized {
  const timeMs = instant(found.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An audit record has no CreationTime.');
  const organization = text(found.organization);
  const issuer = entraIssuer(organization, context);
  const event = microsoftEvent(id, 'm365', timeMs, null, context);
  const operation = text(found.operation)!;
  const workload = text(found.workload);
  event.id = text(found.id) ?? '';
  event.action = operation;
  event.category = isLogin(operation) ? logins : categories[workload ?? ''] ?? categories['other']!;
  event.vantage = context.source.vantage ?? (isLogin(operation) ? 'iam' : 'resource');
  event.organization = organization;
  event.service = workload;
  event.outcome = outcomeOf(found, operation);
  event.type = event.outcome === 'failure' ? types['failed']! : isLogin(operation) ? types['logged']! : types['other']!;
  event.code = event.outcome === 'failure' ? text(found.logonError) ?? text(found.result) : null;
  event.userAgent = shortText(found.agent, 2048);
  event.resourceId = withoutQuery(text(found.objectId));
  event.resourceKind = event.resourceId === null ? null : text(found.itemType)?.toLowerCase() ?? workload?.toLowerCase() ?? 'object';
  event.authenticated = operation === 'UserLoginFailed' ? false : event.outcome === 'failure' ? null : true;
  fromAddress(event, found.address);
  if (downloads.has(operation)) event.bytesOut = count(found.fileBytes);
  describeCaller(event, found, issuer);
  describeToken(event, found, issuer, context);
  return event;
}

/** Objects may be addresses, whose query shares them with whoever has it. */
function withoutQuery(object: string | null): string | null {
  return object?.includes('://') === true ? object.split(/[?#]/, 1)[0]! : object;
}

function isLogin(operation: string): boolean {
  return operation.startsWith('UserLog') || operation.endsWith('TeamsSessionStarted') || operation === 'MailboxLogin';
}

/**
 * A failed sign-in may say `Success`, which is about writing the record. Exchange writes `True` and `False`; SharePoint, OneDrive and Teams
 * write what was done, and no result.
 */
function outcomeOf(found: Found, operation: string): 'success' | 'failure' | 'unknown' {
  if (operation === 'UserLoginFailed' || text(found.logonError) !== null) return 'failure';
  const result = text(found.result)?.toLowerCase();
  if (result === undefined) return 'success';
  if (result === 'failed' || result === 'false' || result === 'failure') return 'failure';
  return result === 'success' || result === 'succeeded' || result === 'true' || result === 'partiallysucceeded' ? 'success' : 'unknown';
}

/** Codes of `UserType` for what is nobody's account: Microsoft's own administrators and systems. */
const provider: ReadonlySet<string> = new Set(['3', '4', '7', '8', 'DcAdmin', 'DCAdmin', 'System', 'CustomPolicy', 'SystemPolicy']);
const applications: ReadonlySet<string> = new Set(['5', '6', 'Application', 'ServicePrincipal']);

/** By object id where the record has it; else by the name, unless the token will tell. */
function describeCaller(event: TokenEvent, found: Found, issuer: string): void {
  const type = text(found.userType) ?? '';
  const name = text(found.userId);
  const key = text(found.userKey);
  const isApp = applications.has(type) || name?.startsWith('ServicePrincipal_') === true;
  event.userName = name;
  event.userEmail = name?.includes('@') === true ? name : null;
  if (provider.has(type) && !isApp) {
    calledBy(event, issuer, name, 'provider', name);
    return;
  }
  const oid = isGuid(key) ? key : isGuid(name) ? name : name?.startsWith('ServicePrincipal_') === true ? text(name.slice(17)) : null;
  event.userId = oid;
  if (oid === null && text(found.uti) !== null) return;
  const owner = text(found.owner);
  if (owner !== null && owner !== name) event.effectiveUserName = owner;
  calledBy(event, issuer, oid ?? name, isApp ? 'client' : 'human', name);
}

function describeToken(event: TokenEvent, found: Found, issuer: string, context: NormalizeContext): void {
  const session = text(found.sessionId);
  const sessionFingerprint = session === null ? null : tokenId(context, issuer, 'session', session);
  presented(event, issuer, text(found.uti), 'jwt', context);
  if (event.token !== null) {
    event.parent = sessionFingerprint;
    event.issuedAtMs = instant(found.issuedAt);
  } else if (sessionFingerprint !== null) {
    event.token = sessionFingerprint;
    event.tokenHandle = session;
    event.tokenKind = 'session';
    event.tokenIssuer = issuer;
  }
  if (event.token !== null) event.lifecycle = event.outcome === 'failure' ? 'refused' : 'used';
}

export const m365UnifiedAudit = defineFormat({
  id,
  title: 'Microsoft 365 unified audit log',
  describe: 'Unified audit log of Microsoft 365 (schema: Office 365 Management Activity API), by that API, from Log Analytics (OfficeActivity) or as exported '
    + 'with AuditData.',
  vantage: 'resource',
  repeats: true,
  notes: [
    'Only authenticated calls are logged, but for UserLoginFailed, which is a refusal whatever ResultStatus says.',
    'AppAccessContext.UniqueTokenId is the claim uti of the access token, which the Entra sign-in issued; AADSessionId is its session: '
    + 'nothing has to be added to tie uses to tokens.',
    'Bytes are known only of downloaded files (FileSizeBytes), of their content.',
    'Callers of Microsoft itself (UserType system, DcAdmin) have the identity kind provider.',
    'People are known by their object id where UserKey is one, by their token where one is named, else by their sign-in name.',
  ],
  shapes: [
    shape({
      kind: 'json', fields, normalize,
      recognize: (values) => text(values.operation) !== null && values.recordType !== null && values.organization !== null
        && (values.userKey !== null || values.userId !== null),
    }),
    shape({
      kind: 'json', fields: exportFields, normalize,
      recognize: (values) => values.exportId !== null && text(values.operation) !== null && values.recordType !== null,
    }),
  ],
});
