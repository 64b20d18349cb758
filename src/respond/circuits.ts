import { backoffMs, Breaker, probeEveryMs } from '../outbound/breaker.ts';

/** One breaker for each action: while its provider fails, only one call each half minute tries it. Times are wall clock. */
export class Circuits {
  readonly #circuits = new Map<string, { readonly breaker: Breaker; nextMs: number }>();

  /** How long until a call by this action may begin. */
  waitMs(action: string, nowMs: number): number {
    const { breaker, nextMs } = this.#of(action);
    // A clock that was set back must not make it wait for longer than it ever would.
    return breaker.isOpen ? Math.min(Math.max(0, nextMs - nowMs), probeEveryMs) : 0;
  }

  isOpen(action: string): boolean {
    return this.#of(action).breaker.isOpen;
  }

  begun(action: string, nowMs: number): void {
    this.#of(action).nextMs = nowMs + probeEveryMs;
  }

  answered(action: string): void {
    this.#of(action).breaker.succeeded();
  }

  /** Answers how long the intent waits before its next attempt: full jitter, never less than was asked for. */
  failed(action: string, nowMs: number, attempts: number, random: number, askedMs = 0): number {
    const circuit = this.#of(action);
    circuit.breaker.failed(nowMs);
    return Math.max(this.waitMs(action, nowMs), backoffMs(Math.max(0, attempts - 1), random, askedMs));
  }

  #of(action: string): { readonly breaker: Breaker; nextMs: number } {
    const known = this.#circuits.get(action);
    if (known !== undefined) return known;
    const made = { breaker: new Breaker(), nextMs: 0 };
    this.#circuits.set(action, made);
    return made;
  }
}
