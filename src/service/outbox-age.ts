/** For how long documents have waited for each sink without one getting through, as exact as it is asked for often. */
export class OutboxAge {
  /** Sink -> when something was first found waiting for it. */
  readonly #sinceMs = new Map<string, number>();

  /** In ms; 0 while nothing waits. */
  of(sink: string, waiting: number, lastSuccessMs: number | null, nowMs: number): number {
    if (waiting === 0) {
      this.#sinceMs.delete(sink);
      return 0;
    }
    const sinceMs = this.#sinceMs.get(sink) ?? nowMs;
    this.#sinceMs.set(sink, sinceMs);
    return Math.max(0, nowMs - Math.max(sinceMs, lastSuccessMs ?? 0));
  }
}
