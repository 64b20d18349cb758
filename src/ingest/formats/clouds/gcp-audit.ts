import type { IdentityKind, TokenEvent } from '../../../model/event.ts';
import { count, instant, shortText, text } from '../../values.ts';
import { kindOfSubject } from '../subject.ts';
import { api, auditEvent, authentication, calledBy, fromAddress, iam, issuedToken, presented, revokedToken, runsAs, typeOfVerb } from '../audit.ts';
import { describeFederation, subjectOf } from './gcp-federation.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized } from '../format.ts';
import { gcpFields, type GcpFields } from './gcp-audit-fields.ts';

const id = 'gcp.audit';
const issuer = 'gcp';
/** gRPC codes: who the caller is was not accepted; the caller may not do this. */
const unauthenticated = 16, permissionDenied = 7;
const anonymous = 'system:anonymous';

function recognize(values: GcpFields): boolean {
  if (values.type !== null) return typeof values.type === 'string' && values.type.endsWith('.AuditLog');
  return text(values.methodName) !== null && (text(values.serviceName) !== null || text(values.principalEmail) !== null);
}

function normalize(values: GcpFields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.timestamp, context.source.timezone) ?? instant(values.received) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Cloud Audit record has neither timestamp nor receiveTimestamp.');
  const event = auditEvent(id, issuer, timeMs, 'resource', context);
  const code = count(values.code);
  event.outcome = code === null || code === 0 ? 'success' : 'failure';
  event.code = event.outcome === 'failure' ? String(code) : null;
  event.reason = event.outcome === 'failure' ? shortText(values.message) : null;
  describeCall(event, values);
  describeCaller(event, values);
  presented(event, issuer, keyOf(text(values.keyName)), 'service_account_key', context);
  const isUnknown = code === unauthenticated || values.authority === anonymous || values.principalEmail === anonymous;
  event.authenticated = isUnknown ? false : event.identityId === null ? null : true;
  if (event.token !== null) event.lifecycle = code === permissionDenied || event.authenticated === false ? 'refused' : 'used';
  describeKeys(event, values, context);
  describeFederation(event, values, context);
  return event;
}

function describeCall(event: TokenEvent, values: GcpFields): void {
  const service = text(values.serviceName) ?? '';
  const method = text(values.methodName) ?? '';
  event.id = text(values.insertId) ?? '';
  event.service = text(values.serviceName);
  event.provider = event.service ?? issuer;
  event.action = text(values.methodName);
  event.category = categoryOf(service);
  event.type = typeOfVerb(method.slice(method.lastIndexOf('.') + 1));
  event.cloudProvider = issuer;
  event.cloudAccount = accountOf(text(values.logName)) ?? text(values.project);
  event.cloudRegion = text(values.location);
  event.requestId = text(values.operation);
  event.userAgent = text(values.userAgent);
  fromAddress(event, values.callerIp);
  event.privatePath = text(values.callerNetwork);
  if (values.delta === 'ADD' && (values.member === 'allUsers' || values.member === 'allAuthenticatedUsers')) event.targetAccount = '*';
  event.resourceId = containerOf(text(values.resourceName));
  event.resourceKind = event.resourceId === null ? null : service === 'secretmanager.googleapis.com' ? 'secret' : text(values.resourceType);
}

function categoryOf(service: string): readonly string[] {
  if (service === 'iam.googleapis.com') return iam;
  return service.endsWith('credentials.googleapis.com') || service === 'sts.googleapis.com' ? authentication : api;
}

/** `projects/X/logs/...` is the log of X; folders and organizations have logs too. */
function accountOf(logName: string | null): string | null {
  const end = logName?.indexOf('/logs/') ?? -1;
  if (logName === null || end < 0) return null;
  return logName.startsWith('projects/') ? logName.slice(9, end) : logName.slice(0, end);
}

