import type { KeyHasher } from '../state/hash.ts';
import type { Entities } from '../state/port.ts';

/** How long an id is remembered at least, in event time. */
const horizonMs = 75 * 60_000;
/** Ids per generation; beyond it the horizon shortens, and that is counted. */
const defaultCapacity = 1_000_000;

/**
 * Providers such as CloudTrail repeat records. Their ids are exact, so a repeat within 75 minutes
 * of event time counts once. Kept as 64-bit hashes in two generations of at least that length each,
 * which bounds the memory. A checkpoint stores only the ids that came since the one before.
 */
export class Duplicates {
  #current = new HashSet64();
  #previous = new HashSet64();
  #generation = 0;
  #startedMs = Number.NEGATIVE_INFINITY;
  #saved = 0;
  readonly #chunks: Entities<string>;
  readonly #hash: KeyHasher;
  readonly #capacity: number;
  /** How often the horizon had to be shortened because the ids came too fast. */
  shortened = 0;

  /** `chunks` holds what earlier checkpoints stored: it is read here and filled by `save`. */
  constructor(chunks: Entities<string>, hash: KeyHasher, capacity = defaultCapacity) {
    this.#chunks = chunks;
    this.#hash = hash;
    this.#capacity = capacity;
    this.#load();
  }

  /** True when the id was seen within the horizon; remembers it otherwise. */
  repeats(id: string, timeMs: number): boolean {
    const full = this.#current.size >= this.#capacity;
    if (full || timeMs - this.#startedMs >= horizonMs) this.#turn(timeMs, full);
    this.#hash.hashOnce(id);
    const { hi: high, lo: low } = this.#hash;
    if (this.#current.has(high, low) || this.#previous.has(high, low)) return true;
    this.#current.add(high, low);
    return false;
  }

  /** Hands what is new to the chunks, before a checkpoint. */
  save(): void {
    if (this.#current.size === this.#saved) return;
    const bytes = Buffer.from(this.#current.since(this.#saved).buffer);
    this.#chunks.set(`${this.#generation}/${this.#startedMs}/${this.#saved}`, bytes.toString('base64'));
    this.#saved = this.#current.size;
  }

  #turn(timeMs: number, full: boolean): void {
    if (full) this.shortened++;
    this.save();
    for (const [key] of Array.from(this.#chunks.all())) if (parseKey(key).generation < this.#generation) this.#chunks.delete(key);
    // After a long silence what the last generation held is older than the horizon, too.
    this.#previous = timeMs - this.#startedMs >= 2 * horizonMs ? new HashSet64() : this.#current;
    this.#current = new HashSet64();
    this.#generation++;
    this.#startedMs = timeMs;
    this.#saved = 0;
  }

  #load(): void {
    const chunks = [...this.#chunks.all()].map(([key, text]) => ({ ...parseKey(key), text }));
    if (chunks.length === 0) return;
    chunks.sort((a, b) => a.generation - b.generation || a.from - b.from);
    this.#generation = Math.max(...chunks.map((chunk) => chunk.generation));
    for (const { generation, startedMs, text } of chunks) {
      const words = new Uint32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
      const set = generation === this.#generation ? this.#current : this.#previous;
      for (let i = 0; i < words.length; i += 2) set.add(words[i] as number, words[i + 1] as number);
      if (generation === this.#generation) this.#startedMs = startedMs;
    }
    this.#saved = this.#current.size;
  }
}

function parseKey(key: string): { generation: number; startedMs: number; from: number } {
  const [generation, startedMs, from] = key.split('/').map(Number) as [number, number, number];
  return { generation, startedMs, from };
}

/** A growing set of 64-bit values that also remembers the order in which they came. */
class HashSet64 {
  #values = new Uint32Array(256);
  /** Place in `#values` plus one; 0 is free. */
  #slots = new Uint32Array(256);
  size = 0;

  has(high: number, low: number): boolean {
    return this.#slots[this.#find(high, low)] !== 0;
  }

  add(high: number, low: number): void {
    if (this.size * 2 >= this.#slots.length) this.#grow();
    const slot = this.#find(high, low);
    if (this.#slots[slot] !== 0) return;
    this.#values[2 * this.size] = high;
    this.#values[2 * this.size + 1] = low;
    this.#slots[slot] = ++this.size;
  }

  /** The values from the given place on, as pairs of words. */
  since(place: number): Uint32Array<ArrayBuffer> {
    return this.#values.slice(2 * place, 2 * this.size);
  }

  #find(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let slot = low & mask;
    for (;;) {
      const place = this.#slots[slot] as number;
      if (place === 0) return slot;
      if (this.#values[2 * place - 2] === high && this.#values[2 * place - 1] === low) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const values = this.#values;
    this.#values = new Uint32Array(values.length * 2);
    this.#values.set(values);
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let i = 0; i < this.size; i++) {
      this.#slots[this.#find(values[2 * i] as number, values[2 * i + 1] as number)] = i + 1;
    }
  }
}
