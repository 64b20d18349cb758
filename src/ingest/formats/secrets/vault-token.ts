import type { TokenEvent } from '../../../model/event.ts';
import { tokenId } from '../../token-id.ts';
import { count, instant, text, texts } from '../../values.ts';
import type { NormalizeContext } from '../format.ts';
import type { VaultFields, VaultSecrets } from './vault-fields.ts';
import { identityOf } from './vault-identity.ts';
import { describeLease, describeLeaseEnd } from './vault-lease.ts';

/** How values look that the audit device hashed. */
export const hashed = 'hmac-sha256:';

/** A login answers with the new token where other responses name the caller's: then nothing was presented. */
function isLoggingIn(values: VaultFields, tokens: VaultSecrets, requestPath: string): boolean {
  if (values.newAccessor === null && tokens.newToken === null || isRenewal(requestPath)) return false;
  return tokens.requestToken === null || values.newAccessor !== null && values.newAccessor === values.accessor;
}

function isRenewal(requestPath: string): boolean {
  return requestPath.startsWith('auth/token/renew');
}

/** The token that was presented: by its accessor, with the two hashes that a log gives it as further names. */
export function describeToken(
  event: TokenEvent, values: VaultFields, tokens: VaultSecrets, requestPath: string, issuer: string, context: NormalizeContext,
): void {
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

/** What became of a token: used or refused, issued, revoked. */
export function describeLifecycle(
  event: TokenEvent, values: VaultFields, tokens: VaultSecrets, requestPath: string, issuer: string, context: NormalizeContext,
): void {
  const newAccessor = text(values.newAccessor);
  const ttlSeconds = count(values.newTtl);
  const expiresAtMs = ttlSeconds === null || ttlSeconds === 0 ? null : event.timeMs + ttlSeconds * 1000;
  const newToken = tokens.newToken?.fingerprint(issuer) ?? null;
  const isDenied = event.outcome === 'failure' && event.reason?.includes('permission denied') === true;
  if (event.token !== null) event.lifecycle = isDenied || event.authenticated === false ? 'refused' : 'used';
  if (event.outcome === 'failure') return;
  if ((newAccessor !== null || newToken !== null) && !isRenewal(requestPath)) {
    event.issued = newAccessor === null ? newToken : tokenId(context, issuer, 'accessor', newAccessor);
    event.issuedHandle = handleOf(newAccessor);
    event.issuedKind = 'vault';
    event.issuedAliases = newAccessor === null ? null : withoutFirst(listOf(newToken), event.issued!);
    event.issuedExpiresAtMs = expiresAtMs;
    event.issuedIdentityId = identityOf(
      issuer, text(values.newEntity), text(values.newDisplayName), text(values.newRoleName), texts(values.newPolicies),
    );
    event.tokenIssuer = issuer;
    event.lifecycle = 'issued';
  } else if (isRenewal(requestPath) && newAccessor !== null && newAccessor === values.accessor) {
    event.expiresAtMs = expiresAtMs;
  } else if (event.outcome === 'success' && requestPath.startsWith('auth/token/revoke')) {
    describeRevocation(event, values, requestPath, issuer, context);
  } else if (event.outcome === 'success' && requestPath.startsWith('sys/')) {
    describeLeaseEnd(event, values, requestPath, issuer, context);
  } else if (values.lease !== null) describeLease(event, values, issuer, context);
}

/**
 * `revoke-self` ends the presented token; `revoke-accessor` another, whose accessor stands hashed among the data unless the mount leaves it in the clear.
 * Where the device leaves the callers' accessors in the clear, a hashed one is nobody's name.
 */
function describeRevocation(event: TokenEvent, values: VaultFields, requestPath: string, issuer: string, context: NormalizeContext): void {
  const accessor = text(values.revokedAccessor);
  const isNamed = accessor !== null && accessor.startsWith(hashed) === text(values.accessor)?.startsWith(hashed);
  if (requestPath === 'auth/token/revoke-accessor' && isNamed) {
    const revoked = tokenId(context, issuer, 'accessor', accessor);
    if (revoked !== event.token) event.revoked = revoked;
    event.lifecycle = 'revoked';
  }
  if (requestPath === 'auth/token/revoke-self') event.lifecycle = 'revoked';
}
