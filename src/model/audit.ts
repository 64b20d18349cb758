/** One act or refusal, for the audit chain. Texts are our own fixed words, names of accounts and ids; never what somebody else wrote. */
export interface AuditNote {
  /** Wall clock. */
  readonly timeMs: number;
  /** What happened, such as `intent.sending` or `kill_switch.on`. */
  readonly kind: string;
  /** Account that did it; `policy` or `executor` for our own acts. */
  readonly actor: string;
  /** Id of the intent, alert or setting it is about. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** A note in the chain: its hash covers the note and the hash before it. */
export interface AuditEntry extends AuditNote {
  readonly number: number;
  readonly previous: string;
  readonly hash: string;
}
