import type { RecordOf, StateLayout } from '../model/state.ts';

/**
 * All rows of one scope. A row holds the records of several parts (one per detector, or the registry's
 * own) side by side. `row` and `find` answer a row number that stays valid until the next `evict`;
 * the cursors of `cursor` read and write whatever row `bind` was last called with.
 */
export interface Rows {
  readonly scope: string;
  readonly size: number;
  /** Another number than before where row numbers became invalid. */
  readonly generation: number;
  /** Row of the key, made with initial values when it is neither in memory nor in the store. */
  row(key: string): number;
  /** Row of the key, or -1. Looks into the store where rows were evicted. */
  find(key: string): number;
  bind(row: number): void;
  cursor<F extends StateLayout['fields']>(part: string): RecordOf<F>;
  /** Remembers the bound row as it is now, until rows are made or the next call. */
  remember(): void;
  /** Takes one part of the bound row back to what it was when that row was remembered. */
  takeBack(part: string): void;
  /** The bytes of the bound row's record of a part, to be copied from or to the same part of another table. */
  bytesOf(part: string): Uint8Array;
  /** Says that the bound row was changed since the last checkpoint. */
  markDirty(): void;
  delete(key: string): void;
}

/** Entities of one kind: things of no fixed size, found by a text key, dirty-tracked and checkpointed like rows. */
export interface Entities<T> {
  readonly kind: string;
  readonly size: number;
  get(key: string): T | undefined;
  /** Stores the value, or says that a value changed in place. */
  set(key: string, value: T): void;
  delete(key: string): void;
  /** Every entity, in memory and in the store, by key order. */
  all(): Iterable<[string, T]>;
}
