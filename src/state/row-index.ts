/** Reads the stored hash of a row: the index keeps only a few bits of it. */
export interface HashSource {
  matches(row: number, hi: number, lo: number): boolean;
  lowOf(row: number): number;
  highOf(row: number): number;
}

const fullest = 0.75;
/** Not the double, so that seldom much is empty. Lengths are whole numbers: the rest is cut off. */
const growth = 1.5;
const smallestSize = 16;
/** Few, because each costs a look at objects of its own; many enough that one of a million rows is remade within milliseconds. */
const segmentCount = 32;
/** Up to so many rows they are one segment, whose objects are always at hand: it is remade within milliseconds as well. */
const mostInOne = 1 << 16;
/** Of a slot's word, for the row number + 1; the other bits are the hash's uppermost. */
const rowBits = 26;
const rowMask = 2 ** rowBits - 1;

/** From 64-bit hashes to row numbers; where there are many, in segments that grow one by one: growing as a whole would stop the stream for long. */
export class RowIndex {
  count = 0;
  private segments: readonly Segment[];
  private readonly source: HashSource;

  constructor(source: HashSource) {
    this.source = source;
    this.segments = [new Segment(source)];
  }

  /** The row, or -1. */
  find(hi: number, lo: number): number {
    return this.segmentOf(hi).find(hi, lo);
  }

  /** Only for a hash that is not there yet. */
  insert(hi: number, lo: number, row: number): void {
    if (this.count === mostInOne && this.segments.length === 1) this.split();
    this.segmentOf(hi).insert(hi, lo, row);
    this.count++;
  }

  /** The row that was removed, or -1. */
  remove(hi: number, lo: number): number {
    const row = this.segmentOf(hi).remove(hi, lo);
    if (row !== -1) this.count--;
    return row;
  }

  private segmentOf(hi: number): Segment {
    return this.segments[hi & (this.segments.length - 1)]!;
  }

  private split(): void {
    const [all] = this.segments;
    const parts = Array.from({ length: segmentCount }, () => new Segment(this.source));
    for (const row of all!.rows()) {
      const hi = this.source.highOf(row);
      parts[hi & (segmentCount - 1)]!.insert(hi, this.source.lowOf(row), row);
    }
    this.segments = parts;
  }
}

/**
 * Open addressing with linear probing: one word per slot, so that a look touches one place in memory. The few bits of
 * the hash in it spare nearly every look at a row that is not the one wanted. 0 is empty.
 */
class Segment {
  private count = 0;
  private slots = new Uint32Array(smallestSize);
  private readonly source: HashSource;

  constructor(source: HashSource) {
    this.source = source;
  }

  find(hi: number, lo: number): number {
    const { slots } = this;
    const tag = hi >>> rowBits;
    for (let slot = this.homeOf(lo); ; slot = this.after(slot)) {
      const word = slots[slot]!;
      if (word === 0) return -1;
      if (word >>> rowBits === tag && this.source.matches((word & rowMask) - 1, hi, lo)) return (word & rowMask) - 1;
    }
  }

  insert(hi: number, lo: number, row: number): void {
    if (row >= rowMask) throw new Error(`more than ${rowMask} rows of one scope`);
    if (this.count + 1 > this.slots.length * fullest) this.grow();
    this.place(((hi >>> rowBits << rowBits) | (row + 1)) >>> 0, lo);
    this.count++;
  }

  /** Entries behind it move up, so no tombstones remain. */
  remove(hi: number, lo: number): number {
    const { slots } = this;
    let slot = this.homeOf(lo);
    while (slots[slot] !== 0 && !this.source.matches(this.rowAt(slot), hi, lo)) slot = this.after(slot);
    if (slots[slot] === 0) return -1;
    const row = this.rowAt(slot);
    this.closeGap(slot);
    this.count--;
    return row;
  }

  *rows(): Iterable<number> {
    for (let slot = 0; slot < this.slots.length; slot++) if (this.slots[slot] !== 0) yield this.rowAt(slot);
  }

  /** Any size will do: the share of the hash in its range, of the slots. */
  private homeOf(lo: number): number {
    return lo * this.slots.length * 2 ** -32 >>> 0;
  }

  private after(slot: number): number {
    return slot + 1 === this.slots.length ? 0 : slot + 1;
  }

  private distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.slots.length;
  }

  private rowAt(slot: number): number {
    return (this.slots[slot]! & rowMask) - 1;
  }

  private closeGap(start: number): void {
    const { slots } = this;
    let gap = start;
    for (let next = this.after(gap); slots[next] !== 0; next = this.after(next)) {
      const home = this.homeOf(this.source.lowOf(this.rowAt(next)));
      // It may move into the gap unless its home lies behind the gap.
      if (this.distance(home, next) < this.distance(gap, next)) continue;
      slots[gap] = slots[next]!;
      gap = next;
    }
    slots[gap] = 0;
  }

  private place(word: number, lo: number): void {
    const { slots } = this;
    let slot = this.homeOf(lo);
    while (slots[slot] !== 0) slot = this.after(slot);
    slots[slot] = word;
  }

  private grow(): void {
    const { slots } = this;
    this.slots = new Uint32Array(slots.length * growth);
    for (const word of slots) if (word !== 0) this.place(word, this.source.lowOf((word & rowMask) - 1));
  }
}
