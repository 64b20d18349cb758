import type { EventCodec } from './event-text.ts';
import type { PendingLimits } from './pending.ts';
import type { InventoryEntry } from '../model/inventory.ts';

export interface CorrelatorOptions {
  readonly inventory?: readonly InventoryEntry[];
  readonly events?: EventCodec;
  readonly pending?: PendingLimits;
  /** Requests that may wait for their response. */
  readonly halfRequests?: number;
  /** Tokens that were only claimed: further unknown ones stay unknown. */
  readonly unprovenTokens?: number;
}

export const defaultHalfRequests = 10_000;
export const defaultUnprovenTokens = 1_000_000;
