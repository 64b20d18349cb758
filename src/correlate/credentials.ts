import type { Credential } from '../model/credential.ts';
import type { Identity, WorkloadClaim } from '../model/token.ts';
import { describeToken } from './describe.ts';
import { useOf, type SeenUse } from './describe-uses.ts';
import type { Fates } from './fates.ts';
import { provisionalId } from './registry.ts';
import { contradictions, listed, type ClaimParts } from './workload-claims.ts';

export interface CredentialParts extends ClaimParts { readonly fates: Fates }

/** Of one identity, what its tokens share. */
interface Shared { readonly identity: Identity | null; readonly uses: readonly SeenUse[] }

/** Identities whose shared uses are kept while many tokens are described. */
const maxKept = 20_000;
const nobody: Shared = { identity: null, uses: [] };
const noClaims: readonly WorkloadClaim[] = [];

/** Describes credentials for people, one after the other. What tokens of one identity share is looked up once. */
export class Credentials {
  readonly #parts: CredentialParts;
  readonly #shared = new Map<string, Shared>();

  constructor(parts: CredentialParts) {
    this.#parts = parts;
  }

  /** The fingerprint must be a known token's own. */
  of(fingerprint: string): Credential {
    const { registry, identities, inventory, dependents, fates } = this.#parts;
    const token = describeToken(registry, identities, fingerprint);
    const { identity, uses: ofIdentity } = token.identityId === null ? nobody : this.#sharedOf(token.identityId);
    const { scopes, aliases } = registry.tokens.texts(fingerprint);
    const holders = [fingerprint, ...aliases].map(provisionalId);
    const own = dependents.ownUses(fingerprint);
    const uses = [...own, ...dependents.usesAmong(ofIdentity, fingerprint)].map(useOf);
    // Those that live long have notes of their own.
    const shares = ofIdentity.length > 0 && own.length === 0 && identity !== null;
    const { notes } = dependents;
    return {
      token, identity, scopes, growth: holders.flatMap((holder) => notes.growthOf(holder)),
      ...fates.historyOf(fingerprint, token.identityId),
      uses, sightings: [...holders, ...shares ? [identity.id] : []].flatMap((holder) => notes.sightingsOf(holder)),
      entry: inventory.isEmpty ? null : listed(inventory, token.handle, identity),
      claims: uses.length < 2 && inventory.isEmpty ? noClaims : contradictions(this.#parts, fingerprint),
    };
  }

  #sharedOf(id: string): Shared {
    const known = this.#shared.get(id);
    if (known !== undefined) return known;
    const { identities, workloads, dependents } = this.#parts;
    const shared = { identity: identities.find(id, (workload) => workloads.get(workload)), uses: dependents.sharedUses(id) };
    if (this.#shared.size >= maxKept) this.#shared.clear();
    this.#shared.set(id, shared);
    return shared;
  }
}
