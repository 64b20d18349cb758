/** Flags of a row: `dirty` differs from the store, `inFlight` is in a checkpoint that is not durable yet, `recent` was looked up lately. */
export const flag = { alive: 1, dirty: 2, inFlight: 4, recent: 8 } as const;

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
  private hasInFlight = false;

  constructor(rowCount: number, stride: number) {
    this.spare = rowCount * stride;
    // As many bytes as whole numbers of the widest kind have.
    const buffer = new ArrayBuffer(Math.ceil((this.spare + stride) / 8) * 8);
    this.f64 = new Float64Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u8 = new Uint8Array(buffer);
    this.flags = new Uint8Array(rowCount);
  }

  /**
   * Copies keys and records of the dirty rows, which are in flight then, to the places from `taken` on. A row's hash stands in front
   * of its records, lower word first; a key has the higher word first and the higher byte first. Answers how many there are now.
   */
  takeDirty(stride: number, header: number, keys: DataView, records: Uint8Array, taken: number): number {
    if (this.dirtyCount === 0) return taken;
    const { flags, u8, u32 } = this;
    const length = stride - header;
    let at = taken;
    for (let row = 0; row < flags.length; row++) {
      if ((flags[row]! & flag.dirty) === 0) continue;
      flags[row] = (flags[row]! & ~flag.dirty) | flag.inFlight;
      const from = row * stride;
      keys.setUint32(at * 8, u32[(from >>> 2) + 1]!);
      keys.setUint32(at * 8 + 4, u32[from >>> 2]!);
      records.set(u8.subarray(from + header, from + stride), at * length);
      at++;
    }
    this.dirtyCount = 0;
    this.hasInFlight = true;
    return at;
  }

  /** The rows in flight are durable, or dirty again. */
  land(durable: boolean): void {
    if (!this.hasInFlight) return;
    this.hasInFlight = false;
    const { flags } = this;
    for (let row = 0; row < flags.length; row++) {
      if ((flags[row]! & flag.inFlight) === 0) continue;
      flags[row]! &= ~flag.inFlight;
      if (!durable) this.markDirty(row);
    }
  }

  markDirty(row: number): void {
    if ((this.flags[row]! & flag.dirty) !== 0) return;
    this.flags[row]! |= flag.dirty;
    this.dirtyCount++;
  }

  copyFrom(smaller: Chunk): void {
    this.u8.set(smaller.u8);
    this.flags.set(smaller.flags);
    this.dirtyCount = smaller.dirtyCount;
    this.hasInFlight = smaller.hasInFlight;
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
