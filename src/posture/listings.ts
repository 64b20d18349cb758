import type { Credential } from '../model/credential.ts';
import type { ListedCredential, Listing } from '../model/listing.ts';

/** A listing's clock and the log's may be so far apart. */
const skewMs = 60_000;

/** Where a credential stands in the listings of providers. */
export interface ListedPlace {
  /** A listing that would name it, taken after it was issued; `null`: none was read. */
  readonly coveredBy: Listing | null;
  /** Its own line. */
  readonly listed: ListedCredential | null;
  /** Some line is of its identity. */
  readonly isIdentityListed: boolean;
}

interface Line { readonly listing: Listing; readonly credential: ListedCredential }

/** Finds credentials in listings: by public id; else, where the listing tells none, by owner and time of creation. */
export class Listings {
  readonly all: readonly Listing[];
  readonly #byHandle = new Map<string, Line>();
  readonly #byOwner = new Map<string, Line[]>();
  readonly #matched = new Set<ListedCredential>();

  constructor(listings: readonly Listing[]) {
    this.all = listings;
    for (const listing of listings) {
      for (const credential of listing.credentials) {
        const line = { listing, credential };
        if (credential.handle !== null) this.#byHandle.set(credential.handle, line);
        for (const key of ownerKeys(listing, credential.identity, credential.name)) {
          const lines = this.#byOwner.get(key);
          if (lines === undefined) this.#byOwner.set(key, [line]);
          else lines.push(line);
        }
      }
    }
  }

  placeOf(credential: Credential): ListedPlace {
    if (this.all.length === 0) return nowhere;
    const { token, identity } = credential;
    const bornMs = token.issuedAtMs ?? token.firstSeenMs;
    const coveredBy = this.all.find((listing) => covers(listing, credential) && listing.takenMs >= bornMs) ?? null;
    const ofOwner = this.#ofOwner(credential);
    const byHandle = token.handle === null ? undefined : this.#byHandle.get(token.handle);
    const listed = byHandle?.credential ?? sameTime(ofOwner, token.kind, token.issuedAtMs) ?? null;
    if (listed !== null) this.#matched.add(listed);
    return { coveredBy, listed, isIdentityListed: ofOwner.length > 0 || identity === null && listed !== null };
  }

  /** Lines that no credential asked for until now was found in: known to their provider, never met in a log. */
  *unmatched(): Iterable<Line> {
    for (const listing of this.all) {
      for (const credential of listing.credentials) if (!this.#matched.has(credential)) yield { listing, credential };
    }
  }

  #ofOwner({ identity }: Credential): readonly Line[] {
    if (identity === null) return [];
    return this.#byOwner.get(`id\n${identity.id}`) ?? this.#byOwner.get(`name\n${identity.account ?? ''}\n${identity.name ?? ''}`) ?? [];
  }
}

const nowhere: ListedPlace = { coveredBy: null, listed: null, isIdentityListed: false };

function ownerKeys({ account }: Listing, identity: string | null, name: string | null): string[] {
  return [...identity === null ? [] : [`id\n${identity}`], ...name === null || account === null ? [] : [`name\n${account}\n${name}`]];
}

function covers({ issuer, account, kinds }: Listing, { token, identity }: Credential): boolean {
  if (token.issuer !== issuer || !kinds.includes(token.kind)) return false;
  return account === null || identity === null || identity.account === null || identity.account === account;
}

/** A line without a public id that was made when the credential was; else the only one of the owner, where the time is not known. */
function sameTime(lines: readonly Line[], kind: string, issuedMs: number | null): ListedCredential | null {
  const anonymous = lines.map(({ credential }) => credential).filter((one) => one.handle === null && one.kind === kind);
  if (issuedMs === null) return anonymous.length === 1 ? anonymous[0] as ListedCredential : null;
  return anonymous.find(({ createdMs }) => createdMs !== null && Math.abs(createdMs - issuedMs) <= skewMs) ?? null;
}
