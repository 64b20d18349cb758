import { emptyEvent, type TokenEvent } from '../../../model/event.ts';
import { parseAddress } from '../../address.ts';
import { path } from '../../paths.ts';
import { count, flag, hostOnly, instant, shortText, text } from '../../values.ts';
import { cloudtrailFields, inColumns, within, type CloudtrailFields } from './aws-cloudtrail-fields.ts';
import { kindOfSubject } from '../subject.ts';
import { principalOf, type Caller } from './aws-cloudtrail-identity.ts';
import { natureOf, refusesAction, resourceKind, serviceOf } from './aws-cloudtrail-tables.ts';
import { targetAccountOf } from './aws-cloudtrail-target.ts';
import { describeIssue, describeToken } from './aws-cloudtrail-token.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized } from '../format.ts';

const id = 'aws.cloudtrail';
function recognize(values: CloudtrailFields): boolean {
  const { eventName, eventSource } = values;
  if (typeof eventName !== 'string' || typeof eventSource !== 'string' || eventName === '' || eventSource === '') return false;
  return values.eventVersion !== null || values.eventType !== null || values.region !== null;
}

function normalize(values: CloudtrailFields, context: NormalizeContext): Normalized {
  const category = values.eventCategory;
  if (category === 'Insight' || category === 'NetworkActivity') return 'ignore';
  const timeMs = instant(values.eventTime, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A CloudTrail record has neither eventTime nor @timestamp.');
  const event = emptyEvent(id, timeMs);
  const caller = new RecordedCaller(values);
  event.vantage = context.source.vantage ?? 'resource';
  describeCall(event, values);
  describeCaller(event, values, caller);
  describeToken(event, values, caller, context);
  describeIssue(event, values, caller, context);
  describeResource(event, values);
  event.targetAccount = targetAccountOf(values);
  return event;
}

/** `<eventId>`, `****`, or a UUID's shape in x or 0 alone. */
const placeholder = /[<*]|^[x0-]+$/i;

function describeCall(event: TokenEvent, values: CloudtrailFields): void {
  const eventSource = values.eventSource as string;
  const eventName = values.eventName as string;
  const errorCode = text(values.errorCode);
  const bytes = count(values.bytesOut);
  const address = parseAddress(text(values.sourceAddress));
  const nature = natureOf(eventSource, eventName, errorCode !== null && refusesAction(errorCode));
  event.id = exactId(text(values.eventId));
  event.module = event.cloudProvider = 'aws';
  event.provider = event.service = eventSource;
  event.action = eventName;
  event.category = nature.category;
  event.type = nature.type;
  event.outcome = errorCode !== null || values.consoleLogin === 'Failure' ? 'failure' : 'success';
  event.code = errorCode;
  event.reason = event.outcome === 'failure' ? reasonOf(shortText(values.errorMessage)) : null;
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.privatePath = text(values.endpoint);
  event.userAgent = text(values.userAgent);
  event.requestId = text(values.requestId);
  event.responseBytes = event.bytesOut = bytes;
  event.urlDomain = hostOnly(values.host);
  event.cloudAccount = text(values.account);
  event.cloudRegion = text(values.region);
}

/** In edited logs a placeholder stands for the id, the same for many records: that is no id. */
function exactId(given: string | null): string {
  return given === null || placeholder.test(given) ? '' : given;
}

/** Without the sealed blob that EC2 appends: nobody can read it here. */
function reasonOf(message: string | null): string | null {
  const blob = message?.indexOf(' Encoded authorization failure message:') ?? -1;
  return message === null || blob < 0 ? message : text(message.slice(0, blob));
}

/** The caller of the record at hand, read where it is asked for: most kinds of caller need few of these. */
class RecordedCaller implements Caller {
  readonly #values: CloudtrailFields;
  constructor(values: CloudtrailFields) { this.#values = values; }
  get type() { return text(this.#values.type); }
  get principalId() { return text(this.#values.principalId); }
  get arn() { return text(this.#values.arn); }
  get account() { return text(this.#values.callerAccount); }
  get userName() { return text(this.#values.userName); }
  get invokedBy() { return text(this.#values.invokedBy); }
  get provider() { return text(this.#values.identityProvider); }
  get issuerPrincipalId() { return text(this.#values.issuerPrincipalId); }
  get issuerArn() { return text(this.#values.issuerArn); }
  get issuerName() { return text(this.#values.issuerName); }
  get onBehalfOf() { return text(this.#values.onBehalfOf); }
  get isPerson() {
    const { eventType, fromConsole, mfa } = this.#values;
    return eventType === 'AwsConsoleSignIn' || eventType === 'AwsConsoleAction' || flag(fromConsole) === true || flag(mfa) === true;
  }
}

function describeCaller(event: TokenEvent, values: CloudtrailFields, caller: Caller): void {
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
  event.workloadKind = kindOfSubject(workload) ?? (workload.startsWith('i-') ? 'instance' : 'function');
  event.workloadEvidence = 'event';
}

/**
 * What AWS itself vouches for: the instance it delivered the credentials to, the function they were made for, the pod's service account.
 * Session names alone are the caller's own words.
 */
function workloadOf(values: CloudtrailFields, caller: Caller): string | null {
  if (values.ec2Delivery !== null) {
    const name = caller.principalId?.split(':', 2)[1];
    if (name?.startsWith('i-') === true) return name;
  }
  if (caller.type === 'WebIdentityUser' && caller.userName !== null && kindOfSubject(caller.userName) !== null) return caller.userName;
  return text(values.issuedTo);
}

function describeResource(event: TokenEvent, values: CloudtrailFields): void {
  const service = serviceOf(event.provider as string);
  const isSecond = values.resource1Type === 'AWS::S3::Bucket' && values.resource0Type !== 'AWS::S3::Bucket';
  const listed = isSecond ? values.resource1 : values.resource0;
  const named = text(listed) ?? requested(service, values);
  if (named === null) return;
  event.resourceId = named.startsWith('arn:') ? named : `aws:${event.cloudAccount ?? ''}:${service}:${named}`;
  event.resourceKind = service === 'ec2' && listed === null ? 'instance' : resourceKind(service);
}

/** The object that the caller asked for, where the record lists no resource. */
function requested(service: string, values: CloudtrailFields): string | null {
  switch (service) {
    case 's3': { const bucket = text(values.bucket); return bucket === null ? null : `arn:aws:s3:::${bucket}`; }
    case 'secretsmanager': return text(values.secretId);
    case 'dynamodb': return text(values.table);
    case 'lambda': return text(values.functionName);
    case 'ssm': return text(values.parameter);
    case 'kms': return text(values.keyId);
    case 'sts': return text(values.role);
    case 'ec2': return text(values.instance);
    default: return null;
  }
}

export const awsCloudtrail = defineFormat({
  id,
  title: 'AWS CloudTrail',
  describe: 'Records of AWS CloudTrail (user guide: CloudTrail record contents), in S3 files, EventBridge, CloudWatch Logs, LookupEvents, Lake, Athena.',
  vantage: 'resource',
  repeats: true,
  notes: [
    'The record itself is the verdict on the signature; error codes that refuse the credential make it false, AccessDenied does not.',
    'Bytes are additionalEventData.bytesTransferredOut, which S3 data events carry; headers are not counted.',
    'An IAM user is taken for a service unless the call came from a console session or with MFA.',
    'GetWebIdentityToken issues a JWT, named by its jti under the source\'s issuer at tokens.sts.global.api.aws: configure that URL in issuers,',
    'beside aws, and a gateway that logs iss and jti sees the same token. Nothing else has to be added: calls are tied by the access key id.',
    'The resource of an S3 object call is its bucket. Insight, network activity and digest records are ignored.',
  ],
  shapes: [
    shape({ kind: 'json', fields: cloudtrailFields, recognize, normalize }),
    shape({ kind: 'json', fields: within('CloudTrailEvent'), recognize, normalize }),
    shape({ kind: 'json', fields: inColumns(), recognize, normalize }),
    shape({
      kind: 'json', fields: { start: path('digestStartTime'), bucket: path('digestS3Bucket') },
      recognize: (values) => values.start !== null && values.bucket !== null,
      normalize: () => 'ignore',
    }),
  ],
});
