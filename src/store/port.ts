import type { Alert, Incident } from '../model/alert.ts';
import type { Refusal } from '../model/quarantine.ts';

/** What was consumed, in processing order, since the previous effects transaction. */
export type JournalEntry =
  | { readonly kind: 'read'; readonly feed: string; readonly count: number }
  | { readonly kind: 'tick'; readonly timeMs: number }
  | { readonly kind: 'command'; readonly number: number }
  | { readonly kind: 'configuration'; readonly hash: string };

/** One small transaction. Alerts and incidents are written only where their version is higher than the stored one. */
export interface EffectsBatch {
  readonly alerts: readonly Alert[];
  readonly incidents: readonly Incident[];
  readonly refusals: readonly Refusal[];
  /** Added to the stored counters. */
  readonly counters: Readonly<Record<string, number>>;
  readonly journal: readonly JournalEntry[];
}

/** `effects.db`: written by the engine's thread, decides the delay from event to alert. */
export interface EffectsStore {
  commit(batch: EffectsBatch): void;
  alert(id: string): Alert | null;
  /** By start, then id; `changedSince` is a change number as `lastChange` gave it. */
  alerts(changedSince?: number): Iterable<Alert>;
  incident(id: string): Incident | null;
  incidents(changedSince?: number): Iterable<Incident>;
  refusals(): Iterable<Refusal>;
  counters(): Record<string, number>;
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
