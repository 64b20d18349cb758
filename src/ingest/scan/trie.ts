import { sameBytes, viewOf, wordSlack } from './words.ts';

/** No node: a value that no declared path leads to or through. */
export const nowhere = 0;
/** The node of the record itself. */
export const root = 1;

/** Numbers that the layout keeps for each node: table mask, table start, key start, key length. */
const nodeWidth = 4;

/**
 * All declared key paths in one tree, so that one pass over a record finds the values of every
 * format. Nodes are small numbers that index flat arrays. A node's children are found by an open
 * hash table over the key's length and three of its bytes; the tree is fixed before the
 * first record is read, so no input can make its tables collide.
 */
export class Trie {
  readonly #keys: string[] = ['', ''];
  readonly #parents: number[] = [nowhere, nowhere];
  readonly #children: Map<string, number>[] = [new Map(), new Map()];
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

  /** Lays the tree out for `findChild`; no path may be added afterwards. */
  freeze(): TrieLayout {
    const encoded = this.#keys.map((key) => Buffer.from(key));
    const tableSizes = this.#children.map(({ size }) => (size === 0 ? 0 : 2 ** Math.ceil(Math.log2(size * 4))));
    const nodes = new Int32Array(this.size * nodeWidth + tableSizes.reduce((sum, size) => sum + size, 0));
    let tableStart = this.size * nodeWidth, keyStart = 0;
    for (let node = 0; node < this.size; node += 1) {
      nodes.set([tableSizes[node]! - 1, tableStart, keyStart, encoded[node]!.length], node * nodeWidth);
      tableStart += tableSizes[node]!;
      keyStart += encoded[node]!.length;
    }
    for (let node = root; node < this.size; node += 1) {
      for (const child of this.#children[node]!.values()) insert(nodes, node, child, encoded[child]!);
    }
    this.#places = this.#children.map(placesOf);
    return { nodes, keys: viewOf(Buffer.concat([...encoded, Buffer.alloc(wordSlack)])) };
  }

  /** The child of `node` for a place in an array, else `nowhere`. */
  place(node: number, index: number): number {
    const places = this.#places[node]!;
    return places === null || index >= places.length ? nowhere : places[index]!;
  }
}

/** A trie in two arrays: nodes and their tables, and the bytes of all keys one after the other. */
export interface TrieLayout { readonly nodes: Int32Array; readonly keys: DataView }

/** The child of `node` whose key is the bytes from `start` to `end`, else `nowhere`. */
export function findChild({ nodes, keys }: TrieLayout, node: number, view: DataView, start: number, end: number): number {
  const mask = nodes[node * nodeWidth]!;
  if (mask < 0) return nowhere;
  const tableStart = nodes[node * nodeWidth + 1]!;
  const length = end - start;
  let slot = keyHash(view, start, end) & mask;
  for (;;) {
    const child = nodes[tableStart + slot]!;
    if (child === nowhere) return nowhere;
    if (nodes[child * nodeWidth + 3] === length && sameBytes(keys, nodes[child * nodeWidth + 2]!, view, start, length)) return child;
    slot = (slot + 1) & mask;
  }
}

function insert(nodes: Int32Array, node: number, child: number, key: Uint8Array): void {
  const mask = nodes[node * nodeWidth]!;
  const tableStart = nodes[node * nodeWidth + 1]!;
  let slot = keyHash(viewOf(key), 0, key.length) & mask;
  while (nodes[tableStart + slot] !== nowhere) slot = (slot + 1) & mask;
  nodes[tableStart + slot] = child;
}

function keyHash(view: DataView, start: number, end: number): number {
  if (start === end) return 0;
  const sampled = end - start + (view.getUint8(start) << 6) + (view.getUint8(end - 1) << 13) + (view.getUint8((start + end) >> 1) << 20);
  return Math.imul(sampled, 0x9e3779b1) >>> 15;
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
