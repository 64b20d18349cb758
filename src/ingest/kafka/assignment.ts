import type { Batch, EachBatchPayload } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Receiver } from '../live.ts';
import type { RecordBatch } from './batches.ts';
import { Partition } from './partition.ts';
import { feedOf, misfit, parsePosition, type LogRange } from './position.ts';
import type { SchemaDecoder } from './schemas.ts';
import type { Session } from './session.ts';
import { rangesOf } from './ranges.ts';
import { batchesOf } from './unpacking.ts';

/**
 * Longer deliveries are waited for outside the handler: the client fetches nothing more until all handlers are done, and
 * a partition that is ahead of the others is not taken before they deliver again.
 */
const quickMs = 10;
const recheckMs = 300;
/** A position that the log would hold, but the broker refuses so often, is given up. */
const maxOutOfRange = 3;

/**
 * The partitions that are ours, and for each whether it may be fetched. Positions are the receiver's: whatever the group
 * remembers is not asked for. A partition whose log does not fit its position is stopped, for good; others go on.
 */
export class Assignment {
  readonly partitions = new Map<string, Partition>();
  readonly #source: string;
  readonly #receiver: Receiver;
  readonly #decoder: SchemaDecoder | null;
  #session: Session | null = null;
  /** Counts joins and ends of sessions: what was begun before the last one is void. */
  #generation = 0;
  #isPaused = false;
  /** Deliveries under way of partitions that are no longer ours. */
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #fetchStarts = new Map<string, number>();

  constructor(source: string, receiver: Receiver, decoder: SchemaDecoder | null = null) {
    this.#source = source;
    this.#receiver = receiver;
    this.#decoder = decoder;
  }

  /** A new assignment: all of it rests until positions have been compared with the logs. */
  joined(session: Session, assigned: readonly { readonly topic: string; readonly partition: number }[]): void {
    this.#session = session;
    this.#generation++;
    const owned = new Set(assigned.map(({ topic, partition }) => feedOf(topic, partition)));
    for (const partition of this.partitions.values()) if (!owned.has(partition.feed)) this.#lose(partition);
    for (const { topic, partition } of assigned) {
      const known = this.partitions.get(feedOf(topic, partition)) ?? new Partition(this.#source, topic, partition, this.#decoder);
      this.partitions.set(known.feed, known);
      known.isChecked = false;
      this.#halt(known);
    }
    void this.#check([...this.partitions.values()]);
  }

  /** The session is over: nothing is fetched until the next one has joined. */
  ended(): void {
    this.#session = null;
    this.#generation++;
    this.#fetchStarts.clear();
    for (const partition of this.partitions.values()) {
      partition.isChecked = false;
      partition.isFlowing = false;
    }
  }

  fetching(node: string): void {
    this.#fetchStarts.set(node, Date.now());
  }

  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused;
    for (const partition of this.partitions.values()) this.#update(partition);
  }

