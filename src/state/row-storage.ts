import { Chunk, flag, Place } from './chunk.ts';
import type { PartPlace } from './layout.ts';
import type { HashSource } from './row-index.ts';

const headerBytes = 8;
const chunkBytes = 1 << 22;
const firstChunkRows = 16;

/**
 * Memory of rows, without a way to find them: chunks of about 4 MiB, of which only what was used takes memory, that never move once full-sized, and a
 * free list. Each row is its hash (8 bytes, lower word first), then its records.
 */
export class RowStorage implements HashSource {
  /** Where cursors read and write. */
  readonly place = new Place(new Chunk(0, 0));
  readonly stride: number;
  readonly rowsPerChunk: number;
  readonly chunks: Chunk[];
  /** Row numbers ever handed out. */
  used = 0;
  private readonly shift: number;
  private readonly mask: number;
  private readonly initial: Uint8Array;
  /** Last released row; the next one's number + 1 stands in its header. */
  private freeHead = -1;

  /** `initial` is a new row's records; its length is a multiple of the widest field's, and of 4. */
  constructor(initial: Uint8Array) {
    this.initial = initial;
    this.stride = headerBytes + initial.length;
    this.shift = Math.max(Math.log2(firstChunkRows), Math.floor(Math.log2(chunkBytes / this.stride)));
    this.rowsPerChunk = 1 << this.shift;
    this.mask = this.rowsPerChunk - 1;
    this.chunks = [new Chunk(firstChunkRows, this.stride)];
  }

  chunkOf(row: number): Chunk {
    return this.chunks[row >>> this.shift]!;
  }

  /** Place of the row within its chunk's flags. */
  within(row: number): number {
    return row & this.mask;
  }

  /** Byte of its chunk at which a row's records begin. */
  baseOf(row: number): number {
    return (row & this.mask) * this.stride + headerBytes;
  }

  bind(row: number): void {
    this.place.chunk = this.chunkOf(row);
    this.place.base = this.baseOf(row);
  }

  /** Keeps a copy of the records that `place` stands on; the next copy in the same chunk takes its room. */
  remember(): void {
    const { chunk, base } = this.place;
    chunk.u8.copyWithin(chunk.spare, base, base + this.initial.length);
  }

  /** Copies one part of the records back. */
  takeBack({ offset, length }: PartPlace): void {
    const { chunk, base } = this.place;
    chunk.u8.copyWithin(base + offset, chunk.spare + offset, chunk.spare + offset + length);
  }

  matches(row: number, hi: number, lo: number): boolean {
    const { u32 } = this.chunkOf(row);
    const at = ((row & this.mask) * this.stride) >>> 2;
    return u32[at] === lo && u32[at + 1] === hi;
  }

  lowOf(row: number): number {
    return this.chunkOf(row).u32[((row & this.mask) * this.stride) >>> 2]!;
  }

  highOf(row: number): number {
    return this.chunkOf(row).u32[(((row & this.mask) * this.stride) >>> 2) + 1]!;
  }

  /** A row with initial values, clean. */
  add(hi: number, lo: number): number {
    const row = this.freeHead === -1 ? this.append() : this.reuse();
    const chunk = this.chunkOf(row);
    const base = this.baseOf(row);
    this.setHeader(row, hi, lo);
    chunk.u8.set(this.initial, base);
    chunk.flags[row & this.mask] = flag.alive | flag.recent;
    return row;
  }

  release(row: number): void {
    const chunk = this.chunkOf(row);
    const at = row & this.mask;
    if ((chunk.flags[at]! & flag.dirty) !== 0) chunk.dirtyCount--;
    chunk.flags[at] = 0;
    this.setHeader(row, 0, this.freeHead + 1);
    this.freeHead = row;
  }

  markDirty(row: number): void {
    this.chunkOf(row).markDirty(row & this.mask);
  }

  /** Copies keys and records of all dirty rows, one behind the other. */
  takeDirty(keys: DataView, records: Uint8Array): void {
    let taken = 0;
    for (const chunk of this.chunks) taken = chunk.takeDirty(this.stride, headerBytes, keys, records, taken);
  }

  private setHeader(row: number, hi: number, lo: number): void {
    const { u32 } = this.chunkOf(row);
    const at = ((row & this.mask) * this.stride) >>> 2;
    u32[at] = lo;
    u32[at + 1] = hi;
  }

  private reuse(): number {
    const row = this.freeHead;
    this.freeHead = this.lowOf(row) - 1;
    return row;
  }

  private append(): number {
    const row = this.used++;
    if (row >>> this.shift >= this.chunks.length) this.chunks.push(new Chunk(this.rowsPerChunk, this.stride));
    else if (row === this.chunks[0]!.flags.length) this.growFirstChunk();
    return row;
  }

  /** Only the first chunk begins small, so that a table of few rows stays small. */
  private growFirstChunk(): void {
    const small = this.chunks[0]!;
    const larger = new Chunk(small.flags.length * 2, this.stride);
    larger.copyFrom(small);
    this.chunks[0] = larger;
    if (this.place.chunk === small) this.place.chunk = larger;
  }
}
