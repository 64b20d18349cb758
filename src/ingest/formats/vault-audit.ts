import { emptyEvent, type IdentityKind, type TokenEvent } from '../../model/event.ts';
import { parseAddress } from '../address.ts';
import { each, firstOf, path } from '../paths.ts';
import { configuredIssuer, tokenId } from '../token-id.ts';
import { count, instant, shortText, text, texts } from '../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type SecretView, type Values } from './format.ts';

const id = 'vault.audit';
const hashed = 'hmac-sha256:';
const auth = (...keys: string[]) => path('auth', ...keys);
const request = (...keys: string[]) => path('request', ...keys);
const issued = (...keys: string[]) => path('response', 'auth', ...keys);

const fields = {
  time: path('time'), type: path('type'), error: path('error'),
  accessor: firstOf(auth('accessor'), request('client_token_accessor')), entity: auth('entity_id'), displayName: auth('display_name'), policies: each(['auth', 'policies']),
  issueTime: auth('token_issue_time'), tokenType: auth('token_type'),
  roleName: firstOf(auth('metadata', 'role_name'), auth('metadata', 'role')), userName: auth('metadata', 'username'),
  serviceAccount: auth('metadata', 'service_account_name'), serviceAccountNamespace: auth('metadata', 'service_account_namespace'),
  requestId: request('id'), operation: request('operation'), path: request('path'), mountType: request('mount_type'), mountClass: request('mount_class'),
  namespace: request('namespace', 'path'), address: request('remote_address'), port: request('remote_port'),
  userAgent: request('headers', 'user-agent', '0'), revokedAccessor: request('data', 'accessor'),
  newAccessor: firstOf(issued('accessor'), path('response', 'wrap_info', 'wrapped_accessor')), newEntity: issued('entity_id'), newTtl: issued('token_ttl'),
  newDisplayName: issued('display_name'), newRoleName: firstOf(issued('metadata', 'role_name'), issued('metadata', 'role')), newPolicies: each(['response', 'auth', 'policies']),
};
/** Hashes by default, the tokens themselves where the audit device is set to log_raw. */
const secrets = { authToken: auth('client_token'), requestToken: request('client_token'), newToken: issued('client_token') };
type Fields = Values<typeof fields>;
type Secrets = { readonly [K in keyof typeof secrets]: SecretView | null };

function recognize(values: Fields): boolean {
  const type = values.type;
  return (type === 'request' || type === 'response') && values.requestId !== null && values.path !== null && values.operation !== null;
}

function normalize(values: Fields, context: NormalizeContext, tokens: Secrets): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Vault audit record has no time.');
  // The device tests itself so when it is enabled: nobody called.
  if (values.path === 'sys/audit/test' && values.address === null) return 'ignore';
  const event = emptyEvent(id, timeMs);
  const issuer = configuredIssuer(context.source) ?? 'vault';
  const requestPath = safePath(text(values.path) ?? '');
  const policies = texts(values.policies);
  event.vantage = context.source.vantage ?? 'resource';
  describeRequest(event, values, requestPath, issuer);
  describeToken(event, values, tokens, requestPath, issuer, context);
  if (event.token !== null) event.roles = policies;
  describeIdentity(event, values, policies, issuer);
  describeLifecycle(event, values, tokens, requestPath, issuer, context);
  return event;
}

const api: readonly string[] = ['api'];
const authentication: readonly string[] = ['authentication'];
const start: readonly string[] = ['start'];
const end: readonly string[] = ['end'];

