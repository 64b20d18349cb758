import { emptyEvent, type TokenEvent } from '../../model/event.ts';
import { parseAddress } from '../address.ts';
import { firstOf, jsonIn, path, type Path } from '../paths.ts';
import { tokenId } from '../token-id.ts';
import { count, flag, hostOnly, instant, shortText, text } from '../values.ts';
import { assumedPrincipal, isAnonymous, principalOf, type Caller } from './aws-cloudtrail-identity.ts';
import {
  isAmbiguousRefusal, isUniqueId, natureOf, parseStsTime, refusesAction, refusesCredential, resourceKind, serviceOf,
} from './aws-cloudtrail-tables.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Value, type Values } from './format.ts';

const id = 'aws.cloudtrail';
const issuer = 'aws';
const user = (...keys: string[]) => path('userIdentity', ...keys);
const session = (...keys: string[]) => path('userIdentity', 'sessionContext', ...keys);
const asked = (key: string) => path('requestParameters', key);
const answered = (...keys: string[]) => path('responseElements', ...keys);

const fields = {
  eventTime: firstOf(path('eventTime'), path('@timestamp')),
  eventVersion: path('eventVersion'), eventId: path('eventID'), eventName: path('eventName'), eventSource: path('eventSource'),
  eventType: path('eventType'), eventCategory: path('eventCategory'), region: path('awsRegion'), sourceAddress: path('sourceIPAddress'),
  userAgent: path('userAgent'), errorCode: path('errorCode'), errorMessage: path('errorMessage'), requestId: path('requestID'),
  account: path('recipientAccountId'), fromConsole: path('sessionCredentialFromConsole'), host: path('tlsDetails', 'clientProvidedHostHeader'),
  type: user('type'), principalId: user('principalId'), arn: user('arn'), callerAccount: user('accountId'), accessKeyId: user('accessKeyId'),
  userName: user('userName'), invokedBy: user('invokedBy'), identityProvider: user('identityProvider'), onBehalfOf: user('onBehalfOf', 'userId'),
  issuedTo: user('inScopeOf', 'credentialsIssuedTo'),
  issuerPrincipalId: session('sessionIssuer', 'principalId'), issuerArn: session('sessionIssuer', 'arn'), issuerName: session('sessionIssuer', 'userName'),
  sessionCreated: session('attributes', 'creationDate'), mfa: session('attributes', 'mfaAuthenticated'), ec2Delivery: session('ec2RoleDelivery'),
  bytesOut: path('additionalEventData', 'bytesTransferredOut'),
  resource0: path('resources', '0', 'ARN'), resource0Type: path('resources', '0', 'type'),
  resource1: path('resources', '1', 'ARN'), resource1Type: path('resources', '1', 'type'),
  bucket: asked('bucketName'), secretId: asked('secretId'), table: asked('tableName'), functionName: asked('functionName'), parameter: asked('name'),
  role: asked('roleArn'), targetUser: asked('userName'), targetKey: asked('accessKeyId'), targetStatus: asked('status'),
  newKeyId: firstOf(answered('credentials', 'accessKeyId'), answered('accessKey', 'accessKeyId')),
  newExpiration: answered('credentials', 'expiration'), newRoleId: answered('assumedRoleUser', 'assumedRoleId'),
  newRoleArn: answered('assumedRoleUser', 'arn'), newFederatedArn: answered('federatedUser', 'arn'), consoleLogin: answered('ConsoleLogin'),
};
type Fields = Values<typeof fields>;

