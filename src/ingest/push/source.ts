import { createHash, randomUUID } from 'node:crypto';
import type { Delivery, LiveSource, Receiver, SourceHealth } from '../live.ts';
import type { Origin, Outcome, RawRecord } from '../record.ts';
import { unpack } from './body.ts';
import { answerText, decodePayload, encodePayload, normalizeBatch } from './payload.ts';
import type { Spool, SpooledBatch } from './port.ts';

/** One batch as it arrived; who sent it has been checked. */
export interface PushRequest {
  readonly format: string;
  /** The sender's id of the batch. Without one, a batch that is sent again counts again. */
  readonly batchId: string | null;
  /** `Content-Encoding`; empty for none. */
  readonly encoding: string;
  readonly body: Uint8Array;
}

export type PushResult = 'accepted' | 'repeated' | 'refused' | 'full';

export interface PushAnswer {
  readonly status: number;
  /** JSON. */
  readonly body: string;
  readonly result: PushResult;
  readonly retryAfterSeconds: number | null;
}

export interface PushOptions {
  /** Name of the configured source; its feed is `http/<name>`. */
  readonly name: string;
  readonly spool: Spool;
  /** What turns records of a format into events; `null` for a format that is unknown or that the source does not carry. */
  readonly normalizerOf: (format: string) => ((record: RawRecord) => Outcome) | null;
  /** Longest batch, decompressed. */
  readonly maxBatchBytes?: number;
  readonly now?: () => number;
}

/** Retry when the spool may have room again: a checkpoint comes every few seconds. */
const retryAfterSeconds = 10;
/** So much is delivered at a time, if a single batch is not larger. */
const maxDeliveredBytes = 4 << 20;

/**
 * Logs pushed over HTTP. A batch is normalized within its request and lies in the spool before it is acknowledged:
 * nothing acknowledged is lost, and no secret rests on disk. From the spool it is delivered in the order of arrival.
 *
 * Positions are `<id of the spool>:<sequence>`; those of another spool count as none.
 */
export class PushSource implements LiveSource {
  readonly name: string;
  readonly feed: string;
  readonly #options: PushOptions;
  readonly #now: () => number;
  /** Batches being worked on: the same id sent twice at once is one batch. */
  readonly #working = new Map<string, Promise<PushAnswer>>();
  readonly #normalizers = new Map<string, (record: RawRecord) => Outcome>();
  #receiver: Receiver | null = null;
  #delivered = 0;
  #delivering: Promise<void> | null = null;
  #paused = false;
  #problem: string | null = null;
  #lastReceivedMs: number | null = null;
  #caughtUpTimer: NodeJS.Timeout | null = null;