  /** Waits for the deliveries under way. */
  async delivered(): Promise<void> {
    await Promise.all([...this.#leaving.values(), ...Array.from(this.partitions.values(), (partition) => partition.delivered.catch(() => undefined))]);
  }

  /** One fetch of one partition. Returns soon, whether or not the receiver has taken everything. */
  async batch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const partition = this.partitions.get(feedOf(batch.topic, batch.partition));
    if (partition === undefined || !partition.isFlowing || partition.isDelivering) return;
    if (fetchedOffset(batch) !== partition.fetchFrom && !(await this.#isExplained(partition))) return;
    if (!partition.isFlowing || partition.isDelivering) return;
    const batches = batchesOf(batch.messages);
    if (!partition.prove(batches)) {
      return this.stop(partition, `The record before our position ${partition.position!.next} is not the one that was read: the topic was made anew.`);
    }
    const delivering = this.#deliver(partition, batch, batches);
    if (!(await isQuick(delivering))) {
      this.#halt(partition);
      void delivering.then(() => this.#update(partition));
    } else if (partition.isFlowing) {
      payload.resolveOffset(batch.lastOffset());
    }
  }

  async #deliver(partition: Partition, batch: Batch, batches: readonly RecordBatch[]): Promise<void> {
    const askedMs = Math.min(...this.#fetchStarts.values());
    try {
      await partition.deliver({ batches, last: Number(batch.lastOffset()), high: Number(batch.highWatermark) }, this.#receiver);
    } catch (error) {
      return this.stop(partition, `The records were not taken in (${(error as Error).name}).`);
    }
    if (partition.isOwned && partition.stoppedBecause === null) this.#tellIfCaughtUp(partition, askedMs);
  }

  skipped(topic: string, partition: number, last: number): void {
    const known = this.partitions.get(feedOf(topic, partition));
    if (known?.isFlowing === true && !known.isDelivering && !known.isUnproven) known.skipTo(last + 1);
  }

  /** What a log holds, asked at `askedMs` when the position was `next`. */
  observe(partition: Partition, range: LogRange, next: number, askedMs: number): void {
    partition.range = range;
    if (!partition.isFlowing || partition.isDelivering) return;
    if (next > range.high || partition.position!.next < range.low) this.recheck(partition);
    else if (!partition.isUnproven) this.#tellIfCaughtUp(partition, askedMs);
  }

  /** The broker has none of what was asked for. The partition rests until it is known why. */
  outOfRange(topic: string, partition: number): void {
    const known = this.partitions.get(feedOf(topic, partition));
    if (known === undefined) return;
    if (++known.outOfRange >= maxOutOfRange) this.stop(known, `The broker says again and again that it has no record ${known.position?.next}.`);
    else this.recheck(known);
  }

  recheck(partition: Partition): void {
    partition.isChecked = false;
    this.#halt(partition);
    void this.#check([partition]);
  }

  stop(partition: Partition, reason: string): void {
    if (partition.stoppedBecause !== null) return;
    partition.stoppedBecause = reason;
    this.#halt(partition);
    this.#receiver.stopped(partition.feed, reason);
  }

  /** A stopped partition goes on where the receiver now says. */
  goOn(partition: Partition): void {
    partition.stoppedBecause = null;
    partition.position = null;
    partition.outOfRange = 0;
    this.recheck(partition);
  }

  #lose(partition: Partition): void {
    partition.isOwned = false;
    this.partitions.delete(partition.feed);
    if (partition.isDelivering) {
      this.#leaving.set(partition.feed, partition.delivered.catch(() => undefined).finally(() => this.#leaving.delete(partition.feed)));
    }
    this.#receiver.gone(partition.feed);
  }

  /** Compares positions with the logs, until that is done for all of them or the assignment is void. */
  async #check(partitions: readonly Partition[]): Promise<void> {
    const generation = this.#generation;
    const doubted = new Set<Partition>();
    let left = partitions;
    for (const { feed } of partitions) await this.#leaving.get(feed);
    while (left.length > 0 && generation === this.#generation && this.#session !== null) {
      const ranges = await rangesOf(this.#session, left);
      if (generation !== this.#generation) return;
      left = left.filter((partition) => !this.#settle(partition, ranges?.get(partition.feed), doubted));
      if (left.length > 0) await sleep(recheckMs);
    }
  }

  /** True when it is decided whether the partition can be read. What speaks against it must be seen twice. */
  #settle(partition: Partition, range: LogRange | undefined, doubted: Set<Partition>): boolean {
    if (partition.stoppedBecause !== null) return true;
    if (range === undefined || partition.isDelivering) return false;
    if (partition.position === null) {
      const text = this.#receiver.positionOf(partition.feed);
      partition.position = text === null ? { next: range.low, lastMs: null } : parsePosition(text);
    }
    const { position } = partition;
    const reason = position === null ? 'The stored position cannot be read.' : misfit(position.next, range);
    if (reason === null) {
      partition.range = range;
      partition.isChecked = true;
      partition.isUnproven = position!.next > range.low;
      this.#update(partition);
      return true;
    }
    if (position !== null && !doubted.has(partition)) {
      doubted.add(partition);
      return false;
    }
    this.stop(partition, reason);
    return true;
  }

  /** The client skipped what was expected next. Marks of transactions and compaction may do that; a log that does not fit may not. */
  async #isExplained(partition: Partition): Promise<boolean> {
    const range = this.#session === null ? undefined : (await rangesOf(this.#session, [partition]))?.get(partition.feed);
    if (range === undefined) return false;
    const reason = misfit(partition.position!.next, range);
    if (reason !== null) this.recheck(partition);
    return reason === null;
  }

  #tellIfCaughtUp(partition: Partition, timeMs: number): void {
    if (partition.position!.next < (partition.range?.high ?? Infinity) || !Number.isFinite(timeMs)) return;
    this.#receiver.caughtUp(partition.feed, timeMs);
  }

  /** Lets the client fetch a partition, or not, as its state demands. */
  #update(partition: Partition): void {
    const mayFlow = partition.isOwned && partition.isChecked && !partition.isDelivering && partition.stoppedBecause === null && !this.#isPaused;
    if (mayFlow === partition.isFlowing || this.#session === null) return;
    if (!mayFlow) return this.#halt(partition);
    partition.isFlowing = true;
    this.#session.flow(partition.topic, partition.partition, partition.fetchFrom);
  }

  #halt(partition: Partition): void {
    partition.isFlowing = false;
    this.#session?.pause(partition.topic, partition.partition);
  }
}

async function isQuick(work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => { timer = setTimeout(resolve, quickMs, false); });
  const quick = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return quick;
}

/** The offset that was asked for, which kafkajs keeps on its batches. */
function fetchedOffset(batch: Batch): number {
  return Number((batch as { fetchedOffset?: string }).fetchedOffset);
}
