import type { Value } from '../formats/format.ts';
import type { Json } from '../paths.ts';
import { InternCache } from './intern.ts';
import { Kind } from './lexer.ts';
import { numberIn } from './number.ts';
import { Scanner } from './scanner.ts';
import type { ReadProblem } from './scanner.ts';
import { TreeBuilder, halfSurrogate, unescape } from './tree.ts';
import { Trie } from './trie.ts';

/** Largest container, and largest JSON inside a string, that is turned into objects. */
export const maxTreeBytes = 65_536;

/**
 * The values that a scanner found, made into JavaScript values when asked for. What turns out
 * wrong then (`problem`) refuses the record: the value asked for reads as `null` meanwhile.
 */
export class ScannedValues {
  problem: ReadProblem | null = null;
  readonly #scanner: Scanner;
  readonly #interned: InternCache;
  /** Texts already made, for nodes of kind `made`. */
  readonly #made: string[];
  #inner: Scanner | null = null;
  /** What was found inside a string of the current record: many fields ask for parts of one. */
  #innerNode = -1;
  #innerText: string | null = null;
  #innerTree: Json | undefined;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
    this.#interned = new InternCache(scanner.kinds.length);
    this.#made = Array.from(scanner.kinds, () => '');
  }

  /** Forgets the record before. */
  reset(): void {
    this.problem = null;
    this.#innerNode = -1;
    this.#innerText = null;
    this.#innerTree = undefined;
  }

  /** The scalar at a node; `null` for what is absent or a container. */
  scalar(node: number): Value {
    const scanner = this.#scanner;
    switch (scanner.kinds[node]) {
      case Kind.text: {
        const start = scanner.starts[node]! + 1, end = scanner.ends[node]! - 1;
        return this.#keep(node, scanner.ascii
          ? this.#interned.text(node, scanner.bytes, scanner.view, start, end) : scanner.bytes.utf8Slice(start, end));
      }
      case Kind.made: return this.#made[node]!;
      case Kind.number: return numberIn(scanner.bytes, scanner.starts[node]!, scanner.ends[node]!);
      case Kind.true: return true;
      case Kind.false: return false;
      case Kind.escapedText: return this.text(node);
      default: return null;
    }
  }

  /** Formats ask for some texts more than once, and making one costs more than all else about it. */
  #keep(node: number, text: string): string {
    this.#scanner.kinds[node] = Kind.made;
    return this.#made[node] = text;
  }

  /** The text at a node, never from the cache: secrets must not stay in memory. */
  text(node: number): string | null {
    const { kinds, starts, ends, bytes } = this.#scanner;
    if (kinds[node] === Kind.text || kinds[node] === Kind.made) return bytes.utf8Slice(starts[node]! + 1, ends[node]! - 1);
    if (kinds[node] !== Kind.escapedText) return null;
    const text = unescape(bytes, starts[node]!, ends[node]!);
    if (text.isWellFormed()) return text;
    this.problem ??= halfSurrogate;
    return null;
  }

  /** Whatever stands at a node, as a tree; `undefined` when it is absent or larger than `maxBytes`. */
  tree(node: number, maxBytes = maxTreeBytes): Json | undefined {
    const { kinds, starts, ends } = this.#scanner;
    if (kinds[node] === Kind.absent || ends[node]! - starts[node]! > Math.min(maxBytes, maxTreeBytes)) return undefined;
    return kinds[node]! < Kind.object ? this.scalar(node) : this.#build(this.#scanner, starts[node]!);
  }

  /** JSON inside the string at a node; `undefined` when there is none. */
  inner(node: number): Json | undefined {
    if (node === this.#innerNode) return this.#innerTree;
    const text = this.text(node);
    const tree = text === null ? undefined : this.parseInner(text);
    this.#innerNode = node;
    this.#innerText = text;
    return this.#innerTree = tree;
  }

  /** JSON that stood inside a string, checked like a record of its own. */
  parseInner(text: string): Json | undefined {
    if (text === this.#innerText) return this.#innerTree;
    this.#innerNode = -1;
    this.#innerText = text;
    return this.#innerTree = this.#parse(text);
  }

  #parse(text: string): Json | undefined {
    const bytes = Buffer.from(text);
    if (bytes.length > maxTreeBytes) return undefined;
    this.#inner ??= new Scanner(new Trie(), { bytes: maxTreeBytes, depth: 32, keys: 2048 });
    return this.#inner.scan(bytes) === null ? this.#build(this.#inner, this.#inner.starts[1]!) : undefined;
  }

  #build(scanner: Scanner, start: number): Json {
    const builder = new TreeBuilder(scanner.bytes, scanner.view, start);
    const tree = builder.build();
    this.problem ??= builder.problem;
    return tree;
  }
}
