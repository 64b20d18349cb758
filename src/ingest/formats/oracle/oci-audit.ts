import type { IdentityKind, TokenEvent } from '../../../model/event.ts';
import { instant, pathOnly, shortText, text } from '../../values.ts';
import { answered, api, auditEvent, authentication, calledBy, fromChain, iam, issuedToken, presented, revokedToken, typeOfVerb } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized } from '../format.ts';
import { ociAuditFields, ociAuditSecrets, type OciAuditFields, type OciAuditSecrets } from './oci-fields.ts';

const id = 'oci.audit';
const issuer = 'oci';

function recognize(values: OciAuditFields): boolean {
  if (values.logSource === 'OCI Audit Logs') return true;
  if (typeof values.type !== 'string' || !values.type.startsWith('com.oraclecloud.')) return false;
  return values.eventName !== null && (values.principalId !== null || values.principalName !== null || values.authType !== null
    || values.address !== null || values.requestId !== null || values.status !== null);
}

function normalize(values: OciAuditFields, context: NormalizeContext, secrets: OciAuditSecrets): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An OCI audit record has no time.');
  const event = auditEvent(id, 'oci', timeMs, 'resource', context);
  describeCall(event, values, context);
  describeCaller(event, values);
  describeToken(event, values, secrets, context);
  describeKeys(event, values, context);
  return event;
}

const identityServices = /identity/i;
const logins = /^(?:InteractiveLogin|Login|CreateSession|GetUserSession|sso\.|admin\.authentication)/i;

function describeCall(event: TokenEvent, values: OciAuditFields, context: NormalizeContext): void {
  const type = text(values.type) ?? '';
  const service = text(values.source) ?? type.split('.', 3)[2] ?? null;
  const action = text(values.eventName) ?? type;
  const responseMs = instant(values.responseTime);
  event.id = text(values.eventId) ?? '';
  event.provider = event.service = service;
  event.action = action;
  event.category = logins.test(action) ? authentication : identityServices.test(type) ? iam : api;
  event.type = logins.test(action) ? ['start'] : typeOfVerb(action);
  event.cloudProvider = 'oci';
  event.cloudAccount = text(values.tenant);
  event.cloudRegion = regionOf(text(values.resourceId));
  event.endMs = responseMs !== null && responseMs >= event.timeMs ? responseMs : null;
  answered(event, values.status);
  if (values.status === 'Success') event.outcome = 'success';
  else if (values.status === 'Failed') event.outcome = 'failure';
  event.reason = event.outcome === 'failure' ? shortText(values.message) : null;
  event.method = text(values.method);
  event.requestId = text(values.requestId);
  event.urlPath = pathOnly(values.path);
  event.userAgent = text(values.userAgent);
  event.resourceId = text(values.resourceId) ?? text(values.resourceName);
  event.resourceKind = event.resourceId === null ? null : kindOfOcid(event.resourceId);
  fromChain(event, text(values.address), context);
}

/** `ocid1.<kind>.<realm>.<region>.<unique id>`; older ids part their halves with two points and have no region. */
function kindOfOcid(resource: string): string | null {
  return resource.startsWith('ocid1.') ? text(resource.split('.', 2)[1]) : null;
}
function regionOf(resource: string | null): string | null {
  return resource?.startsWith('ocid1.') === true ? text(resource.split('.', 4)[3]) : null;
}

function describeCaller(event: TokenEvent, values: OciAuditFields): void {
  const principal = text(values.principalId);
  const name = text(values.principalName);
  event.userId = principal;
  event.userName = name;
  event.userEmail = name?.includes('@') === true && !name.includes('/') ? name : null;
  event.effectiveUserId = text(values.callerId);
  event.effectiveUserName = text(values.callerName);
  calledBy(event, issuer, principal ?? name, kindOf(principal, text(values.consoleSession)), name);
  event.authenticated = event.status === 401 || event.category === authentication && event.outcome === 'failure' ? false
    : event.identityId === null ? null : true;
}

