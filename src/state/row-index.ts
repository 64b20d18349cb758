/** Reads the stored hash of a row: the index keeps only one byte of it. */
export interface HashSource {
  matches(row: number, hi: number, lo: number): boolean;
  lowOf(row: number): number;
}

const fullest = 0.7;
const smallestSize = 16;
const segmentCount = 256;

/** From 64-bit hashes to row numbers, in segments that grow one by one: growing as a whole would stop the stream for long. */
export class RowIndex {
  count = 0;
  private readonly segments: (Segment | null)[] = Array.from({ length: segmentCount }, () => null);
  private readonly source: HashSource;

  constructor(source: HashSource) {
    this.source = source;
  }

  /** The row, or -1. */
  find(hi: number, lo: number): number {
    const segment = this.segments[hi & (segmentCount - 1)]!;
    return segment === null ? -1 : segment.find(hi, lo);
  }

  /** Only for a hash that is not there yet. */
  insert(hi: number, lo: number, row: number): void {
    const segment = this.segments[hi & (segmentCount - 1)] ??= new Segment(this.source);
    segment.insert(hi, lo, row);
    this.count++;
  }

  /** The row that was removed, or -1. */
  remove(hi: number, lo: number): number {
    const row = this.segments[hi & (segmentCount - 1)]?.remove(hi, lo) ?? -1;
    if (row !== -1) this.count--;
    return row;
  }
}

/**
 * Open addressing with linear probing: five bytes per slot, a row number and the hash's top byte, which spares
 * nearly every look at a row that is not the one wanted.
 */
class Segment {
  private count = 0;
  /** Row number + 1; 0 is empty. */
  private slots = new Uint32Array(smallestSize);
  private tags = new Uint8Array(smallestSize);
  private mask = smallestSize - 1;
  private readonly source: HashSource;

  constructor(source: HashSource) {
    this.source = source;
  }

  find(hi: number, lo: number): number {
    const { slots, tags, mask, source } = this;
    const tag = hi >>> 24;
    for (let slot = lo & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (tags[slot] === tag && source.matches(slots[slot]! - 1, hi, lo)) return slots[slot]! - 1;
    }
    return -1;
  }

  insert(hi: number, lo: number, row: number): void {
    if (this.count + 1 > (this.mask + 1) * fullest) this.grow();
    this.place(hi >>> 24, lo, row);
    this.count++;
  }

  /** Entries behind it move up, so no tombstones remain. */
  remove(hi: number, lo: number): number {
    const { slots, mask } = this;
    let slot = lo & mask;
    while (slots[slot] !== 0 && !this.source.matches(slots[slot]! - 1, hi, lo)) slot = (slot + 1) & mask;
    if (slots[slot] === 0) return -1;
    const row = slots[slot]! - 1;
    this.closeGap(slot);
    this.count--;
    return row;
  }

  private closeGap(start: number): void {
    const { slots, tags, mask } = this;
    let gap = start;
    for (let next = (gap + 1) & mask; slots[next] !== 0; next = (next + 1) & mask) {
      const home = this.source.lowOf(slots[next]! - 1) & mask;
      // It may move into the gap unless its home lies behind the gap.
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      slots[gap] = slots[next]!;
      tags[gap] = tags[next]!;
      gap = next;
    }
    slots[gap] = 0;
  }

  private place(tag: number, lo: number, row: number): void {
    const { slots, mask } = this;
    let slot = lo & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = row + 1;
    this.tags[slot] = tag;
  }

  private grow(): void {
    const { slots, tags } = this;
    const size = slots.length * 2;
    this.slots = new Uint32Array(size);
    this.tags = new Uint8Array(size);
    this.mask = size - 1;
    for (let slot = 0; slot < slots.length; slot++) {
      if (slots[slot] !== 0) this.place(tags[slot]!, this.source.lowOf(slots[slot]! - 1), slots[slot]! - 1);
    }
  }
}
