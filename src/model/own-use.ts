/** A use of a credential that this service acts with, held against the calls that it noted before it made them. */
export interface OwnUse {
  /** Name of the action that it stands in, or of the sink that it delivers by. */
  readonly of: string;
  /** Calls are made with it that are noted; else it only delivers. */
  readonly acts: boolean;
  /** A call of ours was noted that this may be: about that time, and to the token that it ends, where it tells one. */
  readonly isNoted: boolean;
  /** When the newest call before it was noted, ms; `null`: none was. */
  readonly lastCallMs: number | null;
}

/** A credential of ours by a name that logs may give it. */
export interface OwnName {
  readonly name: string;
  /** The authority under which the name is ours; `null`: it is nobody else's anywhere. */
  readonly issuer: string | null;
  /** Action or sink. */
  readonly of: string;
  readonly acts: boolean;
}