function kindOf(principal: string | null, consoleSession: string | null): IdentityKind {
  if (principal === null) return 'unknown';
  if (principal.startsWith('ocid1.instance.') || principal.startsWith('ocid1.fnfunc.') || principal.startsWith('ocid1.workload')) return 'workload';
  if (principal.startsWith('ocid1.user.') || principal.startsWith('ocid1.saml2idp.')) return consoleSession === null ? 'service' : 'human';
  return principal.startsWith('ocid1.') ? 'service' : 'provider';
}

/** `<tenancy>/<user>/<fingerprint of the key>`: the id under which the key is deleted. Session tokens are known by their jti. */
function describeToken(event: TokenEvent, values: OciAuditFields, secrets: OciAuditSecrets, context: NormalizeContext): void {
  const credentials = text(values.credentials);
  if (credentials !== null && /^ocid1\.[\w.-]+\/ocid1\.[\w.-]+\/[0-9a-f]{2}(?::[0-9a-f]{2}){15,31}$/i.test(credentials)) {
    presented(event, issuer, credentials.slice(credentials.indexOf('/') + 1), 'api_key', context);
  } else if (credentials?.startsWith('ST$') === true) {
    const jti = secrets.credentials?.claims?.['jti'];
    presented(event, issuer, typeof jti === 'string' ? text(jti) : null, 'session', context);
    event.tokenKind = 'session';
  }
  if (event.token !== null) event.lifecycle = event.authenticated === false || event.status === 403 ? 'refused' : 'used';
}

function describeKeys(event: TokenEvent, values: OciAuditFields, context: NormalizeContext): void {
  const user = /\/users\/(ocid1\.user\.[\w.-]+)/.exec(event.urlPath ?? '')?.[1] ?? null;
  event.targetUserId = user;
  if (user === null) return;
  const owner = `${issuer}|${user}`;
  const fingerprint = text(values.newFingerprint) ?? text(values.newKeyId)?.split('/').at(-1) ?? null;
  const last = decoded(event.urlPath!.slice(event.urlPath!.lastIndexOf('/') + 1));
  if (event.action === 'UploadApiKey') issuedToken(event, issuer, fingerprint === null ? null : `${user}/${fingerprint}`, 'api_key', owner, context);
  else if (event.action === 'DeleteApiKey') revokedToken(event, issuer, last === null ? null : `${user}/${last}`, context);
  else if (/^Create(?:AuthToken|CustomerSecretKey|SmtpCredential|OAuthClientCredential)$/.test(event.action ?? '')) {
    issuedToken(event, issuer, text(values.newId), 'opaque', owner, context);
  } else if (/^Delete(?:AuthToken|CustomerSecretKey|SmtpCredential|OAuthClientCredential)$/.test(event.action ?? '')) {
    revokedToken(event, issuer, last, context);
  }
}

function decoded(segment: string): string | null {
  try {
    return text(decodeURIComponent(segment));
  } catch {
    return null;
  }
}

export const ociAudit = defineFormat({
  id,
  title: 'Oracle Cloud audit log',
  describe: 'Events of OCI Audit (documentation: Contents of an Audit Log Event): CloudEvents, under logContent, and flattened by Log Analytics.',
  vantage: 'resource',
  repeats: true,
  notes: [
    'A named principal is the verdict; 401 and failed logins are false, 403 and 404 refuse the action only.',
    'The token is the API key in data.identity.credentials (handle: user OCID and fingerprint), or the jti of a session token. Instances and '
      + 'functions sign without a key that is named.',
    'A user is taken for a service unless the call came from a console session.',
    'The log tells no bytes; for these use oci.apigateway, oci.flow or the access logs of Object Storage.',
    'Of Log Analytics both data.identity.ipAddress and the columns that people see (Principal Name, Source IP, Status) are read. '
      + 'Connector Hub to Streaming: source logGroupId _Audit_Include_Subcompartment.',
  ],
  shapes: [shape({ kind: 'json', fields: ociAuditFields, secrets: ociAuditSecrets, recognize, normalize })],
});
