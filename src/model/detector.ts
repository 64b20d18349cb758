import type { TokenEvent, Vantage } from './event.ts';
import type { Fate, PlaceBefore } from './fate.ts';
import type { Finding } from './finding.ts';
import type { OwnUse } from './own-use.ts';
import type { RecordOf, StateLayout } from './state.ts';

/**
 * What a record is kept for. The engine derives the key from the event; a scope whose key the
 * event does not have (no resource, no workload) is `null` in `observe`.
 * `token`, `identity`, `actor` and `source+client` are a caller's own; the rest are shared between callers.
 * `actor` is the identity once more, for detectors that want few events: rows of `identity` exist for
 * nearly everybody, a row here only where such an event came. `network` is the network block of the source.
 */
export type KeyScope = 'token' | 'identity' | 'actor' | 'source+client' | 'resource' | 'workload' | 'account' | 'network';

/** What a detector may know beyond the event and its records. All of it is a function of earlier inputs. */
export interface Context {
  /** Milliseconds of [fromMs, now] in which the event's source was seen delivering. */
  coveredMs(fromMs: number): number;
  /** First time the token was issued or seen, `null` if this is the first. */
  readonly tokenIssuedMs: number | null;
  /** True when the issuance itself was read, not only claimed by a field. */
  readonly tokenIssueSeen: boolean;
  /** What became of the token and its owner: bits of `fates`, 0 for nearly all events. Cheap enough to be asked in `wants`. */
  readonly fate: number;
  /** Since when, in ms, whole seconds; `null` where that is not known. */
  fateSinceMs(fate: Fate): number | null;
  /** Did uses of the token or its identity come from the event's network before that time? */
  placeBefore(beforeMs: number): PlaceBefore;
  /** Last verified use of the token before this event; `null`: none. */
  readonly formerUseMs: number | null;
  /** When the confirmed theft was last seen of which the event has the features, ms; `null`: there is none. */
  readonly theftSeenMs: number | null;
  /** What the operator calls the bait that the event touches. */
  readonly honeytoken: string | null;
  /** The token, or the identity that the event names, is one that somebody vouched for. */
  readonly isKnown: boolean;
  /**
   * When the incident began that is open for the event's identity or its token's lineage, or only for the lineage; `null`: none is. One in
   * which only the detector `besides` saw anything does not count, so that nobody takes his own alert for a second witness.
   */
  incidentSinceMs(by: 'any' | 'lineage', besides: string): number | null;
  /** When the event's identity was first seen; `null`: nobody vouched for it yet, or the event names none. */
  readonly identitySinceMs: number | null;
  /** What the event gives something to is an account whose own logs were read. */
  readonly isOwnTarget: boolean;
  /** The token was issued to somebody who showed a token of a person. */
  readonly parentIsHuman: boolean;
  /** Up to when every log that looks from there was read, event time in ms; `null`: there is none. */
  heardMs(vantage: Vantage): number | null;
  /** Set where the event stands for what did not come; `null` for every real event. */
  readonly silence: Silence | null;
  /** Who had the event's lasting key made within the last day; `null`: nobody is known to have. */
  readonly mint: Mint | null;
  /** Set where the event is a use, judged once more, of a token that its issuer did not issue by all that is known; else `null`. */
  readonly unissued: Unissued | null;
  /** Set where the event is a bill laid before one of those who used what it is for; else `null`. */
  readonly bill: Bill | null;
  /** How long the event's source was declared to go on accepting what was revoked; `null`: nothing declared. */
  readonly validationCacheMs: number | null;
  /** What is known of a use of this service's own credential; `null` for any other, and for what was before its calls were noted. */
  readonly ownUse: OwnUse | null;
}

/** How a source, or a token, used to be heard of. The event's `timeMs` is when it was heard last, `orderMs` is now. */
export interface Silence {
  readonly of: 'source' | 'token';
  /** Of the time since then, what was seen passing while somebody else was heard. */
  readonly silentMs: number;
  /** Of a source the longest pause that was ordinary, of a token the mean one. */
  readonly usualPauseMs: number;
  /** For how long it had been heard. */
  readonly historyMs: number;
}

/** An odd bill, and how one caller used what it is for. */
export interface Bill {
  /** What was billed beyond the usual, in `currency` (ISO 4217); `null`: not told. */
  readonly amount: number;
  readonly currency: string | null;
  readonly usualAmount: number;
  readonly service: string | null;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Callers who used it in that time. */
  readonly callers: number;
  /** This one began shortly before or within that time. */
  readonly isNewcomer: boolean;
  readonly firstUseMs: number;
  /** Hours in which he used it, by day of that time, and by day of work before. */
  readonly hoursPerDay: number;
  readonly usualHoursPerDay: number;
}

/** The making of a key, as seen from a use of it. */
export interface Mint {
  readonly byIdentityId: string | null;
  readonly byName: string | null;
  readonly ageMs: number;
  /** The use comes from the address, or the public network, that the key was made from. */
  readonly isNearby: boolean;
  /** Its maker made keys on several days. */
  readonly isHabit: boolean;
}

