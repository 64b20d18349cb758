import type { Alert, Incident } from '../model/alert.ts';
import type { Evidence } from '../model/detector.ts';
import type { InventoryEntry } from '../model/inventory.ts';
import type { Dependent, Handover, Intent, StepKind, Target } from '../model/intent.ts';
import type { Token } from '../model/token.ts';

/** What became of a call. Reasons are our own fixed words: the other side's texts may quote secrets. */
export type Verdict =
  | { readonly kind: 'done' }
  /** It was so before: as good as done. */
  | { readonly kind: 'already' }
  /** It is known not to have taken effect, or may be sent again under the same id. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** What a probe says of the token. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** What people must know of an action before they approve it, in plain words. */
export interface ActionFacts {
  /** What it does to tokens already handed out. */
  readonly effect: string;
  readonly delay: string;
  /** How it is taken back; `null`: it cannot be. */
  readonly undo: string | null;
  /** Least rights that it needs at the provider. */
  readonly rights: string;
  /** How long gateways may go on accepting the token afterwards, ms. */
  readonly exposureMs: number;
}

/** Makes `Intent.former` durable before the next act. Throws where that cannot be: then nothing is to be done. */
export type NoteFormer = (former: string) => void;

/** A configured action: a declaration with its settings. Calls are safe to repeat under the intent's id. */
export interface Action {
  /** As configured; plans name it. */
  readonly name: string;
  readonly type: string;
  readonly kinds: readonly StepKind[];
  readonly facts: ActionFacts;
  /** Why it cannot be done to this token, in a fixed word; `null` when it can. `keepNetworks`: of a pin, where it is to go on. */
  fits(target: Target, kind: StepKind, keepNetworks?: readonly string[]): string | null;
  /** `note`: keeps how it stood, where `undo` needs that. Without it nothing is done by an action that has to note something. */
  perform(intent: Intent, signal: AbortSignal, note?: NoteFormer): Promise<Verdict>;
  readonly undo: ((intent: Intent, signal: AbortSignal) => Promise<Verdict>) | null;
  /** Asks whether the token still works; `null` where nobody can be asked. */
  readonly probe: ((intent: Intent, signal: AbortSignal) => Promise<Liveness>) | null;
  /** Absent: nobody can be asked what our credential may do. */
  readonly rights?: OwnRights;
  /** Asks by what public names logs know our credential. Absent: the configuration says so, or nobody can be asked. Never rejects. */
  readonly ownNames?: (signal: AbortSignal) => Promise<KnownAs>;
  /** Absent: it rotates nothing. */
  readonly rotation?: Rotation;
}

/**
 * Of an action that rotates. Then `perform` cuts the old credential, `undo` takes the new one back and puts the stores as they were, which is possible
 * until the cut, and `probe` tells of the old one.
 */
export interface Rotation {
  /** Users have so long to be seen on the new credential, ms; then a person is asked. */
  readonly patienceMs: number;
  /**
   * Makes a new credential and writes it to the stores. Called again it goes on where it stood: what was made and did not reach a store is deleted
   * and made again. `note` makes a change durable before the next act, and answers how it stands then; it throws where that cannot be.
   */
  handOver(intent: Intent, note: (change: Partial<Handover>) => Handover, signal: AbortSignal): Promise<Verdict>;
}

/**
 * What asking said of a right. `doubtful`: refused for something that does not exist, which is as it should be where the right is for some things only.
 * `refused`: our credential was. `unreachable`: there was no answer that can be read.
 */
export type Granted = 'granted' | 'missing' | 'doubtful' | 'refused' | 'unreachable';

/** What our own credential may do at the provider, learnt without acting. */
export interface OwnRights {
  /** Each right by the provider's name of it. Never rejects. */
  ask(signal: AbortSignal): Promise<readonly { readonly right: string; readonly granted: Granted }[]>;
  /** What nobody can learn without acting. */
  readonly unasked: string | null;
}

/** A name that logs give our credential, and the authority under which it is ours. */
export interface KnownName { readonly name: string; readonly issuer: string }

export interface KnownAs {
  readonly names: readonly KnownName[];
  /**
   * Why not all are known; `null`: they are. `several`: it is one of those that the same user has, and nobody can tell which. `not_told`: we may not ask,
   * or nothing was said.
   */
  readonly why: 'unreachable' | 'refused' | 'not_told' | 'several' | null;
}

export type Actions = ReadonlyMap<string, Action>;

/** What is known about tokens when a plan is made: a function of the events so far. */
export interface Knowledge {
  token(fingerprint: string): Token | null;
  /** Observed users of the token, those of the alert's deviating networks marked as suspects. */
  dependents(fingerprint: string, alert: Alert): Dependent[];
  /** The same of all tokens of an identity; `null` where not all of them are known. */
  identityUsers(identityId: string, alert: Alert): Dependent[] | null;
  /** The token's line in the operator's inventory. */
  entry(token: Token): InventoryEntry | null;
  /** Fingerprints of what was issued from the token. */
  minted(fingerprint: string): readonly string[];
  /** The lasting token of an identity that has this public id; `null` where it was not seen yet. */
  successor(identityId: string, handle: string): string | null;
  /** Observed users of a credential that was made during the alert: those of its deviating networks are marked, newcomers are not. */
  newUsers(fingerprint: string, alert: Alert): Dependent[];
  /** Its first ancestor. */
  lineage(fingerprint: string): string;
}

/** What is decided on: an alert, its incident, and what all alerts of that incident rest on. */
export interface Situation {
  readonly alert: Alert;
  readonly incident: Incident;
  readonly evidence: ReadonlySet<Evidence>;
  /** One of those detectors needs no second kind: what it finds has no harmless explanation. */
  readonly isCertain: boolean;
}
