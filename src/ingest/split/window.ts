/**
 * The part of a stream that is held at the moment: one growing buffer. What was handed out of
 * it stays valid until the next `append`, which may move it. A newline stands behind the last byte, so
 * that a search for one ends there.
 */
export class ByteWindow {
  bytes: Buffer = Buffer.allocUnsafe(1 << 16);
  /** First byte that is still wanted. */
  start = 0;
  /** One past the last byte that has arrived. */
  end = 0;
  /** Stream offset of `bytes[0]`. */
  base = 0;
  /** The stream's first bytes have been seen. */
  begun = false;
  /** Stream offset up to which no newline was found, so that it is not searched again. */
  private noNewlineBefore = 0;

  /** Adds a chunk behind what is held; makes room by moving the held part to the front. */
  append(chunk: Uint8Array): void {
    if (this.end + chunk.length >= this.bytes.length) this.makeRoom(chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
    this.bytes[this.end] = 10;
  }

  /** Stream offset of the first byte that is still wanted. */
  get offset(): number {
    return this.base + this.start;
  }

  /** Index of the first newline from `from` on; `end` if there is none. */
  newlineFrom(from: number): number {
    return from < this.end ? this.bytes.indexOf(10, from) : this.end;
  }

  /**
   * One past the last byte of the line at `start`; -1 if its end has not come. A line longer than `maxBytes` seems to
   * end after so many.
   */
  lineEnd(maxBytes: number, streamEnded: boolean): number {
    const end = this.newlineFrom(Math.max(this.start, this.noNewlineBefore - this.base));
    if (end - this.start > maxBytes) return this.start + maxBytes;
    if (end < this.end || streamEnded) return end;
    this.noNewlineBefore = this.base + this.end;
    return -1;
  }

  /** Steps over a UTF-8 byte order mark at the stream's start; false if too little has come to tell. */
  skipByteOrderMark(streamEnded: boolean): boolean {
    const { bytes, start } = this;
    if (this.end - start < 3 && !streamEnded) return false;
    this.begun = true;
    if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) this.start += 3;
    return true;
  }

  private makeRoom(needed: number): void {
    const held = this.end - this.start;
    const old = this.bytes;
    if (2 * (held + needed) > old.length) this.bytes = Buffer.allocUnsafe(2 * (held + needed));
    this.bytes.set(old.subarray(this.start, this.end), 0);
    this.base += this.start;
    this.start = 0;
    this.end = held;
  }
}