/** A token at work that its issuer's log lacks, though it lacks few, and in what else it is strange. */
export interface Unissued {
  /** Tokens of the issuer that were found in its log, and that were not. */
  readonly matched: number;
  readonly missing: number;
  /** How improbable one more missing line is. */
  readonly bits: number;
  readonly unknownKey: boolean;
  readonly oddLifetime: boolean;
  /** Its owner was never seen where it was used. */
  readonly isElsewhere: boolean;
  /** An earlier token of its owner was lacking as well, and others in between were not. */
  readonly isRepeated: boolean;
  /** `null`: it has no end. */
  readonly lifetimeMs: number | null;
  readonly shortestMs: number;
  readonly longestMs: number;
}

export interface AttackTechnique { readonly tactic: string; readonly technique: string }
type ParameterValue = number | string | boolean;

/** A parameter as the configuration names it; durations are text such as `30d` and reach the detector in ms. */
export interface Parameter {
  readonly default: ParameterValue;
  readonly kind: 'duration' | 'duration-or-auto' | 'number' | 'bytes';
  readonly describe: string;
}
export type Parameters = Readonly<Record<string, Parameter>>;
/** Durations arrive as milliseconds, `auto` as `null`. */
export type ValuesOf<P extends Parameters> = { readonly [K in keyof P]: P[K]['kind'] extends 'duration-or-auto' ? number | null : number };

type Layouts = { readonly [S in KeyScope]?: StateLayout };
export type RecordsOf<L extends Layouts> = {
  [S in keyof L]: L[S] extends StateLayout<infer F> ? RecordOf<F> | null : never;
};

/** `volume`: how much; `origin`: from where; `lifecycle`: what became of the token before; `workload`: who and what calls what. */
export type Evidence = 'volume' | 'origin' | 'lifecycle' | 'workload';

/**
 * One detector: pure, so that the same input gives the same bytes out. `observe` judges the event
 * against the records as they were, then updates them. It reads no clock, does no I/O, and keeps
 * nothing between calls outside its records. When it returns a finding, the engine undoes the update
 * of the real records and continues a shadow of them instead, so what deviates is not learned.
 */
export interface Detector<L extends Layouts = Layouts, P extends Parameters = Parameters> {
  readonly id: string;
  /** One sentence: what it looks for. */
  readonly title: string;
  /** Short generic name for the alert's first line. */
  readonly alertTitle: string;
  readonly state: L;
  readonly parameters: P;
  readonly attack: readonly AttackTechnique[];
  readonly owaspNhi: readonly string[];
  /** What it is meant to catch, in short phrases. */
  readonly cases: readonly string[];
  /** What of an event its findings rest on. Two findings are independent evidence only where this differs. */
  readonly restsOn: Evidence;
  /** Why it judges events that nobody vouches for as well; absent: it does not. What it finds there is no ground for acting. */
  readonly judgesUnauthenticated?: string;
  /** What it finds no exception hides: the token is in wrong hands, or was laid out to be. */
  readonly neverHidden?: true;
  /** It wants the further records of a request too (see `Vantages`), which are neither counted nor places of their own. Default: false. */
  readonly seesHops?: boolean;
  /** What it finds in a use that an authenticator vouched for has no harmless explanation: no second kind of evidence is asked for. */
  readonly sufficesAlone?: true;
  /** From when its answer can be trusted. */
  readonly grace: string;
  readonly blindSpots: readonly string[];
  /** How a legitimate change is accepted in the end. */
  readonly acceptance: string;
  /** Bits of `fates`: it wants only events of which `Context.fate` holds one of them. Absent: any. Keeps it out of the way of all others. */
  readonly fates?: number;
  /** Bits of `needs`, all of which must be met: it is not even asked about other events. Absent: none. */
  readonly needs?: number;
  /**
   * Which of the events that meet its needs it wants to see. Absent: all. Called before anything is looked up, so it must be cheap. Of the
   * context only `fate` is.
   */
  readonly wants?: (event: TokenEvent, context: Context) => boolean;
  readonly observe: (event: TokenEvent, records: RecordsOf<L>, parameters: ValuesOf<P>, context: Context) => Finding | null;
  /**
   * By scope: what deviated is accepted, so `record`, which went on learning beside it, takes over what `shadow` learned of it. Must not
   * change `shadow` beyond closing what it had open. A caller's own scope that is not named here takes the whole shadow over instead; a
   * scope shared between callers keeps a shadow only where it is named here.
   */
  readonly accept?: { readonly [S in keyof L]?: (record: NonNullable<RecordsOf<L>[S]>, shadow: NonNullable<RecordsOf<L>[S]>) => void };
}

export function defineDetector<const L extends Layouts, const P extends Parameters>(detector: Detector<L, P>): Detector<L, P> {
  return detector;
}
