import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';

/** Event time up to which a feed has come, epoch ms. */
export interface FeedClock { lastMs: number }

/** Clocks go forward in steps of this, so that most events change nothing that must be saved. */
const stepMs = 60_000;
/** Keys that are remembered; beyond that all are made anew. */
const maxKeys = 10_000;

/**
 * How far each feed has come: each partition and each file of a source has a clock of its own. Partitions of one source may be
 * hours apart though all are read to their end, and which of them is read first says nothing of what is late.
 */
export class FeedClocks {
  readonly #clocks: Entities<FeedClock>;
  /** Source -> path -> key. Paths are those of our own inputs, never out of a record. */
  readonly #keys = new Map<string, Map<string | null, string>>();
  #keyCount = 0;

  constructor(clocks: Entities<FeedClock>) {
    this.#clocks = clocks;
  }

  /** How far before what its feed had delivered an event was complete, in ms, exact to a minute; negative for what is newer. */
  behindMs(event: TokenEvent): number {
    return (this.#clocks.get(this.#keyOf(event))?.lastMs ?? Number.NEGATIVE_INFINITY) - event.orderMs;
  }

  /** Notes an event. To be called once for each, after it was judged. */
  see(event: TokenEvent): void {
    const key = this.#keyOf(event);
    const clock = this.#clocks.get(key);
    if (clock === undefined) this.#clocks.set(key, { lastMs: event.orderMs });
    else if (event.orderMs >= clock.lastMs + stepMs) {
      clock.lastMs = event.orderMs;
      this.#clocks.set(key, clock);
    }
  }

  #keyOf({ source, path }: TokenEvent): string {
    let keys = this.#keys.get(source);
    if (keys === undefined) this.#keys.set(source, keys = new Map());
    let key = keys.get(path);
    if (key !== undefined) return key;
    if (++this.#keyCount > maxKeys) {
      this.#keys.clear();
      this.#keys.set(source, keys = new Map());
      this.#keyCount = 1;
    }
    keys.set(path, key = `${source}\n${path ?? ''}`);
    return key;
  }
}
