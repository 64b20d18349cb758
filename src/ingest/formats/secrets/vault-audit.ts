import { emptyEvent, type TokenEvent } from '../../../model/event.ts';
import { parseAddress } from '../../address.ts';
import { configuredIssuer } from '../../token-id.ts';
import { count, instant, shortText, text, texts } from '../../values.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized } from '../format.ts';
import { vaultFields, vaultSecrets, type VaultFields, type VaultSecrets } from './vault-fields.ts';
import { describeIdentity } from './vault-identity.ts';
import { describeLifecycle, describeToken, hashed } from './vault-token.ts';

const id = 'vault.audit';
function recognize(values: VaultFields): boolean {
  if (values.type !== 'request' && values.type !== 'response') return false;
  return text(values.requestId) !== null && text(values.path) !== null && values.operation !== null;
}

function normalize(values: VaultFields, context: NormalizeContext, tokens: VaultSecrets): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A Vault audit record has no time.');
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

function describeRequest(event: TokenEvent, values: VaultFields, requestPath: string, issuer: string): void {
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
  event.reason = error === null ? null : text(error.replaceAll(/\s+/g, ' ').trim());
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
function holdsSecrets(values: VaultFields, requestPath: string): boolean {
  if (/^(?:sys|auth|identity|cubbyhole)\//.test(requestPath)) return false;
  return values.mountClass === null || values.mountClass === 'secret';
}

/** Old calls carried a token in the path (`auth/token/lookup/<token>`); such paths end before it. */
function safePath(requestPath: string): string {
  if (!requestPath.startsWith('auth/token/') && !requestPath.includes('.')) return requestPath;
  const cut = /^auth\/token\/(?:lookup|renew|revoke|revoke-orphan)\/|(?:^|\/)(?=(?:hv[sbr]|[sbr])\.[A-Za-z0-9_-]{20})/.exec(requestPath);
  return cut === null ? requestPath : requestPath.slice(0, cut.index + cut[0].length);
}

export const vaultAudit = defineFormat({
  id,
  title: 'Vault audit log',
  describe: 'Audit device records of HashiCorp Vault and OpenBao (documentation: Audit devices), request and response.',
  vantage: 'resource',
  repeats: false,
  notes: [
    'An auth block with an accessor is the verdict; a policy\'s denial does not change it. A denial without one is false.',
    'The handle needs an audit device with hmac_accessor=false; otherwise tokens are known by the hash of their accessor. Which token was revoked is told '
      + 'then only where its mount leaves that in the clear too: vault auth tune -audit-non-hmac-request-keys=accessor token/.',
    'Credentials of a lease are known to the cloud or database by their public name, if the engine\'s mount leaves that in the clear: '
      + 'vault secrets tune -audit-non-hmac-response-keys=access_key aws/, or =username database/.',
    'Vault logs no sizes: bytes are absent.',
    'The issuer is the source\'s only configured one, else "vault". Configure one for each cluster.',
  ],
  shapes: [shape({ kind: 'json', fields: vaultFields, secrets: vaultSecrets, recognize, normalize })],
});
