import { table } from '../../values.ts';
/** What CloudTrail's words mean for an event: tables and pure readers that the `aws.cloudtrail` format goes by. */

/**
 * Error codes with which AWS refuses the credential itself; EC2 puts `Client.` before them.
 * `AuthFailure` is left out: EC2 uses it for missing rights too.
 */
const refusedCredential: ReadonlySet<string> = new Set([
  'InvalidClientTokenId', 'UnrecognizedClientException', 'SignatureDoesNotMatch', 'InvalidSignatureException', 'IncompleteSignature',
  'IncompleteSignatureException', 'InvalidAccessKeyId', 'ExpiredToken', 'ExpiredTokenException', 'InvalidToken', 'InvalidTokenException',
  'TokenRefreshRequired', 'MissingAuthenticationToken', 'MissingAuthenticationTokenException', 'RequestExpired', 'RequestTimeTooSkewed',
  'InvalidSecurity', 'InactiveAccessKey', 'IDPRejectedClaim', 'InvalidIdentityToken',
]);

/** Error codes that mean missing rights of a caller who was known. */
const refusedAction = /^(?:Client\.)?(?:AccessDenied|Unauthorized|NotAuthorized|VpceAccessDenied|OptInRequired)/;

export function refusesCredential(errorCode: string): boolean {
  return refusedCredential.has(errorCode.startsWith('Client.') ? errorCode.slice(7) : errorCode);
}
export function refusesAction(errorCode: string): boolean {
  return refusedAction.test(errorCode);
}
/** EC2 says `AuthFailure` both for unknown credentials and for missing rights. */
export function isAmbiguousRefusal(errorCode: string): boolean {
  return errorCode === 'AuthFailure' || errorCode === 'Client.AuthFailure';
}

interface Nature { readonly category: readonly string[]; readonly type: readonly string[] }
const nature = (category: string, ...type: string[]): Nature => ({ category: [category], type });
const signIn = nature('authentication', 'start');
const signInOther = nature('authentication', 'info');
const iam = {
  access: nature('iam', 'info'), creation: nature('iam', 'creation'), deletion: nature('iam', 'deletion'), change: nature('iam', 'change'),
};
const api = {
  access: nature('api', 'access'), creation: nature('api', 'creation'), deletion: nature('api', 'deletion'),
  change: nature('api', 'change'),
};
const denied = nature('api', 'denied');
const issuesCredentials = /^(?:AssumeRole|GetSessionToken|GetFederationToken)/;
const verbs: readonly (readonly [keyof typeof api, RegExp])[] = [
  ['creation', /^(?:Create|Run|Allocate|Register|Import|Copy|Issue|Request)/],
  ['deletion', /^(?:Delete|Remove|Terminate|Release|Deregister|Purge)/],
  ['change', /^(?:Put|Update|Modify|Attach|Detach|Associate|Disassociate|Add|Set|Enable|Disable|Start|Stop|Change|Tag|Untag)/],
  ['change', /^(?:Authorize|Revoke|Reset|Restore|Reboot)/],
];

/** Natures by service and name. The number of API calls is bounded, and so is what is remembered: the names come from outside. */
const natures = new Map<string, Map<string, Nature>>();
const maxServices = 512;
const maxNames = 1024;

/** ECS category and type of a call. */
export function natureOf(eventSource: string, eventName: string, isDenied: boolean): Nature {
  let names = natures.get(eventSource);
  if (names === undefined) {
    names = new Map();
    if (natures.size < maxServices) natures.set(eventSource, names);
  }
  let found = names.get(eventName);
  if (found === undefined) {
    found = judge(eventSource, eventName);
    if (names.size < maxNames) names.set(eventName, found);
  }
  return isDenied && found.category[0] === 'api' ? denied : found;
}

function judge(eventSource: string, eventName: string): Nature {
  if (eventSource === 'signin.amazonaws.com') return eventName === 'ConsoleLogin' ? signIn : signInOther;
  if (eventSource === 'sts.amazonaws.com') return issuesCredentials.test(eventName) ? signIn : signInOther;
  const family = eventSource === 'iam.amazonaws.com' ? iam : api;
  for (const [kind, pattern] of verbs) {
    if (pattern.test(eventName)) return family[kind];
  }
  return family.access;
}

/** Kinds of the objects whose ARN stands among a record's resources. */
const resourceKinds = table<string>({
  s3: 'bucket', secretsmanager: 'secret', dynamodb: 'table', kms: 'key', lambda: 'function', iam: 'principal', sts: 'role',
  ssm: 'parameter',
  rds: 'database', sqs: 'queue', sns: 'topic', ecr: 'repository', logs: 'log_group',
});

export function serviceOf(eventSource: string): string {
  const dot = eventSource.indexOf('.');
  return dot > 0 ? eventSource.slice(0, dot) : eventSource;
}
export function resourceKind(service: string): string | null {
  return resourceKinds[service] ?? null;
}

/** An id that AWS gave: 16 to 128 capitals and digits. Masked ones (`AKIA****`) and placeholders are none. */
export function isUniqueId(id: string): boolean {
  if (id.length < 16 || id.length > 128) return false;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    if (!(code >= 48 && code <= 57 || code >= 65 && code <= 90)) return false;
  }
  return true;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const stsTime = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d{2}):(\d{2})\s([AP])M$/;

/** `Jul 10, 2023, 12:09:47 PM`, as STS writes expirations into its responses: UTC, epoch ms. */
export function parseStsTime(value: string | null): number | null {
  const parts = value === null || value.length > 40 ? null : stsTime.exec(value);
  if (parts === null) return null;
  const month = months.indexOf(parts[1]!);
  const hour = Number(parts[4]) % 12 + (parts[7] === 'P' ? 12 : 0);
  return month < 0 ? null : Date.UTC(Number(parts[3]), month, Number(parts[2]), hour, Number(parts[5]), Number(parts[6]));
}
