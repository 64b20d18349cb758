/**
 * A stretch of rows: one buffer, seen as each kind of number. Row `i` starts at byte `i * stride`. Behind the
 * last one is room for a copy of any, because copying inside one buffer is the fastest there is.
 */
export class Chunk {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly u16: Uint16Array;
  readonly u8: Uint8Array<ArrayBuffer>;
  /** One byte of flags per row: see `RowTable`. */
  readonly flags: Uint8Array;
  /** Byte at which the room for a copy begins. */
  readonly spare: number;
  dirtyCount = 0;

  constructor(rowCount: number, stride: number) {
    this.spare = rowCount * stride;
    const buffer = new ArrayBuffer(this.spare + stride);
    this.f64 = new Float64Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u8 = new Uint8Array(buffer);
    this.flags = new Uint8Array(rowCount);
  }

  copyFrom(smaller: Chunk): void {
    this.u8.set(smaller.u8);
    this.flags.set(smaller.flags);
    this.dirtyCount = smaller.dirtyCount;
  }
}

/** The row that cursors stand on: its chunk, and the byte at which its records begin. */
export class Place {
  chunk: Chunk;
  base = 0;

  constructor(nowhere: Chunk) {
    this.chunk = nowhere;
  }
}
