import type { Credential } from '../model/credential.ts';
import type { TokenKind } from '../model/event.ts';
import type { ListedCredential, Listing } from '../model/listing.ts';
import { Listings, type ListedPlace } from './listings.ts';
import { lastingKinds } from './policy.ts';

/** What stands beside a credential in its estate. */
export interface Placed extends ListedPlace {
  /** When issuances of its kind by its issuer were first read; `null`: none was. */
  readonly issuancesSinceMs: number | null;
  /** The same workload, else identity, uses short-lived credentials that do not come of a static key. */
  readonly hasFederated: boolean;
  /** Lasting keys of its identity that are known, it included. */
  readonly keysOfIdentity: number;
}

/** Of a workload's short-lived credentials, what they were issued from: so many are told apart. */
const maxParents = 8;
const [dayMs, skewMs] = [24 * 3_600_000, 60_000];
const federatedKinds: ReadonlySet<TokenKind> = new Set(['jwt', 'temporary_key', 'kubernetes', 'opaque']);
const keyKinds: ReadonlySet<TokenKind> = new Set(['access_key', 'api_key', 'service_account_key']);

/** What only all credentials together tell. Every credential is added before the first is asked for. */
export class Estate {
  readonly listings: Listings;
  readonly #issuances = new Map<string, number>();
  /** By workload, else identity: fingerprints of what its short-lived credentials were issued from, '' for none. */
  readonly #federated = new Map<string, Set<string>>();
  readonly #keys = new Map<string, number>();
  readonly #static = new Set<string>();

  constructor(listings: readonly Listing[]) {
    this.listings = new Listings(listings);
  }

  add(credential: Credential): void {
    const { token } = credential;
    if (token.issueSeen && token.issuedAtMs !== null) {
      const key = issuanceKey(credential);
      this.#issuances.set(key, Math.min(this.#issuances.get(key) ?? Infinity, token.issuedAtMs));
    }
    if (lastingKinds.has(token.kind)) {
      if (token.fingerprint !== null) this.#static.add(token.fingerprint);
      if (token.identityId !== null) this.#keys.set(token.identityId, (this.#keys.get(token.identityId) ?? 0) + 1);
    } else if (isFederated(credential)) for (const holder of holdersOf(credential)) this.#addFederated(holder, token.parent ?? '');
  }

  place(credential: Credential): Placed {
    const { token } = credential;
    return {
      ...this.listings.placeOf(credential), issuancesSinceMs: this.#issuances.get(issuanceKey(credential)) ?? null,
      hasFederated: keyKinds.has(token.kind) && holdersOf(credential).some((holder) => this.#comesOfNoKey(holder)),
      keysOfIdentity: token.identityId === null ? 0 : this.#keys.get(token.identityId) ?? 0,
    };
  }

  /** The place of what only a listing names. */
  placeListed(credential: Credential, coveredBy: Listing, listed: ListedCredential): Placed {
    return { ...this.place(credential), coveredBy, listed, isIdentityListed: true };
  }

  #addFederated(holder: string, parent: string): void {
    const parents = this.#federated.get(holder);
    if (parents === undefined) this.#federated.set(holder, new Set([parent]));
    else if (parents.size < maxParents) parents.add(parent);
  }

  #comesOfNoKey(holder: string): boolean {
    const parents = this.#federated.get(holder);
    return parents !== undefined && [...parents].some((parent) => !this.#static.has(parent));
  }
}

function issuanceKey({ token: { issuer, kind } }: Credential): string {
  return `${issuer ?? ''}\n${kind}`;
}

function isFederated({ token: { kind, issuedAtMs, expiresAtMs, lastUsedMs }, identity }: Credential): boolean {
  return federatedKinds.has(kind) && lastUsedMs !== null && identity?.kind !== 'human' && issuedAtMs !== null && expiresAtMs !== null
    && expiresAtMs - issuedAtMs <= dayMs + skewMs;
}

/** Under which names a workload is the same one: those that its uses tell, else the one that is known or listed, and its identity. */
function holdersOf({ uses, identity, entry }: Credential): readonly string[] {
  const told = uses.flatMap(({ workloadId }) => workloadId ?? []);
  const known = told.length > 0 ? told : [identity?.workloadId, entry?.workload].flatMap((id) => id ?? []);
  return [...new Set(known.map((id) => `workload\n${id}`)), ...identity === null ? [] : [`identity\n${identity.id}`]];
}
