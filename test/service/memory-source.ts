import type { Delivery, LiveSource, Receiver, SourceHealth } from '../../src/ingest/live.ts';

/** Records of one feed, in order, as the memory source gives them out. */
export interface MemoryFeed { readonly name: string; readonly lines: readonly string[] }

/**
 * A source over arrays: it delivers each feed's lines in batches of changing size, goes on where the
 * receiver's position says, and can be told to lose interest at any moment, as a killed process would.
 */
export class MemorySource implements LiveSource {
  readonly name = 'memory';
  readonly #feeds: readonly MemoryFeed[];
  readonly #batchOf: (feed: number, at: number) => number;
  readonly #receivedMs: number;
  #running = false;
  paused = false;
  checkpoints = 0;
  readonly #done: Promise<void>[] = [];

  constructor(feeds: readonly MemoryFeed[], batchOf: (feed: number, at: number) => number, receivedMs: number) {
    this.#feeds = feeds;
    this.#batchOf = batchOf;
    this.#receivedMs = receivedMs;
  }

  async start(receiver: Receiver): Promise<void> {
    this.#running = true;
    this.#feeds.forEach((feed, number) => this.#done.push(this.#follow(feed, number, receiver)));
  }

  async #follow(feed: MemoryFeed, number: number, receiver: Receiver): Promise<void> {
    let at = Number(receiver.positionOf(feed.name) ?? '0');
    while (this.#running && at < feed.lines.length) {
      if (this.paused) {
        await new Promise((resolve) => { setTimeout(resolve, 5); });
        continue;
      }
      const lines = feed.lines.slice(at, at + this.#batchOf(number, at));
      const batch = lines.map((line, place) => this.#delivery(feed.name, line, at + place));
      at += lines.length;
      await receiver.deliver(batch);
    }
    if (this.#running) receiver.caughtUp(feed.name, this.#receivedMs);
  }

  #delivery(feed: string, line: string, place: number): Delivery {
    const origin = { path: feed, identity: feed, place: 0, source: null, modifiedMs: null };
    const record = { origin, bytes: Buffer.from(line), offset: place, index: null, ordinal: place, originalPosition: null, envelopeTimeMs: null };
    return { feed, source: 'memory', position: String(place + 1), items: [record], receivedMs: this.#receivedMs, bytes: line.length };
  }

  pause(): void { this.paused = true; }
  resume(): void { this.paused = false; }
  async checkpointed(): Promise<void> { this.checkpoints++; }
  health(): SourceHealth { return { ok: true, lastFetchMs: null, lag: null, detail: '' }; }
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#done);
  }
}
