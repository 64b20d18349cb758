import type { TokenEvent } from '../../../model/event.ts';
import { tokenId } from '../../token-id.ts';
import { text } from '../../values.ts';
import type { NormalizeContext } from '../format.ts';
import { leasedUser } from '../leased-user.ts';
import type { VaultFields } from './vault-fields.ts';

/**
 * A credential that an engine made for the caller, by its lease. Where the audit device leaves the access key id in the clear
 * (`audit_non_hmac_response_keys`), or the database user's name, the cloud's or database's own log knows it by that.
 */
export function describeLease(event: TokenEvent, values: VaultFields, issuer: string, context: NormalizeContext): void {
  const lease = text(values.lease);
  const key = text(values.leasedKey);
  if (lease === null) return;
  const isAwsKey = key !== null && /^A[KS]IA[A-Z0-9]{12,124}$/.test(key);
  event.issued = tokenId(context, issuer, 'plain', lease);
  event.issuedHandle = lease;
  event.issuedKind = isAwsKey ? key.startsWith('ASIA') ? 'temporary_key' : 'access_key' : 'opaque';
  const user = leasedUser(context, text(values.leasedUser));
  event.issuedAliases = isAwsKey ? [tokenId(context, 'aws', 'plain', key)] : user === null ? null : [user];
  event.tokenIssuer = issuer;
  event.lifecycle = 'issued';
}

const withLease = /^sys\/(?:leases\/)?revoke\/(.+)$/;

/** The lease stands in the path, or in the data where that is not hashed. Revocation by prefix or force names none. */
export function describeLeaseEnd(event: TokenEvent, values: VaultFields, requestPath: string, issuer: string, context: NormalizeContext): void {
  if (!requestPath.startsWith('sys/leases/revoke') && !requestPath.startsWith('sys/revoke')) return;
  const told = text(values.revokedLease);
  const lease = withLease.exec(requestPath)?.[1] ?? (told?.startsWith('hmac-sha256:') === true ? null : told);
  if (lease === null || lease === undefined || !/^sys\/(?:leases\/)?revoke(?:\/|$)/.test(requestPath)) return;
  event.revoked = tokenId(context, issuer, 'plain', lease);
  event.lifecycle = 'revoked';
}
