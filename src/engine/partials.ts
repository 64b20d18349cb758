import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';

/** What was sent so far for a request that is still running. */
export interface RunningRequest { bytes: number; seenMs: number }

/** Requests followed at a time. */
const defaultCapacity = 10_000;
/** One that was not heard of for this long has ended without a word. */
const forgottenAfterMs = 24 * 3_600_000;

/**
 * A gateway that logs a long request while it runs writes, each time, all that was sent so far. The event's
 * `responseBytes` stays as logged; its `bytesOut` becomes what came since the record before, so
 * that the parts add up to the request and no byte counts twice.
 */
export class Partials {
  readonly #requests: Entities<RunningRequest>;
  readonly #capacity: number;

  constructor(requests: Entities<RunningRequest>, capacity = defaultCapacity) {
    this.#requests = requests;
    this.#capacity = capacity;
  }

  /** Sets the event's `bytesOut` to its own share of the request. */
  share(event: TokenEvent): void {
    if (event.requestId === null || event.responseBytes === null || !event.partial && this.#requests.size === 0) return;
    const key = `${event.source}|${event.requestId}`;
    const before = this.#requests.get(key);
    if (before === undefined && !event.partial) return;
    if (before === undefined && !this.#hasRoom(event.orderMs)) {
      // Its end will tell the whole.
      event.bytesOut = null;
      return;
    }
    event.bytesOut = Math.max(0, event.responseBytes - (before?.bytes ?? 0));
    if (event.partial) this.#requests.set(key, { bytes: Math.max(event.responseBytes, before?.bytes ?? 0), seenMs: event.orderMs });
    else this.#requests.delete(key);
  }

  #hasRoom(nowMs: number): boolean {
    if (this.#requests.size < this.#capacity) return true;
    for (const [key, { seenMs }] of Array.from(this.#requests.all())) {
      if (nowMs - seenMs > forgottenAfterMs) this.#requests.delete(key);
    }
    return this.#requests.size < this.#capacity;
  }
}
