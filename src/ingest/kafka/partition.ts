import type { Delivery, Receiver } from '../live.ts';
import { DeliveryMaker, isFramed } from './deliveries.ts';
import type { RecordBatch } from './batches.ts';
import { feedOf, type LogRange, type Position } from './position.ts';
import { RecordStream } from './records.ts';
import type { Decoded, SchemaDecoder } from './schemas.ts';

/** A step of the receiver is kept short by handing it no more than this at once. */
const maxStepMessages = 500;
const maxStepBytes = 1 << 20;

/** What one fetch brought, as far as it matters here. */
export interface Fetched {
  readonly batches: readonly RecordBatch[];
  /** Offset of the last record in it, also of those that are not shown. */
  readonly last: number;
  readonly high: number;
}

/**
 * One partition that we own. Messages flow while it is checked and neither delivering for long, nor stopped, nor
 * paused with the whole source; `KafkaSource` makes the client follow.
 */
export class Partition {
  readonly topic: string;
  readonly partition: number;
  readonly feed: string;
  /** Where to go on; `null` until the receiver was asked. */
  position: Position | null = null;
  /** The position has been compared with the log since the group was joined last. */
  isChecked = false;
  /** The record before the position has still to be met again, to show that the log is the same. */
  isUnproven = false;
  /** The client is told to fetch it. */
  isFlowing = false;
  isOwned = true;
  stoppedBecause: string | null = null;
  /** As last told by the broker. */
  range: LogRange | null = null;
  /** How often the broker refused the position since it last moved. */
  outOfRange = 0;
  #delivering: Promise<void> | null = null;
  readonly #maker: DeliveryMaker;
  readonly #decoder: SchemaDecoder | null;

  constructor(source: string, topic: string, partition: number, decoder: SchemaDecoder | null = null) {
    this.#decoder = decoder;
    this.topic = topic;
    this.partition = partition;
    this.feed = feedOf(topic, partition);
    this.#maker = new DeliveryMaker(source, this.feed, topic, partition);
  }

  get isDelivering(): boolean {
    return this.#delivering !== null;
  }

  get delivered(): Promise<void> {
    return this.#delivering ?? Promise.resolve();
  }

  /** Offset at which fetching begins: one before the position where that record is to be met again. */
  get fetchFrom(): number {
    const { next, lastMs } = this.position!;
    return this.isUnproven && lastMs !== null ? next - 1 : next;
  }

  /**
   * Is this the log that was read before? The last record read must be there with the time that it had; a topic that was
   * made anew has another at its place. Where it was compacted away, nothing can be said against it.
   */
  prove(batches: readonly RecordBatch[]): boolean {
    const { next, lastMs } = this.position!;
    const records = new RecordStream(batches);
    const isAsked = this.isUnproven && lastMs !== null;
    this.isUnproven = false;
    while (isAsked && records.next() && records.offset < next) {
      if (records.offset === next - 1) return records.timeMs === lastMs;
    }
    return true;
  }

  /** Hands messages over, in steps; the position follows. Rejects where the receiver does. */
  deliver(fetched: Fetched, receiver: Receiver): Promise<void> {
    const delivering = this.#deliver(fetched, receiver).finally(() => {
      this.#delivering = null;
      this.#maker.release();
    });
    this.#delivering = delivering;
    return delivering;
  }

  async #deliver({ batches, last, high }: Fetched, receiver: Receiver): Promise<void> {
    const { next } = this.position!;
    const nowMs = Date.now();
    const records = new RecordStream(batches);
    let hasMore = records.next();
    while (hasMore && records.offset < next) hasMore = records.next();
    while (hasMore) {
      const decoded = this.#decoder === null ? null : await this.#decode(this.#decoder, records);
      if (this.#decoder !== null && decoded === null) return;
      const step: Delivery[] = [];
      let taken = this.position!;
      for (let bytes = 0; hasMore && step.length < maxStepMessages && bytes < maxStepBytes; hasMore = records.next()) {
        if (decoded !== null && isFramed(records) && !decoded.has(records.offset)) break;
        const delivery = this.#maker.make(records, nowMs, decoded?.get(records.offset));
        bytes += delivery.bytes;
        step.push(delivery);
        taken = { next: records.offset + 1, lastMs: records.timeMs };
      }
      await receiver.deliver(step);
      if (!this.isOwned || this.stoppedBecause !== null) return;
      this.#moveTo(taken);
    }
    this.skipTo(last + 1);
    this.range = { low: this.range?.low ?? 0, high };
  }

  /** What the framed values of the next step hold by offset, of the first of them at least; `null` once nobody waits for it. */
  async #decode(decoder: SchemaDecoder, from: RecordStream): Promise<Map<number, Decoded> | null> {
    const framed: { readonly offset: number; readonly value: Buffer }[] = [];
    const records = from.copy();
    for (let count = 0, bytes = 0, hasMore = true; hasMore && count < maxStepMessages && bytes < maxStepBytes; count++, hasMore = records.next()) {
      bytes += Math.max(0, records.end - records.start);
      if (isFramed(records)) framed.push({ offset: records.offset, value: records.value! });
    }
    if (framed.length === 0) return new Map();
    const found = await decoder.decode(framed.map(({ value }) => value), () => this.isOwned && this.stoppedBecause === null);
    return found && new Map(found.map((decoded, i) => [framed[i]!.offset, decoded]));
  }

  /** Records up to there are nothing for us: the marks of transactions, or what was compacted away. */
  skipTo(next: number): void {
    // Whether the record before can be met again is not known: it is not asked for.
    if (this.position !== null && next > this.position.next) this.#moveTo({ next, lastMs: null });
  }

  #moveTo(position: Position): void {
    this.position = position;
    this.outOfRange = 0;
  }
}
