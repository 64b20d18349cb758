/** One batch as the spool keeps it. Events are encoded and hold no secrets. */
export interface SpoolEntry {
  readonly source: string;
  /** The sender's id of the batch, unique for its source. */
  readonly batchId: string;
  /** SHA-256 of the batch as it was decompressed, in hex: the same id with other content is a mistake. */
  readonly contentHash: string;
  /** What the sender was answered, as JSON. */
  readonly answer: string;
  readonly receivedMs: number;
  /** Encoded events and refusals. */
  readonly payload: string;
}

export interface SpooledBatch {
  readonly sequence: number;
  readonly receivedMs: number;
  readonly payload: string;
}

export interface KnownBatch { readonly contentHash: string; readonly answer: string }

/**
 * Where pushed batches rest between their acknowledgement and the checkpoint that covers them. Everything is synchronous, and
 * durable on return.
 */
export interface Spool {
  /** Differs between spools, so that positions in a lost one are not taken for positions in this one. */
  readonly id: string;
  /** Room for payloads that is left, in bytes. */
  readonly freeBytes: number;
  readonly usedBytes: number;
  readonly capacityBytes: number;
  /** Batches with numbers above `sequence`, oldest first, until they come to `maxBytes`. */
  after(source: string, sequence: number, maxBytes: number): SpooledBatch[];
  waiting(source: string, sequence: number): number;
  known(source: string, batchId: string): KnownBatch | null;
  /** Keeps a batch and its id in one transaction. */
  append(entry: SpoolEntry): void;
  /** Forgets the batches up to `sequence`; their ids stay. */
  consumed(source: string, sequence: number): void;
}