function describeRequest(event: TokenEvent, values: Fields, requestPath: string, issuer: string): void {
  const isResponse = values.type === 'response';
  const requestId = text(values.requestId)!;
  const address = parseAddress(text(values.address));
  const error = shortText(values.error);
  const userAgent = text(values.userAgent);
  event.id = `${requestId}:${isResponse ? 'response' : 'request'}`;
  event.module = event.provider = 'vault';
  event.requestId = requestId;
  event.action = text(values.operation);
  event.category = isLogin(requestPath) ? authentication : api;
  event.type = isResponse ? end : start;
  event.outcome = error !== null ? 'failure' : isResponse ? 'success' : 'unknown';
  event.reason = error === null ? null : error.replaceAll(/\s+/g, ' ').trim();
  event.sourceAddress = address?.address ?? null;
  event.sourceIp = address?.ip ?? null;
  event.sourcePort = address === null ? null : address.port ?? count(values.port);
  event.userAgent = userAgent?.startsWith(hashed) === true ? null : userAgent;
  event.urlPath = requestPath;
  if (!holdsSecrets(values, requestPath)) return;
  event.resourceId = `${issuer}:${text(values.namespace) ?? ''}${requestPath}`;
  event.resourceKind = 'secret';
}

function isLogin(requestPath: string): boolean {
  return requestPath.startsWith('auth/') && (requestPath.endsWith('/login') || requestPath.includes('/login/'));
}

