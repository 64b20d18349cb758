import type { Canary, FindCanary } from '../model/canary.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Timing } from '../outbound/timing.ts';
import type { CanaryView } from '../server/api/shapes.ts';

const lookEveryMs = 1_000;

/** When a use was complete, and how long after that what came of it was stored. */
export interface CanaryUse { readonly usedMs: number; readonly delayMs: number }
/** By the name of the canary. */
export type CanaryUses = Readonly<Record<string, CanaryUse>>;

export interface CanariesParts {
  readonly canaries: readonly Canary[];
  readonly find: FindCanary;
  readonly timing: Timing;
  /** A use was judged and what came of it is stored, so long after its record was complete. */
  readonly onUse: (canary: Canary, delayMs: number) => void;
  /** The newest use of each, whenever one came. */
  readonly onStored: (uses: CanaryUses) => void;
  /** One went missing, or is back. Called for each once at the start. */
  readonly onMissing: (canary: Canary, isMissing: boolean, changed: boolean) => void;
}

/**
 * Looks with the wall clock whether each canary's uses come in time: a source that stands still, a log that lags and an engine that is behind
 * are all the same to it. A use is known when it was judged and committed; before that it has not come.
 */
export class Canaries {
  readonly #parts: CanariesParts;
  /** Canary -> when its newest use that came was complete, and how long that took to be stored. */
  readonly #used = new Map<Canary, CanaryUse>();
  readonly #missing = new Set<Canary>();
  /** Judged, and not committed yet. */
  #waiting: { readonly canary: Canary; readonly usedMs: number }[] = [];
  #startedMs = 0;
  #cancel: () => void = () => undefined;

  constructor(parts: CanariesParts) {
    this.#parts = parts;
  }

  get missing(): readonly string[] {
    return Array.from(this.#missing, ({ name }) => name);
  }

  /** How each of them does. `formerly`: what was known when the process began. */
  views(formerly: CanaryUses = {}): CanaryView[] {
    return this.#parts.canaries.map((canary) => {
      const { name, source, everyMs, withinMs } = canary;
      const { usedMs = null, delayMs = null } = this.#used.get(canary) ?? formerly[name] ?? {};
      return { name, source, everyMs, withinMs, lastMs: usedMs, delayMs, isMissing: this.#missing.has(canary) };
    });
  }

  /** Called for each event. */
  seen(event: TokenEvent): void {
    const canary = this.#parts.find(event);
    if (canary !== null) this.#waiting.push({ canary, usedMs: event.orderMs });
  }

  committed(): void {
    if (this.#waiting.length === 0) return;
    const { timing, onUse, onStored } = this.#parts;
    const nowMs = timing.now();
    for (const { canary, usedMs } of this.#waiting) {
      const delayMs = Math.max(0, nowMs - usedMs);
      if (usedMs > (this.#used.get(canary)?.usedMs ?? 0)) this.#used.set(canary, { usedMs, delayMs });
      onUse(canary, delayMs);
    }
    this.#waiting = [];
    onStored(Object.fromEntries(Array.from(this.#used, ([{ name }, use]) => [name, use])));
  }

  start(): void {
    this.#startedMs = this.#parts.timing.now();
    for (const canary of this.#parts.canaries) this.#parts.onMissing(canary, false, false);
    if (this.#parts.canaries.length > 0) this.#look();
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const { canaries, timing, onMissing } = this.#parts;
    for (const canary of canaries) {
      const isMissing = timing.now() - this.#lastMs(canary) > canary.everyMs + canary.withinMs;
      if (isMissing === this.#missing.has(canary)) continue;
      if (isMissing) this.#missing.add(canary); else this.#missing.delete(canary);
      onMissing(canary, isMissing, true);
    }
    this.#cancel = timing.after(lookEveryMs, () => this.#look());
  }

  /** Nobody is asked for what happened while nobody looked. */
  #lastMs(canary: Canary): number {
    return Math.max(this.#startedMs, this.#used.get(canary)?.usedMs ?? 0);
  }
}
