import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import type { EventCodec } from './event-text.ts';
import type { Totals } from './state.ts';

/** Observations kept of one unbound token. */
export const maxObservations = 100;

export interface PendingLimits {
  /** Tokens that may have observations waiting. */
  readonly tokens: number;
  /** Characters of all waiting observations together. */
  readonly characters: number;
}
export const defaultPendingLimits: PendingLimits = { tokens: 100_000, characters: 128 * 1024 * 1024 };

/**
 * What tokens did before their identity was known, as compact text: the number of arrival of the token,
 * then one line for each event. When there is no more room, the token that waits longest loses its lines.
 */
export class PendingObservations {
  readonly #texts: Entities<string>;
  readonly #codec: EventCodec;
  readonly #totals: Totals;
  readonly #limits: PendingLimits;
  readonly #onDropped: (fingerprint: string) => void;
  /** Fingerprint -> length, oldest first. */
  readonly #waiting = new Map<string, number>();
  #characters = 0;

  constructor(texts: Entities<string>, codec: EventCodec, totals: Totals, limits: PendingLimits, onDropped: (fingerprint: string) => void) {
    this.#texts = texts;
    this.#codec = codec;
    this.#totals = totals;
    this.#limits = limits;
    this.#onDropped = onDropped;
    const saved = [...texts.all()].map(([key, text]) => ({ key, length: text.length, sequence: sequenceOf(text) }));
    for (const { key, length } of saved.sort((a, b) => a.sequence - b.sequence)) this.#count(key, length);
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(fingerprint: string, event: TokenEvent): void {
    const before = this.#waiting.has(fingerprint) ? this.#texts.get(fingerprint) : undefined;
    const text = `${before ?? `${++this.#totals.sequence}\n`}${this.#codec.encode(event)}\n`;
    this.#texts.set(fingerprint, text);
    this.#count(fingerprint, text.length);
    this.#makeRoom();
  }

  /** The observations in order, which are then forgotten. */
  take(fingerprint: string): TokenEvent[] {
    if (!this.#waiting.has(fingerprint)) return [];
    const text = this.#texts.get(fingerprint) as string;
    this.#forget(fingerprint);
    return text.split('\n').slice(1, -1).map((line) => this.#codec.decode(line));
  }

  #count(fingerprint: string, length: number): void {
    this.#characters += length - (this.#waiting.get(fingerprint) ?? 0);
    this.#waiting.set(fingerprint, length);
  }

  #forget(fingerprint: string): void {
    this.#characters -= this.#waiting.get(fingerprint) ?? 0;
    this.#waiting.delete(fingerprint);
    this.#texts.delete(fingerprint);
  }

  #makeRoom(): void {
    while (this.#waiting.size > this.#limits.tokens || this.#characters > this.#limits.characters) {
      const [oldest] = this.#waiting.keys();
      this.#forget(oldest as string);
      this.#totals.observationsDropped++;
      this.#onDropped(oldest as string);
    }
  }
}

function sequenceOf(text: string): number {
  return Number(text.slice(0, text.indexOf('\n')));
}
