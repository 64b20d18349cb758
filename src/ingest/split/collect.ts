import type { QuarantineReason, Refusal } from '../../model/quarantine.ts';
import type { Origin, RawRecord } from '../record.ts';

/** A record that could not be split out. It stands in the batch in its place among the others. */
export interface Refused {
  readonly refusal: Refusal;
  readonly origin: Origin;
  readonly ordinal: number;
}

export type ReadItem = RawRecord | Refused;

/** Where a record stands: alone at `offset`, or as number `index` of the document at `offset`. */
export interface Place {
  readonly offset: number;
  readonly index: number | null;
}

export function isRefused(item: ReadItem): item is Refused {
  return 'refusal' in item;
}

/** Numbers the records of one origin and gathers them until they are taken. */
export class Collector {
  private readonly origin: Origin;
  private items: ReadItem[] = [];
  private ordinal = 0;

  constructor(origin: Origin) {
    this.origin = origin;
  }

  record(bytes: Uint8Array, offset: number, index: number | null, originalPosition: string | null, envelopeTimeMs: number | null): void {
    this.items.push({ origin: this.origin, bytes, offset, index, ordinal: this.ordinal++, originalPosition, envelopeTimeMs });
  }

  refuse(reason: QuarantineReason, detail: string, offset: number, length: number, index: number | null = null): void {
    const refusal = { path: this.origin.path, offset, index, length, reason, detail };
    this.items.push({ refusal, origin: this.origin, ordinal: this.ordinal++ });
  }

  /** What has gathered since the last call. */
  take(): ReadItem[] {
    const taken = this.items;
    this.items = [];
    return taken;
  }
}
