import type { IdentityKind, TokenEvent } from '../../../model/event.ts';
import { configuredIssuer, tokenId } from '../../token-id.ts';
import { count, hostOnly, instant, pathOnly, shortText, text, useOf } from '../../values.ts';
import { isAmbiguousRefusal, refusesAction, refusesCredential } from '../aws/aws-cloudtrail-tables.ts';
import { api, auditEvent, authentication, calledBy, fromAddress, iam, presented, typeOfVerb } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value } from '../format.ts';
import { outcomeOf, routeOf, webAccess } from '../gateway.ts';
import { ocsfFields, type OcsfFields } from './ocsf-fields.ts';

const id = 'ocsf';
/** The classes that say who did what, with their numbers. */
const accountChange = 3001, signIn = 3002, httpActivity = 4002, apiActivity = 6003;
const classes: ReadonlySet<Value> = new Set([accountChange, signIn, httpActivity, apiActivity]);

function recognize({ classUid, time, version, product, uid }: OcsfFields): boolean {
  return classes.has(count(classUid)) && time !== null && (version !== null || product !== null || uid !== null);
}

function normalize(values: OcsfFields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.start, context.source.timezone) ?? instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'An OCSF event has no time.');
  const kind = count(values.classUid)!;
  const vendor = text(values.vendor);
  const event = auditEvent(id, vendor?.toLowerCase() ?? 'ocsf', timeMs, kind === httpActivity ? 'gateway' : kind === apiActivity ? 'resource' : 'iam', context);
  const endMs = instant(values.end, context.source.timezone);
  event.endMs = endMs !== null && endMs >= timeMs ? endMs : null;
  event.id = text(values.uid) ?? '';
  event.provider = text(values.product) ?? event.provider;
  describeOutcome(event, values);
  describeCall(event, values, kind);
  describeCaller(event, values, kind, context);
  return event;
}

function describeOutcome(event: TokenEvent, values: OcsfFields): void {
  const statusId = count(values.statusId);
  const code = count(values.code);
  event.status = code !== null && code >= 100 && code <= 599 ? code : null;
  event.outcome = statusId === 1 ? 'success' : statusId === 2 ? 'failure' : outcomeOf(event.status);
  if (event.outcome !== 'failure') return;
  event.code = text(values.error) ?? text(values.statusCode);
  event.reason = shortText(values.errorMessage) ?? shortText(values.statusDetail);
}

function describeCall(event: TokenEvent, values: OcsfFields, kind: number): void {
  const activity = text(values.activity);
  event.action = kind === httpActivity ? null : text(values.operation) ?? text(values.eventCode) ?? activity;
  event.category = kind === signIn ? authentication : kind === accountChange ? iam : kind === httpActivity ? webAccess : api;
  event.type = kind === signIn ? ['start'] : kind === httpActivity ? ['access'] : typeOfVerb(activity ?? event.action ?? '');
  event.service = text(values.service);
  event.method = text(values.method);
  event.urlPath = pathOnly(values.urlPath);
  event.urlDomain = hostOnly(values.host);
  event.requestId = text(values.requestId);
  event.userAgent = text(values.userAgent);
  event.responseBytes = event.bytesOut = count(values.bytes);
  event.cloudProvider = text(values.provider)?.toLowerCase() ?? null;
  event.cloudAccount = text(values.account);
  event.cloudRegion = text(values.region);
  event.organization = text(values.organization);
  fromAddress(event, values.address);
  if (event.sourceIp !== null) event.sourcePort = count(values.port) ?? event.sourcePort;
  event.resourceId = text(values.resource) ?? (kind === httpActivity ? routeOf(event.urlDomain, event.urlPath) : null);
  event.resourceKind = text(values.resourceType) ?? (event.resourceId === null || kind !== httpActivity ? null : 'route');
}

