import type { RecordedUse } from '../model/recorded.ts';

/** What was done with one object from one network, as one kind of log tells it. */
export interface TouchedObject extends Pick<RecordedUse, 'resource' | 'object' | 'network' | 'vantage' | 'isHop' | 'token'> {
  readonly events: number;
  readonly refused: number;
  readonly bytesOut: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** A token that was issued to somebody of the lineage. */
export interface MintedToken extends Pick<RecordedUse, 'timeMs' | 'token' | 'network' | 'address' | 'action' | 'issuedHandle' | 'issuedKind'> {
  readonly issued: string;
}

/** How much the flight recorder has. */
export interface RecordedTotals {
  readonly events: number;
  /** Different objects in different networks: lines of `touched` without a limit. */
  readonly lines: number;
  readonly missedEvents: number;
  readonly missedBytes: number;
  /** All of them have ended, the last one then, event time; `null`: it goes on. */
  readonly endedMs: number | null;
}

/** The flight recorder's book, in `effects.db`. `incidentIds`: as alerts name theirs, before incidents were joined. */
export interface RecordingStore {
  /** What took most bytes first, then what was touched first. */
  touched(incidentIds: readonly string[], limit: number): TouchedObject[];
  /** In the order of time. */
  minted(incidentIds: readonly string[], limit: number): MintedToken[];
  totals(incidentIds: readonly string[]): RecordedTotals;
}