  constructor(options: PushOptions) {
    this.name = options.name;
    this.feed = `http/${options.name}`;
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Takes one batch. The answer is given only when the batch is durable, or was refused. */
  async receive(request: PushRequest): Promise<PushAnswer> {
    const normalize = this.#normalizer(request.format);
    if (normalize === null) return refused(404, 'unknown_format');
    if (request.batchId !== null && !/^[\x21-\x7e]{1,128}$/.test(request.batchId)) return refused(400, 'bad_batch_id');
    if (this.#options.spool.freeBytes === 0) return full();
    const batchId = request.batchId ?? randomUUID();
    const before = this.#working.get(batchId);
    if (before !== undefined) await Promise.allSettled([before]);
    if (this.#working.has(batchId)) return { ...refused(409, 'batch_in_progress'), retryAfterSeconds: 1 };
    const work = this.#take(request, batchId, normalize);
    this.#working.set(batchId, work);
    try {
      return await work;
    } finally {
      this.#working.delete(batchId);
    }
  }

  async start(receiver: Receiver): Promise<void> {
    const [spool, sequence] = (receiver.positionOf(this.feed) ?? '').split(':');
    this.#delivered = spool === this.#options.spool.id ? Number(sequence) : 0;
    this.#receiver = receiver;
    this.#wake();
    this.#caughtUpTimer = setInterval(() => this.#wake(), 1000).unref();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  async checkpointed(positions: ReadonlyMap<string, string>): Promise<void> {
    const [spool, sequence] = (positions.get(this.feed) ?? '').split(':');
    if (spool !== this.#options.spool.id) return;
    try {
      this.#options.spool.consumed(this.name, Number(sequence));
    } catch {
      this.#problem = 'the spool cannot be written';
    }
  }

  health(): SourceHealth {
    const lag = this.#problem === null ? this.#options.spool.waiting(this.name, this.#delivered) : null;
    return { ok: this.#problem === null, lastFetchMs: this.#lastReceivedMs, lag, detail: this.#problem ?? 'listens' };
  }

  async stop(): Promise<void> {
    this.#receiver = null;
    if (this.#caughtUpTimer !== null) clearInterval(this.#caughtUpTimer);
    await this.#delivering;
    await Promise.allSettled(this.#working.values());
  }

  async #take(request: PushRequest, batchId: string, normalize: (record: RawRecord) => Outcome): Promise<PushAnswer> {
    const { spool, maxBatchBytes = 16 << 20 } = this.#options;
    const unpacked = await unpack(request.body, request.encoding, maxBatchBytes);
    if ('problem' in unpacked) return refused(unpacked.status, unpacked.problem);
    const contentHash = createHash('sha256').update(request.format).update('\n').update(unpacked.bytes).digest('hex');
    const known = spool.known(this.name, batchId);
    if (known !== null) {
      return known.contentHash === contentHash
        ? { status: 202, body: known.answer, result: 'repeated', retryAfterSeconds: null }
        : refused(422, 'batch_id_reused');
    }
    const receivedMs = this.#now();
    const batch = await normalizeBatch(unpacked.bytes, this.#originOf(batchId, receivedMs), normalize);
    if ('problem' in batch) return refused(batch.status, batch.problem);
    const payload = encodePayload(batch);
    const length = Buffer.byteLength(payload);
    if (length > spool.capacityBytes) return refused(413, 'too_large');
    if (length > spool.freeBytes) return full();
    const answer = answerText(batchId, batch);
    spool.append({ source: this.name, batchId, contentHash, answer, receivedMs, payload });
    this.#lastReceivedMs = receivedMs;
    this.#wake();
    return { status: 202, body: answer, result: 'accepted', retryAfterSeconds: null };
  }

  /** The same batch has the same identity, so that its events have the same ids however often it is sent. */
  #originOf(batchId: string, receivedMs: number): Origin {
    const identity = createHash('sha256').update(`${this.feed}\n${batchId}`).digest().subarray(0, 16).toString('base64url');
    return { path: this.feed, place: 0, identity, source: this.name, modifiedMs: receivedMs };
  }

  #normalizer(format: string): ((record: RawRecord) => Outcome) | null {
    const made = this.#normalizers.get(format) ?? this.#options.normalizerOf(format);
    // Only formats that there are, so this has no more entries than those.
    if (made !== null) this.#normalizers.set(format, made);
    return made;
  }

  #wake(): void {
    if (this.#delivering !== null || this.#receiver === null || this.#paused || this.#problem !== null) return;
    this.#delivering = this.#deliver()
      .catch(() => this.#fail('what was delivered could not be taken'))
      .finally(() => { this.#delivering = null; });
  }

  async #deliver(): Promise<void> {
    while (this.#receiver !== null && !this.#paused) {
      const askedMs = this.#now();
      const batch = this.#read();
      if (batch === null) return;
      if (batch.length === 0) return this.#receiver.caughtUp(this.feed, askedMs);
      await this.#receiver.deliver(batch.map(({ delivery }) => delivery));
      this.#delivered = batch.at(-1)!.sequence;
    }
  }

  /** The next batches; `null` once the spool cannot be read. */
  #read(): { sequence: number; delivery: Delivery }[] | null {
    try {
      return this.#options.spool.after(this.name, this.#delivered, maxDeliveredBytes)
        .map((batch) => ({ sequence: batch.sequence, delivery: this.#deliveryOf(batch) }));
    } catch {
      this.#fail('the spool is unreadable, or another version wrote it: let that version empty it');
      return null;
    }
  }

  #fail(problem: string): void {
    this.#problem = problem;
    this.#receiver?.stopped(this.feed, problem);
  }

  #deliveryOf({ sequence, receivedMs, payload }: SpooledBatch): Delivery {
    const { events, refusals, ignored } = decodePayload(payload);
    const position = `${this.#options.spool.id}:${sequence}`;
    const bytes = Buffer.byteLength(payload);
    return { feed: this.feed, source: this.name, position, items: refusals, events, ignored, receivedMs, bytes };
  }
}

function refused(status: number, problem: string): PushAnswer {
  return { status, body: JSON.stringify({ error: problem }), result: 'refused', retryAfterSeconds: null };
}

function full(): PushAnswer {
  return { status: 429, body: JSON.stringify({ error: 'spool_full' }), result: 'full', retryAfterSeconds };
}