/** In a sign-in `user` is who comes; elsewhere it is who is acted upon. */
function describeCaller(event: TokenEvent, values: OcsfFields, kind: number, context: NormalizeContext): void {
  const isSubject = kind === signIn && values.actorId === null && values.actorName === null;
  event.userId = text(isSubject ? values.userId : values.actorId);
  event.userName = text(isSubject ? values.userName : values.actorName);
  event.userEmail = text(isSubject ? values.userEmail : values.actorEmail);
  if (!isSubject) {
    event.targetUserId = text(values.userId);
    event.targetUserName = text(values.userName);
  }
  const issuer = issuerOf(event, values, context);
  const typeId = count(isSubject ? values.userTypeId : values.actorTypeId);
  calledBy(event, issuer, event.userId ?? event.userName, kindOf(typeId), event.userName ?? event.userEmail);
  if (issuer === 'aws') describeAws(event, text(values.actorAccount) ?? event.cloudAccount);
  describeToken(event, values, issuer, context);
  event.authenticated = verdictOf(event, kind, issuer);
  const isRefused = event.authenticated === false || event.status === 403 || event.code !== null && refusesAction(event.code);
  event.lifecycle = event.token === null ? null : useOf(event.tokenKind, isRefused);
}

function issuerOf(event: TokenEvent, values: OcsfFields, context: NormalizeContext): string {
  if (event.module === 'aws' || event.module === 'amazon') return 'aws';
  return configuredIssuer(context.source) ?? text(values.sessionIssuer) ?? event.module ?? 'ocsf';
}

function kindOf(typeId: number | null): IdentityKind {
  return typeId === 3 || typeId === 4 ? 'service' : 'unknown';
}

/** As CloudTrail names the same caller: the account and the unique id of the user or role. */
function describeAws(event: TokenEvent, account: string | null): void {
  const uniqueId = event.userId?.split(':', 1)[0];
  if (account === null || uniqueId === undefined || !/^A[A-Z0-9]{15,127}$/.test(uniqueId)) return;
  event.identityId = `aws:${account}:${uniqueId}`;
  event.identityKind = uniqueId.startsWith('AROA') ? 'role' : 'service';
}

function describeToken(event: TokenEvent, values: OcsfFields, issuer: string, context: NormalizeContext): void {
  const credential = text(values.credential) ?? text(values.userCredential);
  const session = text(values.sessionId);
  const kind = credential?.startsWith('ASIA') === true ? 'temporary_key' : credential?.startsWith('AKIA') === true ? 'access_key' : 'opaque';
  presented(event, issuer, credential, kind, context);
  if (event.token === null && session !== null) {
    event.token = tokenId(context, issuer, 'session', session);
    event.tokenHandle = session;
    event.tokenKind = 'session';
    event.tokenIssuer = issuer;
  }
  if (event.token === null) return;
  event.issuedAtMs = instant(values.sessionCreated);
  event.expiresAtMs = instant(values.sessionExpires);
}

/** A sign-in is a verdict. Of other events only AWS' are known to name a caller after the check. */
function verdictOf(event: TokenEvent, kind: number, issuer: string): boolean | null {
  if (event.status === 401) return false;
  if (kind === signIn) return event.outcome === 'unknown' ? null : event.outcome === 'success';
  if (issuer !== 'aws') return null;
  if (event.code !== null && refusesCredential(event.code)) return false;
  return event.identityId === null || event.code !== null && isAmbiguousRefusal(event.code) ? null : true;
}

export const ocsf = defineFormat({
  id,
  title: 'Open Cybersecurity Schema Framework',
  describe: 'OCSF events (schema.ocsf.io) of the classes API Activity, Authentication, Account Change and HTTP Activity, as in Security Lake.',
  vantage: 'resource',
  repeats: true,
  notes: [
    'Authentication events are the verdict by status_id; 401 is false. Of other classes only those of AWS are taken for checked, by the error '
      + 'as in aws.cloudtrail.',
    'The token is credential_uid of the user or session, else the session\'s uid, under aws, the source\'s only configured issuer, the session\'s issuer, '
      + 'or the vendor. Let the mapper fill actor.user.credential_uid with the access key id or jti.',
    'Bytes are http_response.length (whether headers count is the mapper\'s choice), else traffic.bytes_out.',
  ],
  shapes: [shape({ kind: 'json', fields: ocsfFields, recognize, normalize })],
});
