import type { IdentityKind, TokenKind, WorkloadEvidence } from './event.ts';

/** The principal behind tokens, stable over rotations: the key of baselines. */
export interface Identity {
  id: string;
  kind: IdentityKind;
  name: string | null;
  workloadId: string | null;
  workloadKind: string | null;
  workloadEvidence: WorkloadEvidence | null;
  /** Cloud account or realm it belongs to. */
  account: string | null;
  firstSeenMs: number;
  lastSeenMs: number;
  tokenCount: number;
}

/** One credential instance as the registry knows it. Times are epoch ms; `null` when unknown. */
export interface Token {
  fingerprint: string;
  kind: TokenKind;
  handle: string | null;
  issuer: string | null;
  identityId: string | null;
  parent: string | null;
  issuedAtMs: number | null;
  /** The issuance itself was read, not only claimed by a field. */
  issueSeen: boolean;
  expiresAtMs: number | null;
  revokedAtMs: number | null;
  firstSeenMs: number;
  lastUsedMs: number | null;
  /** A gateway's own credential, under which requests of others go on to what stands behind it: never the target of a plan by itself. */
  upstream: boolean;
}

/** Which workload one kind of evidence names. */
export interface WorkloadClaim { readonly evidence: WorkloadEvidence; readonly id: string }

/** Somebody who read the secret that holds a static credential. */
export interface SecretReader {
  readonly secret: string;
  readonly identityId: string;
  readonly workloadId: string | null;
  /** Shown for the last read. */
  readonly token: string | null;
  readonly lastMs: number;
  /** Reads, those within a minute of each other as one. */
  readonly reads: number;
}
