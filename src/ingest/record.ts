import type { TokenEvent } from '../model/event.ts';
import type { Refusal } from '../model/quarantine.ts';

/** A file, topic or stream being read. One object per input, shared by all of its records. */
export interface Origin {
  /** `log.file.path`: the argument joined with the walk; `-` for standard input. */
  readonly path: string;
  /** Place among all inputs that are read together, from 0: breaks ties of time before a record's own place. */
  readonly place: number;
  /** Identity of the input whatever its path: hash of its length and first 4 KiB. */
  readonly identity: string;
  /** Name of the configured source it belongs to, `null` where none is configured. */
  readonly source: string | null;
  /** Modification time: gives the year to timestamps without one. `null` where unknown. */
  readonly modifiedMs: number | null;
}

/**
 * The bytes of one record, split out of whatever enclosed it. `bytes` is only valid until the
 * next record is asked for: whoever keeps it copies it.
 */
export interface RawRecord {
  readonly origin: Origin;
  readonly bytes: Uint8Array;
  /** Byte offset in the decompressed stream of the record, or of the document that encloses it. */
  readonly offset: number;
  readonly index: number | null;
  /** Place among all records of this origin, from 0: breaks ties of time. */
  readonly ordinal: number;
  /** `host|file|offset` where an envelope names the original position; that is the identity then. */
  readonly originalPosition: string | null;
  /** Time that the envelope gives to a record which has none of its own. */
  readonly envelopeTimeMs: number | null;
  /** That time named no zone and is reckoned as if it were UTC: it is one of the source's zone. */
  readonly isLocalTime?: boolean;
}

/** What became of one record. */
export type Outcome =
  | { readonly kind: 'event'; readonly event: TokenEvent }
  | { readonly kind: 'ignored'; readonly format: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };
