import type { Credential } from '../model/credential.ts';
import type { Flaw, PostureKind } from '../posture/kinds.ts';
import { proofOf } from '../posture/summary.ts';
import type { CredentialShares } from '../server/api/shapes.ts';

export const noShares: CredentialShares = { total: 0, owned: 0, withinTtl: 0, attested: 0, ready: 0 };

/** One credential more. Those that were revoked or have ended are left out, as are a provider's own. */
export function withCredential(shares: CredentialShares, credential: Credential, flaws: readonly Flaw[], nowMs: number): CredentialShares {
  const { token, identity } = credential;
  const hasEnded = token.revokedAtMs !== null || token.expiresAtMs !== null && token.expiresAtMs < nowMs;
  if (hasEnded || token.kind === 'none' || identity?.kind === 'provider') return shares;
  const has = (kind: PostureKind): boolean => flaws.some((flaw) => flaw.kind === kind);
  const [owned, withinTtl, attested] = [!has('no-owner'), !has('over-ttl'), proofOf(credential) === 'attested'];
  const isReady = owned && token.handle !== null && identity !== null && !has('shared');
  return {
    total: shares.total + 1, owned: shares.owned + Number(owned), withinTtl: shares.withinTtl + Number(withinTtl),
    attested: shares.attested + Number(attested), ready: shares.ready + Number(isReady),
  };
}
