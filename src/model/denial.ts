/** What a gateway compares with the token that it is shown. `jti` and `sha256` name one token, `subject` and `client` all of theirs. */
export type DeniedBy = 'jti' | 'sha256' | 'subject' | 'client';

/** Where a pinned token goes on: from one of these networks (CIDR), or for one of these workloads. Anywhere else it is refused. */
export interface Keep {
  readonly networks: readonly string[];
  readonly workloads: readonly string[];
}

/** One entry of a deny list. */
export interface Denial {
  /** The intent that put it there; unique in the list. */
  readonly intentId: string;
  /** Number of the list that first held it. */
  readonly number: number;
  readonly by: DeniedBy;
  /** Public id, or SHA-256 of the token in lower-case hex. */
  readonly value: string;
  /** Authority that minted the token; `null`: tokens of any. */
  readonly issuer: string | null;
  /** `null`: refused everywhere. */
  readonly keep: Keep | null;
  /** When the token ends by itself, epoch ms; `null`: the entry stays until it is taken back. */
  readonly untilMs: number | null;
}
