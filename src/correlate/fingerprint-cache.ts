/**
 * A small direct-mapped cache by fingerprint: a collision replaces. It only spares look-ups, so
 * results never depend on what it holds. Fingerprints end in random characters, which choose the slot.
 */
export class FingerprintCache<T> {
  readonly #mask: number;
  readonly #keys: (string | null)[];
  readonly #values: (T | undefined)[];

  /** `size` is a power of two. */
  constructor(size: number) {
    this.#mask = size - 1;
    this.#keys = Array.from({ length: size }, () => null);
    this.#values = Array.from({ length: size });
  }

  get(fingerprint: string): T | undefined {
    const slot = this.#slot(fingerprint);
    return this.#keys[slot] === fingerprint ? this.#values[slot] : undefined;
  }

  set(fingerprint: string, value: T): void {
    const slot = this.#slot(fingerprint);
    this.#keys[slot] = fingerprint;
    this.#values[slot] = value;
  }

  delete(fingerprint: string): void {
    const slot = this.#slot(fingerprint);
    if (this.#keys[slot] === fingerprint) this.#keys[slot] = null;
  }

  clear(): void {
    this.#keys.fill(null);
    this.#values.fill(undefined);
  }

  /** The last character of a fingerprint carries only two bits, so it is left out. */
  #slot(fingerprint: string): number {
    const end = fingerprint.length;
    const high = fingerprint.charCodeAt(end - 2) << 12 ^ fingerprint.charCodeAt(end - 3) << 6 ^ fingerprint.charCodeAt(end - 4);
    return (high ^ high >>> 7) & this.#mask;
  }
}
