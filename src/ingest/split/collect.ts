import type { QuarantineReason, Refusal } from '../../model/quarantine.ts';
import type { Origin, RawRecord } from '../record.ts';

/** A record, or in its place why it could not be split out. Refusals are those that have a `reason`. */
export type ReadItem = RawRecord | Refusal;

/** Where a record stands: alone at `offset`, or as number `index` of the document at `offset`. */
export interface Place {
  readonly offset: number;
  readonly index: number | null;
}

/** Numbers the records of one origin and gathers them until they are taken. */
export class Collector {
  private readonly origin: Origin;
  private items: ReadItem[] = [];
  private ordinal = 0;

  constructor(origin: Origin) {
    this.origin = origin;
  }

  /** The moment that gives a year to times without one; `null` where unknown. */
  get referenceMs(): number | null { return this.origin.modifiedMs; }

  record(
    bytes: Uint8Array, offset: number, index: number | null, originalPosition: string | null, envelopeTimeMs: number | null, isLocalTime = false,
  ): void {
    this.items.push({ origin: this.origin, bytes, offset, index, ordinal: this.ordinal++, originalPosition, envelopeTimeMs, isLocalTime });
  }

  refuse(reason: QuarantineReason, detail: string, offset: number, length: number, index: number | null = null): void {
    this.items.push({ path: this.origin.path, identity: this.origin.identity, offset, index, length, reason, detail });
  }

  /** What has gathered since the last call. */
  take(): ReadItem[] {
    const taken = this.items;
    this.items = [];
    return taken;
  }
}
