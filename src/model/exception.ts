/** `break-glass`: for emergencies; `migration`: old and new place are both expected; `legacy`: known, and not mended yet. */
export type ExceptionKind = 'break-glass' | 'migration' | 'legacy';

/** Whom an exception or a line of the inventory means: every given key must be equal. */
export interface ExactMatch {
  readonly identity?: string | undefined;
  readonly handle?: string | undefined;
  readonly client?: string | undefined;
}

/** What two people agreed not to be told of, for a while. What it hides is stored and counted. */
export interface Exception {
  readonly name: string;
  readonly kind: ExceptionKind;
  readonly match: ExactMatch;
  /** Whose findings it hides. */
  readonly detectors: readonly string[];
  /** It holds only for events from these blocks of addresses; empty: from anywhere. */
  readonly networks: readonly string[];
  readonly reason: string;
  readonly author: string;
  readonly approver: string;
  /** Event time from which on it holds, and at which it ends by itself, ms. */
  readonly fromMs: number;
  readonly untilMs: number;
}
