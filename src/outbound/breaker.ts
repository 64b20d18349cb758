/** First delay, and the longest ever. */
const baseMs = 1000;
export const longestMs = 300_000;

/** So many failures within the window open the breaker; then one probe per interval. */
const failuresToOpen = 5;
const windowMs = 30_000;
export const probeEveryMs = 30_000;

/**
 * Delay before the next attempt: anywhere between nothing and an exponentially growing bound ("full jitter"), so that
 * many that failed together do not come back together; never less than the other side asked for, never more than five
 * minutes. `attempts` failed before, `random` is in [0, 1).
 */
export function backoffMs(attempts: number, random: number, askedMs = 0): number {
  const bound = Math.min(longestMs, baseMs * 2 ** Math.min(attempts, 20));
  return Math.min(longestMs, Math.max(1, askedMs, Math.floor(random * bound)));
}

/**
 * Whether it makes sense to send. Closed: yes. Open, after five failures within 30 s: only a probe each 30 s, until one
 * succeeds. Times are wall clock and passed in.
 */
export class Breaker {
  #failures: number[] = [];
  #consecutive = 0;
  #isOpen = false;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Answers whether this closed it. */
  succeeded(): boolean {
    const wasOpen = this.#isOpen;
    this.#failures = [];
    this.#consecutive = 0;
    this.#isOpen = false;
    return wasOpen;
  }

  /** Answers whether this opened it. */
  failed(nowMs: number): boolean {
    const wasOpen = this.#isOpen;
    // A failure from the future was noted before the clock was set back.
    this.#failures = [...this.#failures.filter((timeMs) => timeMs <= nowMs && nowMs - timeMs < windowMs), nowMs].slice(-failuresToOpen);
    this.#consecutive++;
    this.#isOpen ||= this.#failures.length === failuresToOpen;
    return this.#isOpen && !wasOpen;
  }

  /** How long to wait after a failure. */
  waitMs(random: number, askedMs = 0): number {
    if (this.#isOpen) return Math.min(longestMs, Math.max(probeEveryMs, askedMs));
    return backoffMs(this.#consecutive - 1, random, askedMs);
  }
}
