import type { TokenEvent } from '../model/event.ts';
import type { Refusal } from '../model/quarantine.ts';

/** One delivery, normalized: what the engine takes in one piece, under one position. */
export interface Parcel {
  readonly feed: string;
  readonly position: string;
  readonly events: readonly TokenEvent[];
  readonly refusals: readonly Refusal[];
  readonly ignored: number;
  readonly bytes: number;
  /** Events whose time lay too far ahead of their receipt. */
  readonly capped: number;
  /** Earliest completion time of its events; the receipt's where it has none. */
  readonly timeMs: number;
  /** Called when the engine has taken it; `null` where nobody waits for that. */
  taken: (() => void) | null;
}

/** A feed that runs this far ahead of another that is still behind waits for it. */
const alignWithinMs = 5 * 60_000;
/** How long a feed that is behind is waited for before the others go on without it. */
export const patienceMs = 2_000;

interface Feed<Item> {
  readonly name: string;
  /** What comes next of it, opened. */
  head: Parcel | null;
  /** What was delivered behind that. */
  readonly waiting: Item[];
  /** Nothing more comes: forgotten once all is taken. */
  isGone: boolean;
  /** Time up to which it has been taken. */
  takenMs: number;
  /** Read to its end; cleared by the next parcel. */
  caughtUp: boolean;
  /** It may have earlier parcels than others, so they wait for it. Cleared when it is read to its end, or was waited for in vain. */
  awaited: boolean;
  /** When others began to wait for it; `null` while nobody does. */
  awaitedSinceMs: number | null;
  /** When its source began to read it, if nothing has come of it yet. */
  begunMs: number;
}

/**
 * What the sources delivered and the engine has not yet taken, feed by feed. While feeds are behind, the
 * earliest parcel goes first and none runs more than five minutes ahead of a feed that has more to
 * come; when all are caught up nobody waits. Items are opened one by one as they come first in their feed: events that wait are
 * garbage that grows old, which costs more to collect than to make.
 */
export class Feeds<Item extends { readonly feed: string }> {
  readonly #open: (item: Item) => Parcel;
  readonly #feeds = new Map<string, Feed<Item>>();
  #waiting = 0;

  constructor(open: (item: Item) => Parcel) {
    this.#open = open;
  }

  /** Feeds that are known: those that have gone are forgotten when all of theirs is taken. */
  get size(): number {
    return this.#feeds.size;
  }

  /** Items not yet taken. */
  get waiting(): number {
    return this.#waiting;
  }

  add(item: Item): void {
    const feed = this.#of(item.feed);
    feed.isGone = false;
    feed.caughtUp = false;
    feed.awaited = true;
    feed.awaitedSinceMs = null;
    feed.begunMs = Number.NEGATIVE_INFINITY;
    feed.waiting.push(item);
    this.#waiting++;
  }

  /** A source begins to read this feed: what it has may be earlier than what others have. */
  begun(name: string, nowMs: number): void {
    if (this.#feeds.get(name)?.isGone === false) return;
    const feed = this.#of(name);
    feed.isGone = false;
    feed.awaited = true;
    feed.begunMs = nowMs;
  }

  caughtUp(name: string): void {
    const feed = this.#of(name);
    feed.caughtUp = true;
    feed.awaited = false;
  }

  /** The feed ended, stopped or is read elsewhere: nobody waits for it. What it delivered is still taken. */
  gone(feed: string): void {
    const known = this.#feeds.get(feed);
    if (known === undefined) return;
    known.isGone = true;
    known.caughtUp = true;
    known.awaited = false;
    if (isEmpty(known)) this.#feeds.delete(feed);
  }

  /** Is everything that was there taken? Then silence means that nothing happened. A feed just begun may be about to deliver. */
  isIdle(nowMs: number): boolean {
    if (this.#waiting > 0) return false;
    for (const feed of this.#feeds.values()) if (!feed.caughtUp || feed.awaited && nowMs - feed.begunMs < patienceMs) return false;
    return true;
  }

  /** The next parcel of one feed, whatever the others have. */
  takeOf(name: string): Parcel | null {
    const feed = this.#feeds.get(name);
    return feed === undefined ? null : this.#shift(feed);
  }

  /** The next parcel by time; `null` when there is none, or when it should wait for a feed that is further behind. */
  take(nowMs: number): Parcel | null {
    let first: Feed<Item> | null = null;
    let firstMs = Number.POSITIVE_INFINITY;
    let behindMs = Number.POSITIVE_INFINITY;
    for (const feed of this.#feeds.values()) {
      const head = this.#headOf(feed);
      if (head === null) {
        if (feed.awaited) behindMs = Math.min(behindMs, feed.takenMs);
      } else if (head.timeMs < firstMs) {
        first = feed;
        firstMs = head.timeMs;
      }
    }
    if (first === null || firstMs > behindMs + alignWithinMs && this.#mayYetCome(firstMs, nowMs)) return null;
    return this.#shift(first);
  }

  /** Is there a feed so far behind that is still worth waiting for? Each is waited for in its own time. */
  #mayYetCome(firstMs: number, nowMs: number): boolean {
    let mayCome = false;
    for (const feed of this.#feeds.values()) {
      if (!feed.awaited || !isEmpty(feed) || firstMs <= feed.takenMs + alignWithinMs) continue;
      feed.awaitedSinceMs ??= nowMs;
      if (nowMs - feed.awaitedSinceMs < patienceMs) mayCome = true;
      else feed.awaited = false;
    }
    return mayCome;
  }

  #headOf(feed: Feed<Item>): Parcel | null {
    if (feed.head === null && feed.waiting.length > 0) feed.head = this.#open(feed.waiting.shift() as Item);
    return feed.head;
  }

  #shift(feed: Feed<Item>): Parcel | null {
    const parcel = this.#headOf(feed);
    if (parcel === null) return null;
    feed.head = null;
    this.#waiting--;
    feed.takenMs = Math.max(feed.takenMs, parcel.timeMs);
    if (feed.isGone && isEmpty(feed)) this.#feeds.delete(feed.name);
    return parcel;
  }

  #of(name: string): Feed<Item> {
    let feed = this.#feeds.get(name);
    if (feed === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      feed = { name, head: null, waiting: [], isGone: false, takenMs: never, caughtUp: true, awaited: false, awaitedSinceMs: null, begunMs: never };
      this.#feeds.set(name, feed);
    }
    return feed;
  }
}

function isEmpty({ head, waiting }: Feed<unknown>): boolean {
  return head === null && waiting.length === 0;
}
