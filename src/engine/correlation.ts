import type { Correlated } from '../correlate/correlator.ts';
import type { Fates } from '../correlate/fates.ts';
import type { IdentityKind, TokenEvent } from '../model/event.ts';

/** What the registry answers about the token at hand. */
export type KnownFates = Pick<Fates, 'of' | 'sinceMs' | 'placeBefore' | 'formerUseMs' | 'isKnown' | 'honeytoken'>;

/** What the engine asks of the registry of tokens. */
export interface Correlation {
  correlate(event: TokenEvent): Correlated;
  /** Releases what waited longer than it may, as of this event time. */
  tick(timeMs: number): Correlated;
  /** Notes who used each token. */
  readonly dependents: { note(event: TokenEvent): void };
  /** What became of tokens and their owners. */
  readonly fates: KnownFates;
  tokenIssuedMs(token: string): number | null;
  /** True when the issuance itself was read. */
  issueSeen(token: string): boolean;
  /** What kind of principal a token belongs to; `null`: not known. */
  ownerKindOf(token: string): IdentityKind | null;
  /** When an identity was first seen; `null`: it was not. */
  identitySinceMs(identityId: string): number | null;
  /** Fingerprint of the oldest known ancestor. */
  lineageOf(token: string): string;
}
