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

  /** Adds a chunk behind what is held; makes room by moving the held part to the front. */
  append(chunk: Uint8Array): void {
    if (this.end + chunk.length >= this.bytes.length) this.makeRoom(chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
    this.bytes[this.end] = 10;
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
