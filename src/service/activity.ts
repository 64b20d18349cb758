import type { TokenEvent } from '../model/event.ts';
import type { Series } from '../server/api/shapes.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const hours = 35 * 24;
const minutes = 120;
const silenceShownMs = 10 * minuteMs;
const maxIdentities = 5_000;
/** So many go at once when there are too many, so that looking for them costs little for each. */
const dropped = 500;

/**
 * Bytes and calls in equal steps of time, the newest `length` of them, in a ring. The sums of the newest step stand beside it until another
 * one begins: nearly all events are of it, and leave the ring's memory alone.
 */
class Ring {
  readonly #stepMs: number;
  readonly #bytes: Float64Array;
  readonly #calls: Uint32Array;
  /** Number of the newest step since the epoch. */
  #newest = -1;
  #newestBytes = 0;
  #newestCalls = 0;

  constructor(stepMs: number, length: number) {
    this.#stepMs = stepMs;
    this.#bytes = new Float64Array(length);
    this.#calls = new Uint32Array(length);
  }

  add(timeMs: number, bytes: number, calls: number): void {
    const step = Math.floor(timeMs / this.#stepMs);
    if (step > this.#newest) this.#moveTo(step);
    if (step === this.#newest) {
      this.#newestBytes += bytes;
      this.#newestCalls += calls;
    } else if (step > this.#newest - this.#bytes.length) this.#put(step, bytes, calls);
  }

  /** The steps up to the one of `untilMs`, beginning with that of `fromMs`, as far as the ring reaches. */
  series(fromMs: number, untilMs: number): Series {
    this.#putNewest();
    const { length } = this.#bytes;
    const last = Math.floor(untilMs / this.#stepMs);
    const first = Math.max(Math.floor(fromMs / this.#stepMs), last - length + 1);
    const bytesOut: number[] = [];
    const calls: number[] = [];
    for (let step = first; step <= last; step++) {
      const isKept = step <= this.#newest && step > this.#newest - length;
      bytesOut.push(isKept ? this.#bytes[step % length] as number : 0);
      calls.push(isKept ? this.#calls[step % length] as number : 0);
    }
    return { startMs: first * this.#stepMs, stepMs: this.#stepMs, bytesOut, calls };
  }

  #put(step: number, bytes: number, calls: number): void {
    const at = step % this.#bytes.length;
    this.#bytes[at] = (this.#bytes[at] as number) + bytes;
    this.#calls[at] = (this.#calls[at] as number) + calls;
  }

  #putNewest(): void {
    if (this.#newest >= 0) this.#put(this.#newest, this.#newestBytes, this.#newestCalls);
    this.#newestBytes = this.#newestCalls = 0;
  }

  #moveTo(step: number): void {
    this.#putNewest();
    const { length } = this.#bytes;
    const first = this.#newest < 0 ? step - length + 1 : Math.max(this.#newest + 1, step - length + 1);
    for (let one = first; one <= step; one++) {
      this.#bytes[one % length] = 0;
      this.#calls[one % length] = 0;
    }
    this.#newest = step;
  }
}

interface Entry { readonly hours: Ring; readonly minutes: Ring; lastMs: number }

/**
 * What each identity did of late, for pictures: by hours over 35 days, by minutes over two hours, in event time. In memory only, so it
 * begins anew with the process. At most 5,000 identities of 11 KiB each; those that were active longest ago go first.
 */
export class Activity {
  readonly #entries = new Map<string, Entry>();
  /** Most events are of the identity of the event before. */
  #lastId: string | null = null;
  #last: Entry | null = null;
  #newestMs = 0;

  /** What was refused was no use. Of a request that is logged in parts the bytes count as they come, the call at its end. */
  note(event: TokenEvent): void {
    const { identityId, orderMs } = event;
    if (identityId === null || event.authenticated === false) return;
    if (identityId !== this.#lastId || this.#last === null) {
      this.#last = this.#entries.get(identityId) ?? this.#create(identityId);
      this.#lastId = identityId;
    }
    const bytes = event.bytesOut ?? 0;
    const calls = event.partial ? 0 : 1;
    this.#last.hours.add(orderMs, bytes, calls);
    this.#last.minutes.add(orderMs, bytes, calls);
    if (orderMs > this.#last.lastMs) this.#last.lastMs = orderMs;
    if (orderMs > this.#newestMs) this.#newestMs = orderMs;
  }

  /**
   * Hours up to the newest event of all, minutes from `fromMs` on, both as far as they reach; no minutes where they do not reach back
   * to `untilMs`. `null` where nothing is kept.
   */
  of(identityId: string, fromMs: number, untilMs: number): { readonly hours: Series; readonly minutes: Series } | null {
    const entry = this.#entries.get(identityId);
    if (entry === undefined) return null;
    return {
      hours: entry.hours.series(this.#newestMs - hours * hourMs, this.#newestMs),
      minutes: untilMs < entry.lastMs - minutes * minuteMs
        ? { startMs: fromMs, stepMs: minuteMs, bytesOut: [], calls: [] }
        : entry.minutes.series(fromMs, Math.max(fromMs, Math.min(this.#newestMs, entry.lastMs + silenceShownMs))),
    };
  }

  get size(): number {
    return this.#entries.size;
  }

  #create(identityId: string): Entry {
    if (this.#entries.size >= maxIdentities) this.#dropOldest();
    const entry = { hours: new Ring(hourMs, hours), minutes: new Ring(minuteMs, minutes), lastMs: 0 };
    this.#entries.set(identityId, entry);
    return entry;
  }

  #dropOldest(): void {
    const byAge = [...this.#entries].sort(([, left], [, right]) => left.lastMs - right.lastMs);
    for (const [id] of byAge.slice(0, dropped)) this.#entries.delete(id);
    this.#lastId = this.#last = null;
  }
}
