import type { InventoryEntry } from './inventory.ts';
import type { Identity, Token, WorkloadClaim } from './token.ts';

/** What was ever seen in the uses of one user from one network: bits. */
export const useTraits = {
  read: 1,
  write: 2,
  /** The channel or a key proves who called: a token bound to a key, a client certificate, a SPIFFE identity. */
  attested: 4,
  /** A signed claim of the token names the workload. */
  claimed: 8,
  /** The log names the workload, and says not how it knows. */
  asserted: 16,
} as const;

/** Length of the steps in which it is remembered when a use went on. */
export const weekSeconds = 7 * 24 * 3600;

/** One user of a credential in one network. Times in ms, whole seconds. */
export interface CredentialUse {
  readonly workloadId: string | null;
  /** The workload, else the client program. */
  readonly user: string;
  readonly network: string | null;
  /** Those met first, eight at most. */
  readonly resources: readonly string[];
  /** On which day since 1970 each of these was first met; where that is not known, the first use. */
  readonly resourceDays: readonly number[];
  readonly calls: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Weeks of use before that of `lastMs`, which is bit 0: the newest 32, and the 32 before them. */
  readonly weeks: readonly [newer: number, older: number];
  /** Bits of `useTraits`. */
  readonly traits: number;
}

/** A place in a log where the secret itself stood, never the secret. */
export interface Sighting {
  readonly source: string;
  readonly field: string;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Scopes that a credential showed later than those known first. */
export interface ScopeGrowth { readonly scopes: readonly string[]; readonly atMs: number }

/** What became of those who own a credential. `null`: nothing that is known. */
export interface OwnerHistory {
  readonly offboardedMs: number | null;
  readonly goneMs: number | null;
  /** First use of its identity's newest lasting key, and when that key was issued. */
  readonly replacedMs: number | null;
  readonly newestKeyMs: number | null;
  /** When the identity was first, and last, given further rights. */
  readonly widenedMs: readonly number[];
}

/** A token as it is known, or a credential that only a listing names. */
export type KnownToken = Omit<Token, 'fingerprint'> & { readonly fingerprint: string | null };

/** Everything that is known of one credential: what its posture is judged by. */
export interface Credential {
  readonly token: KnownToken;
  readonly identity: Identity | null;
  /** Scopes as first told; `null`: no log told any. */
  readonly scopes: readonly string[] | null;
  readonly growth: readonly ScopeGrowth[];
  readonly rotatedMs: number | null;
  readonly leakedMs: number | null;
  readonly owner: OwnerHistory;
  readonly uses: readonly CredentialUse[];
  readonly sightings: readonly Sighting[];
  /** The operator's own line on it. */
  readonly entry: InventoryEntry | null;
  /** Workloads that contradict each other. */
  readonly claims: readonly WorkloadClaim[];
}

export const noOwnerHistory: OwnerHistory = { offboardedMs: null, goneMs: null, replacedMs: null, newestKeyMs: null, widenedMs: [] };
