import type { Alert } from '../model/alert.ts';
import type { Target } from '../model/intent.ts';
import type { Token } from '../model/token.ts';

/** The one token that a step is done to, by all its public ids as far as the alert tells them. */
export function targetOf({ fingerprint, handle, kind, issuer, identityId, expiresAtMs }: Token, { first }: Alert): Target {
  // Other tokens of the alert are the same identity's, unless they turned out to be somebody else's.
  const own = first.token === fingerprint;
  const isSame = own || identityId === null || identityId === first.identityId;
  const known = handle ?? (own ? first.tokenHandle : null);
  return {
    token: fingerprint, handle: known, tokenKind: kind, issuer: issuer ?? (own ? first.tokenIssuer : null),
    identityId: identityId ?? first.identityId, identityName: isSame ? first.identityName : null,
    // A user id may name the session of that one token, as AWS does: of another token it is known only where it is the identity's own.
    userId: own || isSame && first.userId !== null && first.identityId?.endsWith(first.userId) === true ? first.userId : null,
    client: isSame && first.identityKind === 'client' ? first.userId ?? first.userName : null,
    // Where no other public id exists, logs name the token by its digest.
    sha256: known !== null && /^[0-9a-f]{64}$/i.test(known) ? known.toLowerCase() : null, expiresAtMs,
  };
}
