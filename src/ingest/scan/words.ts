/**
 * Byte work done four bytes at a time, at any position, through a `DataView` (which the compiler
 * turns into plain loads). Views must reach `wordSlack` bytes beyond what is asked about.
 */
export const wordSlack = 8;

/**
 * The first position from `at` on whose byte may not stand in a JSON string as it is: a quote, a
 * backslash or a control byte. There must be one. Finds it by the exact-lowest-hit form of
 * "has a byte below n" arithmetic on a word, so that a string costs one hard branch, not two.
 */
export function endOfPlain(view: DataView, from: number): number {
  let at = from;
  for (;;) {
    const word = view.getInt32(at, true);
    const unlessQuote = word ^ 0x22222222;
    const unlessBackslash = word ^ 0x5c5c5c5c;
    const stops = (((unlessQuote - 0x01010101) & ~unlessQuote) | ((unlessBackslash - 0x01010101) & ~unlessBackslash)
      | ((word - 0x20202020) & ~word)) & 0x80808080;
    // Hits above the lowest may be false, because the subtraction borrows; the lowest is not.
    if (stops !== 0) return at + ((31 - Math.clz32(stops & -stops)) >> 3);
    at += 4;
  }
}

/** Are `length` bytes in one view the same as in another? */
export function sameBytes(left: DataView, leftStart: number, right: DataView, rightStart: number, length: number): boolean {
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    if (left.getInt32(leftStart + at, true) !== right.getInt32(rightStart + at, true)) return false;
  }
  return ((left.getInt32(leftStart + at, true) ^ right.getInt32(rightStart + at, true)) & restMask[length & 3]!) === 0;
}

/** A quick hash of the length and of the first, middle and last four bytes, for tables in which a collision only costs time. */
export function sampleHash(view: DataView, start: number, end: number): number {
  const length = end - start;
  if (length < 4) return Math.imul(length ^ (view.getInt32(start, true) & restMask[length]!), 0x9e3779b1) >>> 15;
  const first = view.getInt32(start, true), middle = view.getInt32((start + end - 4) >> 1, true), last = view.getInt32(end - 4, true);
  const hash = Math.imul(first ^ length, 0x9e3779b1) + Math.imul(middle, 0x85ebca6b) + Math.imul(last, 0xc2b2ae35);
  return hash ^ (hash >>> 15);
}

/** The first 0 to 3 bytes of a word. */
const restMask = Int32Array.of(0, 0xff, 0xffff, 0xffffff);

/** A view of the bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

declare global {
  // Node has these; its types do not. They skip the choice of encoding that `toString` makes at each call.
  interface Buffer {
    latin1Slice(start: number, end: number): string;
    utf8Slice(start: number, end: number): string;
  }
}