/** Buckets and secrets, not their single objects and versions: few and stable. */
function containerOf(name: string | null): string | null {
  if (name === null) return null;
  const end = name.search(/\/(?:objects|versions)\//);
  return end < 0 ? name : name.slice(0, end);
}

function describeCaller(event: TokenEvent, values: GcpFields): void {
  const email = text(values.principalEmail);
  const principal = email ?? text(values.principalSubject) ?? text(values.authority);
  if (principal === anonymous) return;
  const behind = text(values.delegation?.[0]);
  event.userId = principal;
  event.userEmail = email?.includes('@') === true ? email : null;
  if (principal === null) return;
  calledBy(event, issuer, withoutType(principal), kindOf(principal), withoutType(principal));
  if (principal.startsWith('system:serviceaccount:')) runsAs(event, principal, 'kubernetes_service_account');
  const subject = subjectOf(behind ?? principal);
  const kind = subject === null ? null : kindOfSubject(subject);
  if (subject !== null && kind !== null) runsAs(event, subject, kind);
  if (behind === null) return;
  // Somebody used the service account's name: he is the caller, it is whom he acts as.
  event.userId = behind;
  event.userEmail = behind.includes('@') ? behind : null;
  event.effectiveUserId = principal;
}

/** `serviceAccount:a@b` and `user:a@b` are the same principal as `a@b`. */
function withoutType(principal: string): string {
  return /^(?:serviceAccount|user):/.test(principal) ? principal.slice(principal.indexOf(':') + 1) : principal;
}

const googlesOwn = /^(?:service-\d+@|\d+@cloudservices\.|system@google\.com$|system:(?!serviceaccount:))/;

function kindOf(principal: string): IdentityKind {
  const name = withoutType(principal);
  if (googlesOwn.test(name)) return 'provider';
  if (name.startsWith('system:serviceaccount:') || name.startsWith('principal')) return 'workload';
  if (name.endsWith('gserviceaccount.com')) return 'service';
  return name.includes('@') ? 'human' : 'unknown';
}

/** The key's own id at the end of `.../keys/<id>`, which stays when the account is named by its number instead. */
function keyOf(name: string | null): string | null {
  const at = name?.lastIndexOf('/keys/') ?? -1;
  return name === null || at < 0 ? null : text(name.slice(at + 6));
}

function describeKeys(event: TokenEvent, values: GcpFields, context: NormalizeContext): void {
  const method = event.action ?? '';
  const newName = text(values.newName);
  const target = text(values.target) ?? text(values.resourceName);
  if (/\bCreateServiceAccountKey$|\bUploadServiceAccountKey$/.test(method)) {
    issuedToken(event, issuer, keyOf(newName), 'service_account_key', accountOwning(newName), context);
    if (event.issued !== null) event.issuedExpiresAtMs = instant(values.newExpiry);
  } else if (/\bApiKeys\.CreateKey$/.test(method)) {
    issuedToken(event, issuer, keyOf(newName), 'api_key', null, context);
  } else if (/\b(?:Delete|Disable)ServiceAccountKey$|\bApiKeys\.DeleteKey$/.test(method)) {
    revokedToken(event, issuer, keyOf(target), context);
  } else if (event.category === authentication || event.category === iam) {
    event.targetUserId = target?.includes('/serviceAccounts/') === true ? target.slice(target.lastIndexOf('/') + 1) : null;
  }
}

/** The service account in `projects/P/serviceAccounts/<email>/keys/<id>`, where it is named by its address. */
function accountOwning(name: string | null): string | null {
  const owner = name?.split('/serviceAccounts/', 2)[1]?.split('/', 1)[0];
  return owner?.includes('@') === true ? `${issuer}|${owner}` : null;
}

export const gcpAudit = defineFormat({
  id,
  title: 'Google Cloud audit log',
  describe: 'Entries of Cloud Audit Logs (documentation: AuditLog, LogEntry) from sinks, Pub/Sub and gcloud: activity, data access, policy.',
  vantage: 'resource',
  repeats: true,
  notes: [
    'A named principal is the verdict: Google names it after the check. Code 16 and anonymous callers are false, code 7 is a refusal of the action.',
    'The token is the service account key, where authenticationInfo names one; its handle is the key id. Other access tokens have no id in the log.',
    'A caller from a workload identity pool is a session, named by its principal:// URI, as is a service account that it goes on as; the subject '
      + 'joins it to the token that another cloud or a CI job issued.',
    'With impersonation the service account is the identity and user.effective, the first of serviceAccountDelegationInfo is user.id.',
    'The log tells no bytes. Reads of data are logged only where Data Access audit logs are on: auditConfigs: '
      + '[{service: allServices, auditLogConfigs: [{logType: DATA_READ}, {logType: DATA_WRITE}]}] in the project\'s IAM policy.',
  ],
  shapes: [shape({ kind: 'json', fields: gcpFields, recognize, normalize })],
});
