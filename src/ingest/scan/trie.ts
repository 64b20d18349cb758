/** No node: a value that no declared path leads to or through. */
export const nowhere = 0;
/** The node of the record itself. */
export const root = 1;

/**
 * All declared key paths in one tree, so that one pass over a record finds the values of every
 * format. Nodes are small numbers that index flat arrays. A node's children are found by an open
 * hash table over the key's length and two of its bytes; the tree is fixed before the
 * first record is read, so no input can make its tables collide.
 */
export class Trie {
  readonly #keys: string[] = ['', ''];
  readonly #parents: number[] = [nowhere, nowhere];
  readonly #children: Map<string, number>[] = [new Map(), new Map()];
  // Built by `freeze`: where a node's table starts, its size less one, and the tables one after the other.
  #tableStart = new Int32Array(0);
  #tableMask = new Int32Array(0);
  #tables = new Int32Array(0);
  #keyStart = new Int32Array(0);
  #keyLength = new Int32Array(0);
  #keyBytes = new Uint8Array(0);
  #places: (Int32Array | null)[] = [];

  /** How many nodes there are, `nowhere` among them: the size of arrays indexed by node. */
  get size(): number { return this.#keys.length; }

  /** The node under these keys, made if it is new. */
  add(keys: readonly string[]): number {
    let node = root;
    for (const key of keys) {
      let child = this.#children[node]!.get(key);
      if (child === undefined) {
        child = this.#keys.length;
        this.#children[node]!.set(key, child);
        this.#keys.push(key);
        this.#parents.push(node);
        this.#children.push(new Map());
      }
      node = child;
    }
    return node;
  }

  /** The keys that lead to a node, for people. */
  describe(node: number): string {
    const keys: string[] = [];
    for (let at = node; at > root; at = this.#parents[at]!) keys.unshift(this.#keys[at]!);
    return keys.join('.');
  }

  /** Lays out the tables; no path may be added afterwards. */
  freeze(): this {
    const encoded = this.#keys.map((key) => Buffer.from(key));
    this.#keyLength = Int32Array.from(encoded, (key) => key.length);
    this.#keyStart = new Int32Array(encoded.length);
    for (let node = 1; node < encoded.length; node += 1) {
      this.#keyStart[node] = this.#keyStart[node - 1]! + this.#keyLength[node - 1]!;
    }
    this.#keyBytes = Buffer.concat(encoded);
    const tableSizes = this.#children.map(({ size }) => (size === 0 ? 0 : 2 ** Math.ceil(Math.log2(size * 4))));
    this.#tableMask = Int32Array.from(tableSizes, (size) => size - 1);
    this.#tableStart = new Int32Array(tableSizes.length);
    for (let node = 1; node < tableSizes.length; node += 1) {
      this.#tableStart[node] = this.#tableStart[node - 1]! + tableSizes[node - 1]!;
    }
    this.#tables = new Int32Array(tableSizes.reduce((sum, size) => sum + size, 0));
    for (let node = root; node < this.size; node += 1) {
      for (const child of this.#children[node]!.values()) this.#insert(node, child);
    }
    this.#places = this.#children.map(placesOf);
    return this;
  }

  /** The child of `node` whose key is these bytes, else `nowhere`. */
  find(node: number, bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#tableMask[node]!;
    if (mask < 0) return nowhere;
    const base = this.#tableStart[node]!;
    const length = end - start;
    let slot = length === 0 ? 0 : keyHash(length, bytes[start]!, bytes[end - 1]!, bytes[start + (length >> 1)]!) & mask;
    for (;;) {
      const child = this.#tables[base + slot]!;
      if (child === nowhere) return nowhere;
      if (this.#keyLength[child] === length && this.#sameKey(child, bytes, start, length)) return child;
      slot = (slot + 1) & mask;
    }
  }

  /** The child of `node` for a place in an array, else `nowhere`. */
  place(node: number, index: number): number {
    const places = this.#places[node]!;
    return places === null || index >= places.length ? nowhere : places[index]!;
  }

  #sameKey(child: number, bytes: Uint8Array, start: number, length: number): boolean {
    const keyStart = this.#keyStart[child]!;
    for (let i = 0; i < length; i += 1) {
      if (this.#keyBytes[keyStart + i] !== bytes[start + i]) return false;
    }
    return true;
  }

  #insert(node: number, child: number): void {
    const key = Buffer.from(this.#keys[child]!);
    const mask = this.#tableMask[node]!;
    let slot = key.length === 0 ? 0 : keyHash(key.length, key[0]!, key.at(-1)!, key[key.length >> 1]!) & mask;
    while (this.#tables[this.#tableStart[node]! + slot] !== nowhere) slot = (slot + 1) & mask;
    this.#tables[this.#tableStart[node]! + slot] = child;
  }
}

function keyHash(length: number, first: number, last: number, middle: number): number {
  const mixed = Math.imul(length + (first << 6) + (last << 13) + (middle << 20), 0x9e3779b1);
  return mixed >>> 15;
}

/** Largest place in an array that a path can name. */
const maxPlace = 63;

function placesOf(children: ReadonlyMap<string, number>): Int32Array | null {
  let places: Int32Array | null = null;
  for (const [key, child] of children) {
    if (!/^(0|[1-9]\d?)$/.test(key) || Number(key) > maxPlace) continue;
    places ??= new Int32Array(maxPlace + 1);
    places[Number(key)] = child;
  }
  return places;
}
