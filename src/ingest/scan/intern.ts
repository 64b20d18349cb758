import { sameBytes, sampleHash, wordSlack } from './words.ts';

const tableSize = 4096;
/** Longest text kept. A longer one costs more to compare than to make. */
const longest = 64;
/** Whole words are copied, so a text may reach up to three bytes beyond its end. */
const stride = longest + 4;
/** After so many new texts in a row, so many that follow at the same place are not looked up: request ids and times never repeat. */
const maxMisses = 32, pause = 480;

/**
 * Gives the same string object for the same ASCII bytes where it can: action names, addresses and
 * agents repeat, and a string that is found again costs no allocation and keeps its hash.
 * Direct-mapped: each text has one place, and a newer text takes it over.
 */
export class InternCache {
  readonly #texts: string[] = Array.from({ length: tableSize }, () => '');
  /** The bytes of each text, because comparing bytes with bytes is quick. */
  readonly #kept = new DataView(new ArrayBuffer(tableSize * stride + wordSlack));
  /** For each node the number of misses in a row, or, below zero, how many texts still to let pass. */
  readonly #misses: Int16Array;

  /** For texts that stand at the nodes below `nodes` of a trie. */
  constructor(nodes: number) {
    this.#misses = new Int16Array(nodes);
  }

  /** The text of `bytes[start, end)`, all of which are ASCII, found at a node; `view` is over the same bytes. */
  text(node: number, bytes: Buffer, view: DataView, start: number, end: number): string {
    const length = end - start;
    const misses = this.#misses[node]!;
    if (length > longest) return bytes.latin1Slice(start, end);
    if (misses < 0) {
      this.#misses[node] = misses + 1;
      return bytes.latin1Slice(start, end);
    }
    const slot = sampleHash(view, start, end) & (tableSize - 1);
    const known = this.#texts[slot]!;
    if (known.length === length && sameBytes(this.#kept, slot * stride, view, start, length)) {
      this.#misses[node] = 0;
      return known;
    }
    this.#misses[node] = misses < maxMisses ? misses + 1 : -pause;
    for (let i = 0; i < length; i += 4) this.#kept.setInt32(slot * stride + i, view.getInt32(start + i, true), true);
    return this.#texts[slot] = bytes.latin1Slice(start, end);
  }
}
