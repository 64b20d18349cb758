import { sameBytes, sampleHash, wordSlack } from './words.ts';

/** What is kept of a text, its length and its bytes, fills one line of the processor's cache, or four of them: looking into the string would load another. */
const shortStride = 64, longStride = 256, lengthBytes = 4;
const shortTexts = 4096, longTexts = 2048;
/** After so many new texts in a row, so many that follow at the same place are not looked up: request ids and times never repeat. */
const maxMisses = 32, pause = 480;

/**
 * Gives the same string object for the same ASCII bytes where it can: action names, addresses and
 * agents repeat, and a string that is found again costs no allocation and keeps its hash.
 * Direct-mapped: each text has one place, and a newer text takes it over.
 */
export class InternCache {
  readonly #short = new Table(shortTexts, shortStride);
  readonly #long = new Table(longTexts, longStride);
  /** For each node the number of misses in a row, or, below zero, how many texts still to let pass. */
  readonly #misses: Int16Array;

  /** For texts that stand at the nodes below `nodes` of a trie. */
  constructor(nodes: number) {
    this.#misses = new Int16Array(nodes);
  }

  /** The text of `bytes[start, end)`, all of which are ASCII, found at a node; `view` is over the same bytes. */
  text(node: number, bytes: Buffer, view: DataView, start: number, end: number): string {
    const length = end - start;
    if (length > longStride - lengthBytes) return bytes.latin1Slice(start, end);
    const misses = this.#misses[node]!;
    if (misses < 0) {
      this.#misses[node] = misses + 1;
      return bytes.latin1Slice(start, end);
    }
    const table = length > shortStride - lengthBytes ? this.#long : this.#short;
    const found = table.find(view, start, end);
    if (found !== null) {
      this.#misses[node] = 0;
      return found;
    }
    this.#misses[node] = misses < maxMisses ? misses + 1 : -pause;
    return table.keep(bytes.latin1Slice(start, end), view, start, end);
  }
}

/** Texts that are no longer than `stride` allows. */
class Table {
  readonly #size: number;
  readonly #stride: number;
  readonly #texts: string[];
  /** Length and bytes of each text, because comparing bytes with bytes is quick. */
  readonly #kept: DataView;

  constructor(size: number, stride: number) {
    this.#size = size;
    this.#stride = stride;
    this.#texts = Array.from({ length: size }, () => '');
    this.#kept = new DataView(new ArrayBuffer(size * stride + wordSlack));
  }

  find(view: DataView, start: number, end: number): string | null {
    const slot = sampleHash(view, start, end) & (this.#size - 1);
    const at = slot * this.#stride;
    if (this.#kept.getInt32(at, true) !== end - start || !sameBytes(this.#kept, at + lengthBytes, view, start, end - start)) return null;
    return this.#texts[slot]!;
  }

  keep(text: string, view: DataView, start: number, end: number): string {
    const slot = sampleHash(view, start, end) & (this.#size - 1);
    const at = slot * this.#stride;
    this.#kept.setInt32(at, end - start, true);
    for (let i = 0; i < end - start; i += 4) this.#kept.setInt32(at + lengthBytes + i, view.getInt32(start + i, true), true);
    return this.#texts[slot] = text;
  }
}
