import { sameBytes, sampleHash, wordSlack } from './words.ts';

const tableSize = 4096;
/** What is kept of a text, its length and its bytes, fills one line of the processor's cache: looking into the string would load another. */
const stride = 64, lengthBytes = 4;
/** Longest text kept. */
const longest = stride - lengthBytes;
/** After so many new texts in a row, so many that follow at the same place are not looked up: request ids and times never repeat. */
const maxMisses = 32, pause = 480;

/**
 * Gives the same string object for the same ASCII bytes where it can: action names, addresses and
 * agents repeat, and a string that is found again costs no allocation and keeps its hash.
 * Direct-mapped: each text has one place, and a newer text takes it over.
 */
export class InternCache {
  readonly #texts: string[] = Array.from({ length: tableSize }, () => '');
  /** Length and bytes of each text, because comparing bytes with bytes is quick. */
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
    const kept = this.#kept, place = slot * stride + lengthBytes;
    if (kept.getInt32(slot * stride, true) === length && sameBytes(kept, place, view, start, length)) {
      this.#misses[node] = 0;
      return this.#texts[slot]!;
    }
    this.#misses[node] = misses < maxMisses ? misses + 1 : -pause;
    kept.setInt32(slot * stride, length, true);
    for (let i = 0; i < length; i += 4) kept.setInt32(place + i, view.getInt32(start + i, true), true);
    return this.#texts[slot] = bytes.latin1Slice(start, end);
  }
}
