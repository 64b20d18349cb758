import { noOwnerHistory, type Credential } from '../model/credential.ts';
import type { InventoryEntry } from '../model/inventory.ts';
import type { ListedCredential, Listing } from '../model/listing.ts';
import type { Identity } from '../model/token.ts';

/** A credential that its provider lists and that no log ever told of. `entryOf` finds the operator's line on it. */
export function listedOnly(
  { issuer, account, takenMs }: Listing, listed: ListedCredential, entryOf: (handle: string | null, identity: Identity | null) => InventoryEntry | null,
): Credential {
  const { handle, kind, createdMs, expiresMs, lastUsedMs } = listed;
  const firstSeenMs = createdMs ?? takenMs;
  const id = listed.identity ?? listed.name;
  const identity: Identity | null = id === null ? null : {
    id, kind: 'unknown', name: listed.name, workloadId: null, workloadKind: null, workloadEvidence: null, account, firstSeenMs,
    lastSeenMs: firstSeenMs, tokenCount: 1,
  };
  return {
    token: {
      fingerprint: null, kind, handle, issuer, identityId: id, parent: null, issuedAtMs: createdMs, issueSeen: false, expiresAtMs: expiresMs, revokedAtMs: null,
      firstSeenMs, lastUsedMs: typeof lastUsedMs === 'number' ? lastUsedMs : null, upstream: false,
    },
    identity, scopes: listed.scopes, growth: [], rotatedMs: null, leakedMs: null, owner: noOwnerHistory, uses: [], sightings: [],
    entry: entryOf(handle, identity), claims: [],
  };
}
