import type { Alert, AlertNote, ClosedAs, Incident } from '../model/alert.ts';
import type { AuditEntry, AuditNote } from '../model/audit.ts';
import type { Exception } from '../model/exception.ts';
import type { Intent, IntentState, Proposal } from '../model/intent.ts';
import type { Refusal } from '../model/quarantine.ts';
import type { RecordedUse, RecordingTotals } from '../model/recorded.ts';
import type { Changed } from './changes.ts';
import type { SealedToken } from '../model/sealed.ts';
import type { DenialStore, SealedStore } from './denial-port.ts';
import type { EventOutbox, EventRecord, Outbox } from './outbox-port.ts';
import type { RecordingStore } from './recording-port.ts';

export type * from './outbox-port.ts';

/** What was consumed, in processing order, since the previous effects transaction. */
export type JournalEntry =
  | { readonly kind: 'read'; readonly feed: string; readonly count: number }
  | { readonly kind: 'tick'; readonly timeMs: number }
  | { readonly kind: 'command'; readonly number: number }
  | { readonly kind: 'configuration'; readonly hash: string };

/** A call that is about to be made by an action. */
export interface OwnCall {
  readonly action: string;
  /** Wall clock. */
  readonly atMs: number;
  /** Fingerprint of the token that it is done to. */
  readonly token: string;
  /** What is done to it. */
  readonly step: string;
}

/** What an operator asked the engine to do: an input like any other, taken at a place that the journal names. */
export type Command =
  /** `benign` and `false_alarm`: what deviated is accepted as normal; `theft`: it is dropped and never learned. */
  | { readonly kind: 'close'; readonly alertId: string; readonly as: ClosedAs }
  /** What closing it did is taken back: records, and what is never learned, are as they were before. */
  | { readonly kind: 'reopen'; readonly alertId: string }
  | { readonly kind: 'acknowledge'; readonly alertId: string }
  /** Somebody looks after it; `null`: nobody any more. */
  | { readonly kind: 'assign'; readonly alertId: string; readonly owner: string | null }
  | { readonly kind: 'note'; readonly alertId: string; readonly note: AlertNote }
  /** Somebody says that it was he. It changes nothing else. */
  | { readonly kind: 'claim'; readonly alertId: string; readonly note: AlertNote }
  /** One more exception, which ends by itself; one that ends when it begins takes it back. */
  | { readonly kind: 'quiet'; readonly alertId: string; readonly exception: Exception }
  /** Something that its document tells has changed: it gets a new version, so that it is delivered again. */
  | { readonly kind: 'amend'; readonly alertId: string }
  /** A stopped feed went on at this position. Only noted: the position is in the state, so taking the command does nothing. */
  /** Noted before it is made, so that whatever else is done with our own credentials is known to be somebody else's doing. */
  | { readonly kind: 'own-call'; readonly call: OwnCall }
  /** What logs call the credentials of an action, as their providers said: in place of what was learned of it before. */
  | { readonly kind: 'own-names'; readonly action: string; readonly names: readonly { readonly name: string; readonly issuer: string }[] }
  /** Calls are noted from now on, wall clock. */
  | { readonly kind: 'own-watch'; readonly atMs: number }
  | { readonly kind: 'go-on'; readonly feed: string; readonly position: string };

/** One small transaction. Alerts and incidents are written only where their version is higher than the stored one. */
export interface EffectsBatch {
  readonly alerts: readonly Alert[];
  readonly incidents: readonly Incident[];
  readonly refusals: readonly Refusal[];
  /** Kept apart from the alerts, so that nobody is told of them. */
  readonly hidden?: readonly Alert[];
  /** Added to the stored counters. */
  readonly counters: Readonly<Record<string, number>>;
  readonly journal: readonly JournalEntry[];
  /** A new one becomes an intent; for a known one only its evidence, severity, mode and dependents are brought up to date. */
  readonly proposals?: readonly Proposal[];
  /** Written only where the version is higher than the stored one. */
  readonly intents?: readonly Intent[];
  /** Appended to the chain in this order. */
  readonly audit?: readonly AuditNote[];
  /** Put for every sink that keeps events. */
  readonly events?: readonly EventRecord[];
  /** Kept for the executor; a known token's box is replaced by one that lasts longer. */
  readonly sealed?: readonly SealedToken[];
  /** For the flight recorder; what it has is not written again. */
  readonly uses?: readonly RecordedUse[];
  readonly recordings?: readonly RecordingTotals[];
}

export interface IntentFilter {
  readonly states?: readonly IntentState[];
  /** Fingerprint. */
  readonly token?: string;
  readonly incidentId?: string;
  /** A change number as `lastChange` gave it. */
  readonly changedSince?: number;
  /** And this one at most. */
  readonly changedUpTo?: number;
  /** At least. */
  readonly severity?: number;
}

/** Of which intents calls are counted: all that is given must hold. */
export interface SentFilter {
  readonly rule?: string;
  /** Other plans than `besidesPlan`, of this lineage; what only told somebody does not count. */
  readonly lineage?: string;
  readonly besidesPlan?: string;
  /** Done to this identity's tokens; `null`: to tokens of nobody. What only told somebody does not count. */
  readonly identity?: string | null;
  /** Begun without any person's word. */
  readonly isAutomatic?: true;
}