function recognize(values: Fields): boolean {
  if (typeof values.eventName !== 'string' || typeof values.eventSource !== 'string') return false;
  return values.eventVersion !== null || values.eventType !== null || values.region !== null;
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const category = values.eventCategory;
  if (category === 'Insight' || category === 'NetworkActivity') return 'ignore';
  const timeMs = instant(values.eventTime, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A CloudTrail record has neither eventTime nor @timestamp.');
  const event = emptyEvent(id, timeMs);
  const caller = readCaller(values);
  event.vantage = context.source.vantage ?? 'resource';
  describeCall(event, values);
  describeCaller(event, values, caller);
  describeToken(event, values, caller, context);
  describeIssue(event, values, context);
  describeResource(event, values);
  return event;
}

function describeCall(event: TokenEvent, values: Fields): void {
  const eventSource = values.eventSource as string;
  const eventName = values.eventName as string;
  const errorCode = text(values.errorCode);
  const bytes = count(values.bytesOut);
  const address = parseAddress(text(values.sourceAddress));
  const nature = natureOf(eventSource, eventName, errorCode !== null && refusesAction(errorCode));
  event.id = text(values.eventId) ?? '';
  event.module = issuer;
  event.provider = event.service = eventSource;
  event.action = eventName;
  event.category = nature.category;
  event.type = nature.type;
  event.outcome = errorCode !== null || values.consoleLogin === 'Failure' ? 'failure' : 'success';
  event.code = errorCode;
  event.reason = event.outcome === 'failure' ? shortText(values.errorMessage) : null;
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.userAgent = text(values.userAgent);
  event.requestId = text(values.requestId);
  event.responseBytes = event.bytesOut = bytes;
  event.urlDomain = hostOnly(values.host);
  event.cloudProvider = issuer;
  event.cloudAccount = text(values.account);
  event.cloudRegion = text(values.region);
}

function readCaller(values: Fields): Caller {
  const isSignIn = values.eventType === 'AwsConsoleSignIn' || values.eventType === 'AwsConsoleAction';
  return {
    type: text(values.type), principalId: text(values.principalId), arn: text(values.arn), account: text(values.callerAccount),
    userName: text(values.userName), invokedBy: text(values.invokedBy), provider: text(values.identityProvider),
    issuerPrincipalId: text(values.issuerPrincipalId), issuerArn: text(values.issuerArn), issuerName: text(values.issuerName),
    onBehalfOf: text(values.onBehalfOf), isPerson: isSignIn || flag(values.fromConsole) === true || flag(values.mfa) === true,
  };
}

function describeCaller(event: TokenEvent, values: Fields, caller: Caller): void {
  const principal = principalOf(caller);
  event.identityId = principal.id;
  event.identityKind = principal.kind;
  event.identityName = principal.name;
  event.userId = caller.principalId;
  event.userName = caller.userName ?? caller.issuerName;
  event.targetUserName = event.provider === 'iam.amazonaws.com' ? text(values.targetUser) : null;
  const workload = workloadOf(values, caller);
  if (workload === null) return;
  event.workloadId = workload;
  event.workloadKind = workload.startsWith('i-') ? 'instance' : workload.startsWith('system:') ? 'kubernetes_service_account' : 'function';
  event.workloadEvidence = 'event';
}

/** What AWS itself vouches for: the instance it delivered the credentials to, the function they were made for, the pod's service account. Session names alone are the caller's own words. */
function workloadOf(values: Fields, caller: Caller): string | null {
  const name = caller.principalId?.split(':', 2)[1];
  if (values.ec2Delivery !== null && name?.startsWith('i-') === true) return name;
  if (caller.type === 'WebIdentityUser' && caller.userName?.startsWith('system:serviceaccount:') === true) return caller.userName;
  return text(values.issuedTo);
}

function describeToken(event: TokenEvent, values: Fields, caller: Caller, context: NormalizeContext): void {
  const keyId = text(values.accessKeyId);
  if (keyId !== null && isUniqueId(keyId)) {
    event.token = tokenId(context, issuer, 'plain', keyId);
    event.tokenHandle = keyId;
    event.tokenIssuer = issuer;
    event.tokenKind = keyId.startsWith('ASIA') ? 'temporary_key' : 'access_key';
    if (event.tokenKind === 'temporary_key') event.issuedAtMs = instant(values.sessionCreated);
  }
  event.authenticated = verdictOf(event, caller);
  if (event.token === null) return;
  const isRefused = event.authenticated === false || event.code !== null && (refusesAction(event.code) || isAmbiguousRefusal(event.code));
  event.lifecycle = isRefused ? 'refused' : 'used';
}

/** CloudTrail names a caller only after it checked the signature, so every record is a verdict, unless it says otherwise. */
function verdictOf(event: TokenEvent, caller: Caller): boolean | null {
  if (isAnonymous(caller)) return false;
  if (event.code !== null && refusesCredential(event.code)) return false;
  if (event.provider === 'signin.amazonaws.com' && event.outcome === 'failure') return false;
  if (event.code !== null && isAmbiguousRefusal(event.code)) return null;
  return caller.type === null && caller.invokedBy === null || caller.type === 'Unknown' ? null : true;
}

function describeIssue(event: TokenEvent, values: Fields, context: NormalizeContext): void {
  if (event.outcome !== 'success') return;
  const newKeyId = text(values.newKeyId);
  if (newKeyId !== null && isUniqueId(newKeyId)) {
    event.issued = tokenId(context, issuer, 'plain', newKeyId);
    event.issuedHandle = newKeyId;
    event.issuedKind = newKeyId.startsWith('ASIA') ? 'temporary_key' : 'access_key';
    event.issuedExpiresAtMs = parseStsTime(text(values.newExpiration)) ?? instant(values.newExpiration);
    event.issuedIdentityId = ownerOfNew(event, values);
    event.effectiveUserId = text(values.newRoleId);
    event.tokenIssuer = issuer;
    event.lifecycle = 'issued';
  } else if (event.action === 'DeleteAccessKey' || event.action === 'UpdateAccessKey' && values.targetStatus === 'Inactive') {
    const targetKey = text(values.targetKey);
    if (targetKey === null || !isUniqueId(targetKey)) return;
    const revoked = tokenId(context, issuer, 'plain', targetKey);
    if (revoked === event.token) event.lifecycle = 'revoked';
    else event.revoked = revoked;
  }
}

function ownerOfNew(event: TokenEvent, values: Fields): string | null {
  const assumed = assumedPrincipal(text(values.newRoleId), text(values.newRoleArn));
  if (assumed !== null) return assumed;
  if (values.newFederatedArn !== null) return text(values.newFederatedArn);
  const isOwn = event.action === 'GetSessionToken' || event.action === 'CreateAccessKey' && (event.targetUserName === null || event.targetUserName === event.userName);
  return isOwn ? event.identityId : null;
}

function describeResource(event: TokenEvent, values: Fields): void {
  const service = serviceOf(event.provider as string);
  const listed = values.resource1Type === 'AWS::S3::Bucket' && values.resource0Type !== 'AWS::S3::Bucket' ? values.resource1 : values.resource0;
  const named = text(listed) ?? requested(service, values);
  if (named === null) return;
  event.resourceId = named.startsWith('arn:') ? named : `aws:${event.cloudAccount ?? ''}:${service}:${named}`;
  event.resourceKind = resourceKind(service);
}

/** The object that the caller asked for, where the record lists no resource. */
function requested(service: string, values: Fields): string | null {
  switch (service) {
    case 's3': { const bucket = text(values.bucket); return bucket === null ? null : `arn:aws:s3:::${bucket}`; }
    case 'secretsmanager': return text(values.secretId);
    case 'dynamodb': return text(values.table);
    case 'lambda': return text(values.functionName);
    case 'ssm': return text(values.parameter);
    case 'sts': return text(values.role);
    default: return null;
  }
}

/** The same fields inside the text that `LookupEvents` gives as `CloudTrailEvent`. */
function within(key: string): typeof fields {
  const moved = Object.entries(fields).map(([name, at]: [string, Path<Value>]) => [name, jsonIn([key], at)]);
  return Object.fromEntries(moved) as typeof fields;
}

export const awsCloudtrail = defineFormat({
  id,
  title: 'AWS CloudTrail',
  describe: 'Records of AWS CloudTrail (user guide: CloudTrail record contents), as they come in S3 files, EventBridge, CloudWatch Logs and LookupEvents.',
  vantage: 'resource',
  repeats: true,
  notes: [
    'The record itself is the verdict on the signature; error codes that refuse the credential make it false, AccessDenied does not.',
    'Bytes are additionalEventData.bytesTransferredOut, which S3 data events carry; headers are not counted.',
    'An IAM user is taken for a service unless the call came from a console session or with MFA.',
    'The resource of an S3 object call is its bucket. Insight, network activity and digest records are ignored.',
  ],
  shapes: [
    shape({ kind: 'json', fields, recognize, normalize }),
    shape({ kind: 'json', fields: within('CloudTrailEvent'), recognize, normalize }),
    shape({
      kind: 'json', fields: { start: path('digestStartTime'), bucket: path('digestS3Bucket') },
      recognize: (values) => values.start !== null && values.bucket !== null,
      normalize: () => 'ignore',
    }),
  ],
});
