/**
 * The first position in `[from, end)` whose byte is a quote, a backslash or a control byte, else `end`. Four
 * bytes at a time, by the "has a byte below n" arithmetic on words, as long as four are left.
 */
export function endOfPlain(bytes: Uint8Array, view: DataView, from: number, end: number): number {
  let at = from;
  for (const last = end - 4; at <= last; at += 4) {
    const word = view.getInt32(at, true);
    const unlessQuote = word ^ 0x22222222;
    const unlessBackslash = word ^ 0x5c5c5c5c;
    const stops = (((unlessQuote - 0x01010101) & ~unlessQuote) | ((unlessBackslash - 0x01010101) & ~unlessBackslash)
      | ((word - 0x20202020) & ~word)) & 0x80808080;
    if (stops !== 0) return at + ((31 - Math.clz32(stops & -stops)) >> 3);
  }
  while (at < end && bytes[at]! >= 32 && bytes[at] !== 34 && bytes[at] !== 92) at++;
  return at;
}

/** The view of a buffer, kept as long as the same one is asked for. */
export class ViewCache {
  private view: DataView = new DataView(new ArrayBuffer(0));

  of(bytes: Uint8Array): DataView {
    const { view } = this;
    if (bytes.buffer === view.buffer && bytes.byteOffset === view.byteOffset && bytes.length === view.byteLength) return view;
    return this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