/** A place in the order of change. */
export interface IntentCursor { readonly change: number; readonly id: string }

/** One entry of the chain as it is stored: `note` is the text that its hash covers. */
export interface AuditRow { readonly number: number; readonly previous: string; readonly note: string; readonly hash: string }

/** Intents, the audit chain and operators' commands, in `effects.db`. Written through `commit` and `transact`. */
export interface ResponseStore {
  intent(id: string): Intent | null;
  /** In the order of their change; all of them without a filter. */
  intents(filter?: IntentFilter): Intent[];
  /** Up to `limit` after that place, in these states where they are given, and the place of the last of them. */
  intentsAfter(place: IntentCursor, limit: number, states?: readonly IntentState[]): { readonly intents: readonly Intent[]; readonly place: IntentCursor };
  /** State -> how many intents stand in it. */
  intentCounts(): Readonly<Record<string, number>>;
  /** How many calls were begun since, wall clock; those of at least this severity where one is given. */
  sentSince(timeMs: number, severity?: number): number;
  /** The same of certain intents. */
  sentBy(filter: SentFilter, timeMs: number): number;
  /** From this number on. */
  audit(from?: number): Iterable<AuditEntry>;
  /** As stored, for checking: nothing is parsed. */
  auditRows(from?: number): Iterable<AuditRow>;
  /** Hash and number of the newest entry; `null` before the first. */
  auditHead(): { readonly number: number; readonly hash: string } | null;
  /** Keeps a command for the engine and answers its number. An amendment that waits already is not kept twice. */
  putCommand(command: Command, actor: string, timeMs: number): number;
  command(number: number): Command | null;
  /** The engine took it, and what came of it is stored. */
  wasTaken(number: number): boolean;
  /** Numbers not yet taken by the engine, oldest first. */
  pendingCommands(): number[];
}

/** `effects.db`: written by the engine's thread, decides the delay from event to alert. */
export interface EffectsStore {
  readonly outbox: Outbox;
  readonly events: EventOutbox;
  commit(batch: EffectsBatch): void;
  /** Reads and decides inside one transaction and writes what `work` answers; `null` writes nothing. */
  transact(work: () => Partial<EffectsBatch> | null): void;
  readonly responses: ResponseStore;
  readonly denials: DenialStore;
  readonly sealed: SealedStore;
  readonly recordings: RecordingStore;
  alert(id: string): Alert | null;
  /** By start, then id; `changedSince` is a change number as `lastChange` gave it. */
  alerts(changedSince?: number): Iterable<Alert>;
  hiddenAlert(id: string): Alert | null;
  /** What exceptions hid, by start, then id. */
  hiddenAlerts(changedSince?: number): Iterable<Alert>;
  incident(id: string): Incident | null;
  incidents(changedSince?: number): Iterable<Incident>;
  refusals(): Iterable<Refusal>;
  counters(): Record<string, number>;
  /** What changed after `since` up to `upTo`: a page of about `limit` alerts, incidents and intents, changes undivided. */
  changes(since: number, upTo: number, limit: number): Changed;
  /** Number of the last effects transaction. */
  lastChange(): number;
  /** Entries of transactions after the one that a checkpoint covered. */
  journalSince(change: number): JournalEntry[];
  /** Forgets journal entries that a checkpoint made needless. */
  trimJournal(upTo: number): void;
  getMeta(key: string): string | null;
  setMeta(key: string, value: string): void;
  close(): void;
}

/** Rows of one scope, copied out of memory for a checkpoint: transferable, no sharing. */
export interface RowsCopy {
  readonly scope: string;
  /** Describes the bytes of each row, stored once per distinct layout. */
  readonly layout: string;
  readonly count: number;
  readonly rowLength: number;
  /** 8 bytes of hash per row. */
  readonly keys: Uint8Array<ArrayBuffer>;
  readonly rows: Uint8Array<ArrayBuffer>;
  /** 8 bytes of hash for each row that goes. They go before `rows` are written: a row may be deleted and made anew. */
  readonly deleted: Uint8Array<ArrayBuffer>;
}

export interface EntityCopy { readonly kind: string; readonly key: string; readonly bytes: Uint8Array | null }

/** Everything one checkpoint writes, in one transaction of `state.db`. */
export interface Checkpoint {
  /** The last effects transaction whose inputs this state has seen. */
  readonly change: number;
  readonly rows: readonly RowsCopy[];
  readonly entities: readonly EntityCopy[];
  /** Read positions: feed -> where to go on, as text. */
  readonly positions: ReadonlyMap<string, string>;
}

/** `state.db`: written by a worker thread; reads are synchronous, for rows that left memory. */
export interface StateStore {
  /** Resolves when the checkpoint is durable. At most one at a time. */
  write(checkpoint: Checkpoint): Promise<void>;
  row(scope: string, key: Uint8Array): { readonly layout: string; readonly bytes: Uint8Array } | null;
  rows(scope: string): Iterable<{ readonly key: Uint8Array; readonly layout: string; readonly bytes: Uint8Array }>;
  entity(kind: string, key: string): Uint8Array | null;
  entities(kind: string): Iterable<[string, Uint8Array]>;
  positions(): Map<string, string>;
  /** Effects transaction that the stored state covers; 0 when empty. */
  change(): number;
  close(): Promise<void>;
}
