import type { TokenEvent } from '../../../model/event.ts';
import { configuredIssuer } from '../../token-id.ts';
import { instant, text, texts } from '../../values.ts';
import { calledBy, issuedToken, presented, runsAs } from '../audit.ts';
import type { NormalizeContext } from '../format.ts';
import type { KubernetesFields, KubernetesSecrets } from './kubernetes-fields.ts';

const anonymous = 'system:anonymous';
const account = 'system:serviceaccount:';
/** The cluster's own parts, and those of the clouds that run it. */
const clustersOwn = /^(?:system:(?!serviceaccount:|anonymous$)|eks:|aks|gke-|masterclient$)/;

/** Fills the caller; returns the authority that mints the cluster's tokens. */
export function describeCaller(event: TokenEvent, values: KubernetesFields, context: NormalizeContext): string {
  const issuer = configuredIssuer(context.source) ?? 'kubernetes';
  const name = text(values.userName);
  event.userName = name;
  event.userId = text(values.userId);
  event.effectiveUserName = text(values.impersonated);
  event.authenticated = event.status === 401 || name === anonymous ? false : name === null ? null : true;
  if (name === null || name === anonymous) return issuer;
  event.roles = texts(values.groups);
  if (name.startsWith(account)) {
    calledBy(event, issuer, name, 'workload', name.slice(account.length));
    runsAs(event, name, 'kubernetes_service_account');
    return issuer;
  }
  const aws = awsIdentity(text(values.awsPrincipal), text(values.awsArn));
  calledBy(event, issuer, name, clustersOwn.test(name) ? 'provider' : 'unknown', name);
  if (aws !== null) {
    event.identityId = aws;
    event.identityKind = aws.includes(':AROA') ? 'role' : 'service';
  }
  return issuer;
}

/** As CloudTrail's records name the same caller: the account and the unique id of the user or role. */
function awsIdentity(principal: string | null, arn: string | null): string | null {
  const accountId = arn?.split(':', 5)[4];
  const uniqueId = principal?.split(':', 1)[0];
  return accountId === undefined || accountId === '' || uniqueId === undefined || !/^[A-Z0-9]{16,128}$/.test(uniqueId) ? null : `aws:${accountId}:${uniqueId}`;
}

/** `JTI=<id>` of a service account's token, `X509SHA256=<digest>` of a certificate; else the AWS key behind an EKS token. */
export function describeToken(event: TokenEvent, values: KubernetesFields, issuer: string, context: NormalizeContext): void {
  const credential = text(values.credential);
  const accessKey = text(values.accessKey);
  if (credential?.startsWith('JTI=') === true) presented(event, issuer, text(credential.slice(4)), 'kubernetes', context);
  else if (credential?.startsWith('X509SHA256=') === true) presented(event, issuer, text(credential.slice(11)), 'certificate', context);
  else if (accessKey !== null && /^[A-Z0-9]{16,128}$/.test(accessKey)) {
    presented(event, 'aws', accessKey, accessKey.startsWith('ASIA') ? 'temporary_key' : 'access_key', context);
  } else if (event.identityKind === 'workload') event.tokenKind = 'kubernetes';
  const pod = text(values.pod);
  if (event.token !== null && pod !== null) event.boundTo = `pod/${pod}`;
  if (event.token !== null) event.lifecycle = event.authenticated === false || event.status === 403 ? 'refused' : 'used';
  if (event.reason === null && values.stale !== null) event.reason = 'stale token: bound to be refreshed, and was not';
  else if (event.reason === null && values.legacy !== null) event.reason = 'legacy token: it never expires';
}

/** A TokenRequest that was granted: the new token by the annotation's id, else by the jti of the answer. */
export function describeIssue(
  event: TokenEvent, values: KubernetesFields, secrets: KubernetesSecrets, issuer: string, context: NormalizeContext,
): void {
  if (values.subresource !== 'token' || values.verb !== 'create' || event.outcome !== 'success') return;
  const credential = text(values.issuedCredential);
  const claims = secrets.newToken?.claims ?? null;
  const claimed = claims === null ? null : text(claims['jti'] as string | undefined);
  const jti = credential?.startsWith('JTI=') === true ? text(credential.slice(4)) : claimed;
  const owner = `${account}${text(values.namespace) ?? ''}:${text(values.name) ?? ''}`;
  event.targetUserName = owner;
  event.audience = texts(values.audiences);
  issuedToken(event, issuer, jti, 'kubernetes', `${issuer}|${owner}`, context);
  if (event.issued === null) return;
  event.offers = owner;
  event.linkIssuer = issuer.startsWith('https://') ? issuer : null;
  event.issuedExpiresAtMs = instant(values.expiration) ?? (claims === null ? null : instant(claims['exp'] as number | undefined));
  event.issuedAliases = secrets.newToken === null ? null : [secrets.newToken.sha256Fingerprint(issuer)];
}
