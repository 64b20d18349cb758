import type { TokenKind } from './event.ts';

/** One credential as its provider lists it. Times in ms; `null`: the listing does not say. */
export interface ListedCredential {
  /** Public id of the credential. */
  readonly handle: string | null;
  /** Whose it is: as events name the identity, and by name. */
  readonly identity: string | null;
  readonly name: string | null;
  readonly kind: TokenKind;
  readonly createdMs: number | null;
  readonly lastUsedMs: number | 'never' | null;
  readonly expiresMs: number | null;
  readonly isActive: boolean;
  readonly owner: string | null;
  /** Its owner, or who it belongs to, was deactivated or deleted. */
  readonly isOrphaned: boolean;
  readonly scopes: readonly string[] | null;
}

/** All credentials of some kinds that one authority (and account of it) knew at one time. */
export interface Listing {
  /** As events name who minted the token; with `account` only what belongs to that. */
  readonly issuer: string;
  readonly account: string | null;
  readonly kinds: readonly TokenKind[];
  readonly takenMs: number;
  readonly credentials: readonly ListedCredential[];
}
