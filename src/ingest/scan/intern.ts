const tableSize = 4096;
const longest = 128;
/** Bytes looked at by the hash at either end of a text; the comparison looks at all. */
const sampled = 16;

/**
 * Gives the same string object for the same ASCII bytes where it can: action names, addresses and
 * agents repeat, and a string that is found again costs no allocation and keeps its hash.
 * Direct-mapped: each text has one place, and a newer text takes it over.
 */
export class InternCache {
  readonly #texts: string[] = Array.from({ length: tableSize }, () => '');

  /** The text of `bytes[start, end)`, all of which are ASCII. */
  text(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > longest) return bytes.latin1Slice(start, end);
    const slot = hashOf(bytes, start, end) & (tableSize - 1);
    const known = this.#texts[slot]!;
    if (known.length === length && same(known, bytes, start)) return known;
    return this.#texts[slot] = bytes.latin1Slice(start, end);
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  const headEnd = Math.min(end, start + sampled);
  for (let at = start; at < headEnd; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  for (let at = Math.max(headEnd, end - sampled); at < end; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function same(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
