import type { TokenEvent } from '../../../model/event.ts';
import { tokenId } from '../../token-id.ts';
import { instant, text } from '../../values.ts';
import type { CloudtrailFields } from './aws-cloudtrail-fields.ts';
import { assumedPrincipal, isAnonymous, type Caller } from './aws-cloudtrail-identity.ts';
import { isAmbiguousRefusal, isUniqueId, parseStsTime, refusesAction, refusesCredential } from './aws-cloudtrail-tables.ts';
import type { NormalizeContext } from '../format.ts';

const issuer = 'aws';

/** The access key that was presented, and what AWS thought of it. */
export function describeToken(event: TokenEvent, values: CloudtrailFields, caller: Caller, context: NormalizeContext): void {
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

/** The key or JWT that the call made, or the one that it stopped. */
export function describeIssue(event: TokenEvent, values: CloudtrailFields, caller: Caller, context: NormalizeContext): void {
  if (event.outcome !== 'success') return;
  const newKeyId = text(values.newKeyId);
  const shared = text(values.sharedEvent);
  // The caller's account and the role's have a record each: one names the key that was shown, the other at least the one that came out.
  if (shared !== null && event.token !== null) event.offers = shared;
  if (newKeyId !== null && isUniqueId(newKeyId)) {
    if (shared !== null && event.token === null) event.takes = shared;
    event.issued = tokenId(context, issuer, 'plain', newKeyId);
    event.issuedHandle = newKeyId;
    event.issuedKind = newKeyId.startsWith('ASIA') ? 'temporary_key' : 'access_key';
    event.issuedExpiresAtMs = parseStsTime(text(values.newExpiration)) ?? instant(values.newExpiration);
    event.issuedIdentityId = ownerOfNew(event, values);
    event.effectiveUserId = text(values.newRoleId);
    event.tokenIssuer = issuer;
    event.lifecycle = 'issued';
    if (caller.type === 'WebIdentityUser' && caller.userName !== null) {
      event.takes = caller.userName;
      event.linkIssuer = caller.provider;
    }
  } else if (event.action === 'GetWebIdentityToken') {
    describeJwt(event, values, caller, context);
  } else if (event.action === 'DeleteAccessKey' || event.action === 'UpdateAccessKey' && values.targetStatus === 'Inactive') {
    const targetKey = text(values.targetKey);
    if (targetKey === null || !isUniqueId(targetKey)) return;
    const revoked = tokenId(context, issuer, 'plain', targetKey);
    if (revoked !== event.token) event.revoked = revoked;
    event.lifecycle = 'revoked';
  }
}

/**
 * A token of outbound identity federation. Its issuer is a URL of the account's own, which the record does not tell; without
 * one among the source's issuers it stands under AWS as a whole.
 */
function describeJwt(event: TokenEvent, values: CloudtrailFields, caller: Caller, context: NormalizeContext): void {
  const jwtId = text(values.newJwtId);
  if (jwtId === null) return;
  const authority = context.source.issuers.find((url) => url.includes('.tokens.sts.')) ?? issuer;
  event.issued = tokenId(context, authority, 'plain', jwtId);
  event.issuedHandle = jwtId;
  event.issuedKind = 'jwt';
  event.issuedExpiresAtMs = parseStsTime(text(values.newExpiration)) ?? instant(values.newExpiration);
  event.issuedIdentityId = event.identityId;
  event.lifecycle = 'issued';
  // Its subject, by which other clouds will know it.
  event.offers = caller.issuerArn ?? caller.arn;
  event.linkIssuer = authority === issuer ? null : authority;
}

function ownerOfNew(event: TokenEvent, values: CloudtrailFields): string | null {
  const assumed = assumedPrincipal(text(values.newRoleId), text(values.newRoleArn));
  if (assumed !== null) return assumed;
  if (values.newFederatedArn !== null) return text(values.newFederatedArn);
  const isForSelf = event.targetUserName === null || event.targetUserName === event.userName;
  const isOwn = event.action === 'GetSessionToken' || event.action === 'CreateAccessKey' && isForSelf;
  return isOwn ? event.identityId : null;
}
