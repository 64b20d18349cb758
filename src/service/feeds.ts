import type { TokenEvent } from '../model/event.ts';
import type { Refusal } from '../model/quarantine.ts';

/** One delivery, normalized: what the engine takes in one piece, under one position. */
export interface Parcel {
  readonly feed: string;
  readonly position: string;
  readonly events: readonly TokenEvent[];
  readonly refusals: readonly Refusal[];
  readonly ignored: number;
  /** Earliest completion time of its events; the receipt's where it has none. */
  readonly timeMs: number;
}

/** A feed that runs this far ahead of another that is still behind waits for it. */
const alignWithinMs = 5 * 60_000;

interface Feed {
  readonly parcels: Parcel[];
  /** Time up to which it has been taken. */
  takenMs: number;
  /** Read to its end, so nobody waits for it; cleared by the next parcel. */
  caughtUp: boolean;
}

/**
 * What the sources delivered and the engine has not yet taken, feed by feed. While feeds are behind, the
 * earliest parcel goes first and none runs more than five minutes ahead of a feed that has more to
 * come; when all are caught up nobody waits.
 */
export class Feeds {
  readonly #feeds = new Map<string, Feed>();
  #waiting = 0;

  /** Parcels not yet taken. */
  get waiting(): number {
    return this.#waiting;
  }

  add(parcel: Parcel): void {
    const feed = this.#of(parcel.feed);
    feed.caughtUp = false;
    feed.parcels.push(parcel);
    this.#waiting++;
  }

  caughtUp(feed: string): void {
    this.#of(feed).caughtUp = true;
  }

  /** The feed ended, stopped or is read elsewhere: nobody waits for it. What it delivered is still taken. */
  gone(feed: string): void {
    const known = this.#feeds.get(feed);
    if (known === undefined) return;
    known.caughtUp = true;
    if (known.parcels.length === 0) this.#feeds.delete(feed);
  }

  /** Is everything that was there taken? Then silence means that nothing happened. */
  get idle(): boolean {
    if (this.#waiting > 0) return false;
    for (const feed of this.#feeds.values()) if (!feed.caughtUp) return false;
    return true;
  }

  /** The next parcel of one feed, whatever the others have. */
  takeOf(name: string): Parcel | null {
    const feed = this.#feeds.get(name);
    return feed === undefined ? null : this.#shift(feed);
  }

  /** The next parcel by time; `null` when there is none, or when it should wait for a feed that is further behind. */
  take(patient: boolean): Parcel | null {
    let first: Feed | null = null;
    let firstMs = Number.POSITIVE_INFINITY;
    let behindMs = Number.POSITIVE_INFINITY;
    for (const feed of this.#feeds.values()) {
      const head = feed.parcels[0];
      if (head === undefined) {
        if (!feed.caughtUp) behindMs = Math.min(behindMs, feed.takenMs);
      } else if (head.timeMs < firstMs) {
        first = feed;
        firstMs = head.timeMs;
      }
    }
    if (first === null || patient && firstMs > behindMs + alignWithinMs) return null;
    return this.#shift(first);
  }

  #shift(feed: Feed): Parcel | null {
    const parcel = feed.parcels.shift();
    if (parcel === undefined) return null;
    this.#waiting--;
    feed.takenMs = Math.max(feed.takenMs, parcel.timeMs);
    return parcel;
  }

  #of(name: string): Feed {
    let feed = this.#feeds.get(name);
    if (feed === undefined) this.#feeds.set(name, feed = { parcels: [], takenMs: Number.NEGATIVE_INFINITY, caughtUp: false });
    return feed;
  }
}
