import { clearV4, clearV6, type Cidr } from './cidr.ts';

type KeyV6 = number | string;

/** Values by address block; the longest block that holds an address wins. One hash map for each prefix length in use. */
export class PrefixMap<T> {
  readonly #v4 = new Map<number, Map<number, T>>();
  readonly #v6 = new Map<number, Map<KeyV6, T>>();
  #bitsV4: readonly number[] = [];
  #bitsV6: readonly number[] = [];
  #size = 0;

  /** Number of blocks. */
  get size(): number {
    return this.#size;
  }

  /** A block given twice keeps the first value. */
  add(block: Cidr, value: T): void {
    if (block.version === 4) {
      this.#bitsV4 = addTo(this.#v4, this.#bitsV4, block.bits);
      this.#put(this.#v4.get(block.bits)!, block.start, value);
    } else {
      this.#bitsV6 = addTo(this.#v6, this.#bitsV6, block.bits);
      this.#put(this.#v6.get(block.bits)!, keyOf(block.start, block.bits), value);
    }
  }

  #put<K>(values: Map<K, T>, key: K, value: T): void {
    if (values.has(key)) return;
    values.set(key, value);
    this.#size++;
  }

  findV4(address: number): T | undefined {
    for (const bits of this.#bitsV4) {
      const value = this.#v4.get(bits)!.get(clearV4(address, bits));
      if (value !== undefined) return value;
    }
    return undefined;
  }

  findV6(groups: Uint16Array): T | undefined {
    for (const bits of this.#bitsV6) {
      const value = this.#v6.get(bits)!.get(keyOf(groups, bits));
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/** Makes the map of a prefix length when it is the first of its length; lengths stay in falling order. */
function addTo<K, T>(maps: Map<number, Map<K, T>>, lengths: readonly number[], bits: number): readonly number[] {
  if (maps.has(bits)) return lengths;
  maps.set(bits, new Map());
  return [...lengths, bits].toSorted((a, b) => b - a);
}

/** The first `bits` bits. Up to 48 of them fit a number, which spares the usual prefixes a text for each look-up. */
function keyOf(groups: Uint16Array, bits: number): KeyV6 {
  if (bits > 48) return String.fromCharCode(...clearV6(groups, bits));
  return Math.floor((groups[0]! * 2 ** 32 + groups[1]! * 2 ** 16 + groups[2]!) / 2 ** (48 - bits));
}
