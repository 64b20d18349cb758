import { hashBytes, sameBytes, wordSlack } from './words.ts';

const tableSize = 4096;
/** Longest text kept. A longer one costs more to compare than to make. */
const longest = 32;
/** Whole words are copied, so a text may reach up to three bytes beyond its end. */
const stride = longest + 4;

/**
 * Gives the same string object for the same ASCII bytes where it can: action names, addresses and
 * agents repeat, and a string that is found again costs no allocation and keeps its hash.
 * Direct-mapped: each text has one place, and a newer text takes it over.
 */
export class InternCache {
  readonly #texts: string[] = Array.from({ length: tableSize }, () => '');
  /** The bytes of each text, because comparing bytes with bytes is quick. */
  readonly #kept = new DataView(new ArrayBuffer(tableSize * stride + wordSlack));

  /** The text of `bytes[start, end)`, all of which are ASCII; `view` is over the same bytes. */
  text(bytes: Buffer, view: DataView, start: number, end: number): string {
    const length = end - start;
    if (length > longest) return bytes.latin1Slice(start, end);
    const slot = hashBytes(view, start, end) & (tableSize - 1);
    const known = this.#texts[slot]!;
    if (known.length === length && sameBytes(this.#kept, slot * stride, view, start, length)) return known;
    for (let i = 0; i < length; i += 4) this.#kept.setInt32(slot * stride + i, view.getInt32(start + i, true), true);
    return this.#texts[slot] = bytes.latin1Slice(start, end);
  }
}
