/**
 * How far each feed was consumed. A live source says its position in its own words. Files are taken in
 * order of (completion time, place in the file), so one such pair says everything; whatever is
 * not beyond it is a repetition.
 */
export class Positions {
  readonly #texts: Map<string, string>;
  readonly #pairs = new Map<string, Pair>();
  readonly #changed = new Set<string>();
  #lastFeed: string | null = null;
  #lastPair: Pair = { orderMs: 0, ordinal: 0, changed: false };

  /** `saved`: feed -> position, as `takeChanged` gave it. */
  constructor(saved: ReadonlyMap<string, string> = new Map()) {
    this.#texts = new Map(saved);
  }

  /** Where a live source goes on; `null` for a feed never read. */
  of(feed: string): string | null {
    return this.#texts.get(feed) ?? null;
  }

  set(feed: string, position: string): void {
    this.#texts.set(feed, position);
    this.#changed.add(feed);
  }

  /** Positions of all live feeds. */
  all(): ReadonlyMap<string, string> {
    return new Map(this.#texts);
  }

  /** Moves a file's position there; false when it had come that far before. */
  advance(feed: string, orderMs: number, ordinal: number): boolean {
    const pair = feed === this.#lastFeed ? this.#lastPair : this.#turnTo(feed);
    if (orderMs < pair.orderMs || orderMs === pair.orderMs && ordinal <= pair.ordinal) return false;
    pair.orderMs = orderMs;
    pair.ordinal = ordinal;
    if (!pair.changed) this.#changed.add(feed);
    pair.changed = true;
    return true;
  }

  /** For a checkpoint: what changed since the last call. */
  takeChanged(): Map<string, string> {
    const changed = new Map<string, string>();
    for (const feed of this.#changed) {
      const pair = this.#pairs.get(feed);
      changed.set(feed, pair === undefined ? this.#texts.get(feed) as string : `${pair.orderMs}:${pair.ordinal}`);
      if (pair !== undefined) pair.changed = false;
    }
    this.#changed.clear();
    return changed;
  }

  /** Most records follow one of the same feed. */
  #turnTo(feed: string): Pair {
    this.#lastFeed = feed;
    return this.#lastPair = this.#pairs.get(feed) ?? this.#parse(feed);
  }

  #parse(feed: string): Pair {
    const [orderMs, ordinal] = (this.#texts.get(feed) ?? '-Infinity:-1').split(':').map(Number) as [number, number];
    const pair = { orderMs, ordinal, changed: false };
    this.#pairs.set(feed, pair);
    return pair;
  }
}

interface Pair { orderMs: number; ordinal: number; changed: boolean }
