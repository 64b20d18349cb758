import type { Delivery, LiveSource, Receiver } from '../ingest/live.ts';
import { Feeds } from './feeds.ts';
import { normalizeDelivery } from './parcels.ts';
import type { ServiceParts } from './parts.ts';
import { beginSpan } from './spans.ts';
import { Waiting } from './waiting.ts';
import { withinMs } from './within.ts';

/** Longest stretch of work before a commit. */
const workMs = 50;
/** So many events are taken however long it takes on a busy machine, because a commit costs as much as judging many. */
const leastEvents = 256;
/** The clock is looked at once in so many. */
const eventsPerLook = Math.ceil(leastEvents / 16);
const tickEveryMs = 1_000;
/** Sources whose servers do not answer are left behind when the service stops: nothing that they still deliver is taken. */
const stopSourcesMs = 3_000;

/**
 * The live loop: sources deliver, the engine takes, effects are committed at once and the state follows in
 * checkpoints. After a crash it first takes again, in the same order, what the journal tells.
 * Running -> stopping (`stop`) -> stopped (`run` returns). A failing store ends it with an exception.
 */
export class Service implements Receiver {
  readonly #parts: ServiceParts;
  readonly #waiting = new Waiting();
  readonly #feeds = new Feeds((delivery: Delivery) => this.#waiting.noteOn(normalizeDelivery(delivery, this.#parts.normalizer), delivery));
  readonly #lost = new Set<string>();
  readonly #sourceOf = new Map<string, string>();
  #stopping = false;
  #paused = false;
  #lastTickMs = 0;
  #lastCheckpointMs = 0;
  #problem: string | null = null;
  #running = false;
  #hasDiverged = false;
  /** Why a source could not be started. */
  #failure: Error | null = null;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  /** Takes input, having caught up with its own past. */
  get isRunning(): boolean {
    return this.#running && !this.#stopping && this.#parts.loop.expected === null;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Why the store cannot be written; `null` when it can. */
  get problem(): string | null {
    return this.#problem;
  }

  /** When the last checkpoint was begun, wall clock; `null` before the first. */
  get lastCheckpointMs(): number | null {
    return this.#lastCheckpointMs === 0 ? null : this.#lastCheckpointMs;
  }

  positionOf(feed: string): string | null {
    this.#feeds.begun(feed, this.#parts.clock.nowMs());
    return this.#parts.positions.of(feed);
  }

  async deliver(batch: readonly Delivery[]): Promise<void> {
    // It will be read again in the next life; nobody is kept waiting for an engine that has stopped.
    if (this.#stopping) return;
    let last: Delivery | null = null;
    for (const delivery of batch) {
      if (delivery.feed !== last?.feed) {
        this.#sourceOf.set(delivery.feed, delivery.source);
        this.#lost.delete(delivery.feed);
      }
      this.#feeds.add(last = delivery);
    }
    this.#parts.clock.wake();
    await this.#waiting.taken(last);
  }

  caughtUp(feed: string): void {
    this.#feeds.caughtUp(feed);
    this.#parts.clock.wake();
  }

  stopped(feed: string, reason: string): void {
    this.#parts.observer.stopped(feed, this.#sourceOf.get(feed) ?? feed, reason);
    this.gone(feed);
  }

  gone(feed: string): void {
    this.#lost.add(feed);
    this.#feeds.gone(feed);
    this.#parts.clock.wake();
  }

  /** Runs until `stop`; then everything taken is committed and checkpointed. */
  async run(): Promise<void> {
    const { sources, loop, clock } = this.#parts;
    this.#lastCheckpointMs = clock.nowMs();
    // Beside the loop: a source whose servers cannot be reached keeps nobody else waiting, and can be stopped.
    for (const source of sources) void this.#begin(source);
    this.#running = true;
    while (!this.#stopping) {
      const busy = this.#work();
      this.#tellDivergence();
      this.#backPressure();
      if (loop.expected === null) await this.#parts.restarts.perform(() => this.#durable());
      if (clock.nowMs() - this.#lastCheckpointMs >= this.#parts.checkpointEveryMs) await this.#checkpoint();
      // Even a busy loop lets sockets and timers have their turn.
      await clock.sleep(busy ? 0 : tickEveryMs / 4);
    }
    this.#waiting.end();
    this.#parts.restarts.end();
    await withinMs(Promise.all(sources.map((source) => source.stop())), stopSourcesMs);
    await this.#durable();
    if (this.#failure !== null) throw this.#failure;
  }

  async #begin(source: LiveSource): Promise<void> {
    try {
      await source.start({
        positionOf: (feed) => this.positionOf(feed), deliver: (batch) => this.deliver(batch),
        caughtUp: (feed) => this.caughtUp(feed), gone: (feed) => this.gone(feed),
        stopped: (feed, reason) => {
          // It may have stopped before it delivered anything.
          this.#sourceOf.set(feed, source.name);
          this.stopped(feed, reason);
        },
      });
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(`source ${source.name} cannot be started`, { cause: error });
      this.stop();
    }
  }

  stop(): void {
    this.#stopping = true;
    this.#parts.clock.wake();
  }

  /** Takes parcels for a while and commits. False when there was nothing to take. */
  #work(): boolean {
    const { clock, loop } = this.#parts;
    const batch = beginSpan('batch');
    const untilMs = clock.nowMs() + workMs;
    let parcels = 0;
    for (let events = 0, nowMs = untilMs - workMs, lookAt = leastEvents; nowMs < untilMs; parcels++) {
      const count = this.#takeOne(nowMs);
      if (count === 0) break;
      events += count;
      if (events < lookAt) continue;
      nowMs = clock.nowMs();
      lookAt = events + eventsPerLook;
    }
    if (parcels === 0) this.#tickIfIdle();
    const startMs = clock.nowMs();
    const commit = beginSpan('commit', batch);
    loop.commit();
    if (parcels === 0) return false;
    commit.end();
    batch.setAttribute('tokenward.parcels', parcels).end();
    this.#parts.observer.committed(clock.nowMs() - startMs);
    return true;
  }

  /** How many events the next input held, or 1 for one that holds none; 0 when there is none. */
  #takeOne(nowMs: number): number {
    const { loop, effects, observer, settings, commands } = this.#parts;
    const expected = loop.expected;
    if (expected?.kind === 'tick') {
      loop.tick(expected.timeMs);
      return 1;
    }
    const hash = expected?.kind === 'configuration' ? expected.hash : expected === null ? settings.pending() : null;
    if (hash !== null) {
      loop.configured(hash);
      settings.follow(hash);
      return 1;
    }
    if (expected?.kind === 'read' && this.#lost.has(expected.feed)) {
      observer.note('journal_abandoned', 'A feed of the interrupted run is gone: its last moments are judged as they come.');
      loop.abandonExpected();
    }
    const command = expected === null ? commands.next() : null;
    if (command !== null) {
      loop.command(command);
      return 1;
    }
    const parcel = expected?.kind === 'read' ? this.#feeds.takeOf(expected.feed) : this.#feeds.take(nowMs);
    if (parcel === null) return 0;
    for (const refusal of parcel.refusals) effects.refuse(refusal);
    const repeated = loop.takeAll(parcel.feed, parcel.position, parcel.events);
    observer.taken(this.#sourceOf.get(parcel.feed) ?? parcel.feed, parcel, repeated);
    parcel.taken?.();
    return Math.max(1, parcel.events.length);
  }

  /** Silence of sources that were read to their end is time that passes; lag is not. */
  #tickIfIdle(): void {
    const { clock, loop } = this.#parts;
    const nowMs = clock.nowMs();
    if (loop.expected !== null || !this.#feeds.isIdle(nowMs) || nowMs - this.#lastTickMs < tickEveryMs) return;
    this.#lastTickMs = nowMs;
    loop.tick(nowMs);
  }

  #tellDivergence(): void {
    if (this.#hasDiverged || !this.#parts.loop.diverged) return;
    this.#hasDiverged = true;
    this.#parts.observer.diverged();
  }

  #backPressure(): void {
    const full = this.#parts.isFull();
    if (full === this.#paused) return;
    this.#paused = full;
    for (const source of this.#parts.sources) if (full) source.pause(); else source.resume();
    this.#parts.observer.note('back_pressure', full ? 'Sources are paused: what was found cannot be delivered.' : 'Sources go on.');
  }

  /** A checkpoint, waited for. */
  async #durable(): Promise<void> {
    await this.#checkpoint();
    await this.#parts.loop.settled();
  }

  async #checkpoint(): Promise<void> {
    const { loop, clock, sources, positions, observer } = this.#parts;
    await loop.settled();
    const startMs = clock.nowMs();
    this.#lastCheckpointMs = startMs;
    // Nothing of what an interrupted run took is durable before all of it has come again.
    if (loop.expected !== null) return loop.commit();
    await loop.checkpoint();
    const durable = positions.all();
    void loop.settled().then(async () => {
      observer.checkpointed(clock.nowMs() - startMs);
      for (const source of sources) await source.checkpointed(durable);
    }, () => {
      this.#problem = 'a checkpoint failed';
      this.stop();
    });
  }
}