/** Secret engines; older versions do not name the mount, then it is what is neither Vault's own nor a login method. */
function holdsSecrets(values: Fields, requestPath: string): boolean {
  if (/^(?:sys|auth|identity|cubbyhole)\//.test(requestPath)) return false;
  return values.mountClass === null || values.mountClass === 'secret';
}

/** Old calls carried a token in the path (`auth/token/lookup/<token>`); such paths end before it. */
function safePath(requestPath: string): string {
  const cut = /^auth\/token\/(?:lookup|renew|revoke|revoke-orphan)\/|(?:^|\/)(?=(?:hv[sbr]|[sbr])\.[A-Za-z0-9_-]{20})/.exec(requestPath);
  return cut === null ? requestPath : requestPath.slice(0, cut.index + cut[0].length);
}

/** A login answers with the new token where other responses name the caller's: then nothing was presented. */
function isLoggingIn(values: Fields, tokens: Secrets, requestPath: string): boolean {
  if (values.newAccessor === null && tokens.newToken === null || isRenewal(requestPath)) return false;
  return tokens.requestToken === null || values.newAccessor !== null && values.newAccessor === values.accessor;
}

function isRenewal(requestPath: string): boolean {
  return requestPath.startsWith('auth/token/renew');
}

function describeToken(event: TokenEvent, values: Fields, tokens: Secrets, requestPath: string, issuer: string, context: NormalizeContext): void {
  if (isLoggingIn(values, tokens, requestPath)) {
    event.authenticated = event.outcome === 'success';
    return;
  }
  const accessor = text(values.accessor);
  const first = tokens.authToken?.fingerprint(issuer) ?? null;
  const second = tokens.requestToken?.fingerprint(issuer) ?? null;
  const others = first === null || first === second ? listOf(second) : second === null ? [first] : [first, second];
  event.authenticated = accessor !== null || first !== null ? true : event.outcome === 'failure' ? false : null;
  event.token = accessor === null ? first ?? second : tokenId(context, issuer, 'accessor', accessor);
  if (event.token === null) return;
  event.tokenIssuer = issuer;
  event.tokenKind = 'vault';
  event.tokenHandle = handleOf(accessor);
  event.aliases = withoutFirst(others, event.token);
  event.issuedAtMs = instant(values.issueTime);
}

function listOf(one: string | null): readonly string[] {
  return one === null ? [] : [one];
}
function withoutFirst(list: readonly string[], first: string): readonly string[] | null {
  const rest = list.filter((item) => item !== first);
  return rest.length === 0 ? null : rest;
}
function handleOf(accessor: string | null): string | null {
  return accessor === null || accessor.startsWith(hashed) ? null : accessor;
}

function describeIdentity(event: TokenEvent, values: Fields, policies: readonly string[] | null, issuer: string): void {
  const displayName = text(values.displayName);
  const roleName = text(values.roleName);
  event.userId = text(values.entity);
  event.userName = text(values.userName) ?? displayName;
  event.identityId = identityOf(issuer, event.userId, displayName, roleName, policies);
  if (event.identityId === null) return;
  event.identityName = roleName ?? event.userName;
  event.identityKind = kindOf(displayName, roleName);
  const account = text(values.serviceAccount);
  const namespace = text(values.serviceAccountNamespace);
  if (account === null || namespace === null) return;
  event.workloadId = `system:serviceaccount:${namespace}:${account}`;
  event.workloadKind = 'kubernetes_service_account';
  event.workloadEvidence = 'event';
}

/** The entity, which logins by several methods share; root; else the login method's name with its role. A bare `token` names nobody. */
function identityOf(issuer: string, entity: string | null, displayName: string | null, roleName: string | null, policies: readonly string[] | null): string | null {
  const cluster = issuer === 'vault' ? issuer : `vault:${issuer}`;
  if (entity !== null) return `${cluster}|entity:${entity}`;
  if (policies?.includes('root') === true) return `${cluster}|root`;
  if (displayName === null || displayName === 'token' && roleName === null) return null;
  return roleName === null ? `${cluster}|${displayName}` : `${cluster}|${displayName}:${roleName}`;
}

/** Display names begin with the path of the login method, which is its name unless the operator chose another. */
function kindOf(displayName: string | null, roleName: string | null): IdentityKind {
  if (displayName !== null && /^(?:ldap|userpass|okta|github|radius)(?:-|$)/.test(displayName)) return 'human';
  return roleName !== null || displayName !== null && /^(?:approle|kubernetes|aws|azure|gcp|cert)(?:-|$)/.test(displayName) ? 'service' : 'unknown';
}

function describeLifecycle(event: TokenEvent, values: Fields, tokens: Secrets, requestPath: string, issuer: string, context: NormalizeContext): void {
  const newAccessor = text(values.newAccessor);
  const newToken = tokens.newToken?.fingerprint(issuer) ?? null;
  const isDenied = event.outcome === 'failure' && event.reason?.includes('permission denied') === true;
  if (event.token !== null) event.lifecycle = isDenied || event.authenticated === false ? 'refused' : 'used';
  if (event.outcome === 'failure') return;
  if ((newAccessor !== null || newToken !== null) && !isRenewal(requestPath)) {
    event.issued = newAccessor === null ? newToken : tokenId(context, issuer, 'accessor', newAccessor);
    event.issuedHandle = handleOf(newAccessor);
    event.issuedKind = 'vault';
    event.issuedAliases = newAccessor === null ? null : withoutFirst(listOf(newToken), event.issued!);
    const ttlSeconds = count(values.newTtl);
    event.issuedExpiresAtMs = ttlSeconds === null || ttlSeconds === 0 ? null : event.timeMs + ttlSeconds * 1000;
    event.issuedIdentityId = identityOf(issuer, text(values.newEntity), text(values.newDisplayName), text(values.newRoleName), texts(values.newPolicies));
    event.tokenIssuer = issuer;
    event.lifecycle = 'issued';
  } else if (event.outcome === 'success' && requestPath.startsWith('auth/token/revoke')) {
    describeRevocation(event, values, requestPath, issuer, context);
  }
}

/** `revoke-self` ends the presented token; `revoke-accessor` another, whose accessor is always hashed among the data. */
function describeRevocation(event: TokenEvent, values: Fields, requestPath: string, issuer: string, context: NormalizeContext): void {
  const accessor = text(values.revokedAccessor);
  if (requestPath === 'auth/token/revoke-accessor' && accessor !== null) event.revoked = tokenId(context, issuer, 'accessor', accessor);
  if (requestPath === 'auth/token/revoke-self' || event.revoked !== null && event.revoked === event.token) event.lifecycle = 'revoked';
}

export const vaultAudit = defineFormat({
  id,
  title: 'Vault audit log',
  describe: 'Audit device records of HashiCorp Vault and OpenBao (documentation: Audit devices), request and response.',
  vantage: 'resource',
  repeats: false,
  notes: [
    'An auth block with an accessor is the verdict; a policy\'s denial does not change it. A denial without one is false.',
    'The handle needs an audit device with hmac_accessor=false; otherwise tokens are known by the hash of their accessor.',
    'Vault logs no sizes: bytes are absent.',
    'The issuer is the source\'s only configured one, else "vault". Configure one for each cluster.',
  ],
  shapes: [shape({ kind: 'json', fields, secrets, recognize, normalize })],
});
