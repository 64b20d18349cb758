import type { Denial } from '../model/denial.ts';

/** A deny list as it stands: 0 and 0 before its first change. */
export interface DenyListState { readonly number: number; readonly changedMs: number }

/** Limits of a list, and times of the wall clock. Entries whose end is not after `endedMs` make room. */
export interface PutLimits { readonly nowMs: number; readonly endedMs: number; readonly maxEntries: number }

/** Deny lists for gateways, in `effects.db`. Every change is durable at once and gives the list a higher number. */
export interface DenialStore {
  state(list: string): DenyListState;
  entry(list: string, intentId: string): Denial | null;
  /** By number. */
  entries(list: string): Denial[];
  /** `full`: nothing was put. `known`: the intent has its entry already. */
  put(list: string, denial: Omit<Denial, 'number'>, limits: PutLimits): 'put' | 'known' | 'full';
  /** False where there was none. */
  remove(list: string, intentId: string, nowMs: number): boolean;
  /** The gateway has this number now, whatever it had before. */
  hold(list: string, gateway: string, number: number, nowMs: number): void;
  /** Gateway -> number that it has. */
  holders(list: string): ReadonlyMap<string, number>;
}

/** Tokens sealed to the executor's key, in `effects.db`. Full, those that end first go. */
export interface SealedStore {
  /** `null` where none is kept, or its time is over. */
  get(token: string, nowMs: number): Uint8Array | null;
  /** Fingerprints of all that are kept. */
  tokens(nowMs: number): Iterable<string>;
  /** Answers how many went. */
  forgetEnded(nowMs: number): number;
}
