/**
 * How far each feed was consumed. Within a feed events are taken in order of (completion time, place
 * in the feed), so one such pair says everything; whatever is not beyond it is a repetition.
 */
export class Positions {
  readonly #positions = new Map<string, { orderMs: number; ordinal: number }>();
  readonly #changed = new Set<string>();

  /** `saved`: feed -> `orderMs:ordinal`, as `takeChanged` gave it. */
  constructor(saved: ReadonlyMap<string, string> = new Map()) {
    for (const [feed, text] of saved) {
      const [orderMs, ordinal] = text.split(':').map(Number) as [number, number];
      this.#positions.set(feed, { orderMs, ordinal });
    }
  }

  /** Moves the feed's position there; false when it had come that far before. */
  advance(feed: string, orderMs: number, ordinal: number): boolean {
    const position = this.#positions.get(feed);
    if (position === undefined) this.#positions.set(feed, { orderMs, ordinal });
    else {
      if (orderMs < position.orderMs || orderMs === position.orderMs && ordinal <= position.ordinal) return false;
      position.orderMs = orderMs;
      position.ordinal = ordinal;
    }
    this.#changed.add(feed);
    return true;
  }

  /** For a checkpoint: what changed since the last call. */
  takeChanged(): Map<string, string> {
    const changed = new Map<string, string>();
    for (const feed of this.#changed) {
      const { orderMs, ordinal } = this.#positions.get(feed) as { orderMs: number; ordinal: number };
      changed.set(feed, `${orderMs}:${ordinal}`);
    }
    this.#changed.clear();
    return changed;
  }
}
