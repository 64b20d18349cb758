import type { RecordOf, StateLayout, Seed } from '../model/state.ts';
import type { RowsCopy } from '../store/port.ts';
import { flag } from './chunk.ts';
import { makeCursor } from './cursor.ts';
import { KeyHasher } from './hash.ts';
import { compileLayout, type PartPlace, type RowLayout } from './layout.ts';
import type { Rows } from './port.ts';
import { RowIndex } from './row-index.ts';
import { keysOf, wide, writeKey } from './row-key.ts';
import { RowReader, type SavedRow } from './row-reader.ts';
import { RowStorage } from './row-storage.ts';

export interface RowTableOptions {
  /** Rows beyond this many may leave memory in `evict`, which then needs `reload`. Default: none do. */
  readonly capacity?: number;
  /** Finds a saved row by the eight bytes of its hash, higher word first. Must not keep them. */
  readonly reload?: (key: Uint8Array) => SavedRow | null;
  /** Shared by tables of one seed, so that a key is hashed once for all. */
  readonly hasher?: KeyHasher;
  /** The store may hold rows that `load` is not going to bring. Default: false. */
  readonly incomplete?: boolean;
}

/**
 * Rows of one scope, found by 64-bit keyed hashes: the keys themselves are not kept. A row number stays valid
 * until `evict`, or `delete` of that row. A checkpoint is `takeDirty`, then `checkpointDone` once it is durable,
 * or `checkpointFailed`; until then its rows stay in memory.
 */
export class RowTable implements Rows {
  readonly scope: string;
  readonly layout: RowLayout;
  private readonly capacity: number;
  private readonly reload: RowTableOptions['reload'];
  private readonly hasher: KeyHasher;
  private readonly storage: RowStorage;
  private readonly index: RowIndex;
  private readonly reader: RowReader;
  private readonly parts: ReadonlyMap<string, PartPlace>;
  private readonly cursors = new Map<string, object>();
  private readonly keyBytes = new Uint8Array(8);
  generation = 0;
  private boundRow = -1;
  /** Spares looks at the row's flags. */
  private boundIsDirty = false;
  private clockHand = 0;
  private incomplete: boolean;
  /** Since the last checkpoint, also where a row was made anew since. */
  private deleted = new Set<bigint>();
  private deletedInFlight = new Set<bigint>();

  constructor(scope: string, parts: Readonly<Record<string, StateLayout>>, seed: Seed, options: RowTableOptions = {}) {
    this.scope = scope;
    this.capacity = options.capacity ?? Infinity;
    this.reload = options.reload;
    this.incomplete = options.incomplete ?? false;
    if (this.reload === undefined && (this.capacity !== Infinity || this.incomplete)) {
      throw new Error(`rows of scope ${scope} could leave memory without a way back`);
    }
    this.layout = compileLayout(parts);
    this.parts = new Map(this.layout.parts.map((part) => [part.name, part]));
    this.hasher = options.hasher ?? new KeyHasher(seed);
    this.storage = new RowStorage(this.layout.initial);
    this.index = new RowIndex(this.storage);
    this.reader = new RowReader(scope, this.layout);
  }

  /** Rows in memory. */
  get size(): number {
    return this.index.count;
  }

  /** What could not be kept of saved rows, in words for the operator. */
  get notes(): readonly string[] {
    return this.reader.notes;
  }

  get dirtyCount(): number {
    return this.storage.chunks.reduce((sum, chunk) => sum + chunk.dirtyCount, 0);
  }

  /** Keys deleted since the last checkpoint. */
  get deletedCount(): number {
    return this.deleted.size;
  }

  row(key: string): number {
    this.hasher.hash(key);
    return this.rowByHash(this.hasher.hi, this.hasher.lo);
  }

  find(key: string): number {
    this.hasher.hash(key);
    return this.findByHash(this.hasher.hi, this.hasher.lo);
  }

  /** As `row`, for callers that keep the two words which a `KeyHasher` of the same seed gave. */
  rowByHash(hi: number, lo: number): number {
    const row = this.findByHash(hi, lo);
    return row === -1 ? this.make(hi, lo) : row;
  }

  findByHash(hi: number, lo: number): number {
    const row = this.index.find(hi, lo);
    if (row === -1) return this.incomplete ? this.bringBack(hi, lo) : -1;
    if (this.capacity !== Infinity) this.storage.chunkOf(row).flags[this.storage.within(row)]! |= flag.recent;
    return row;
  }

  bind(row: number): void {
    this.boundRow = row;
    this.boundIsDirty = false;
    this.storage.bind(row);
  }

  cursor<F extends StateLayout['fields']>(part: string): RecordOf<F> {
    let cursor = this.cursors.get(part);
    if (cursor === undefined) {
      const { fields } = this.layout.declared[this.part(part).name]!;
      const arrays = Object.keys(fields).filter((name) => 'array' in fields[name]!);
      cursor = makeCursor(this.part(part), this.storage.place, new Set(arrays));
      this.cursors.set(part, cursor);
    }
    return cursor as RecordOf<F>;
  }

  remember(): void {
    this.storage.remember();
  }

  takeBack(part: string): void {
    this.storage.takeBack(this.part(part));
  }

  bytesOf(part: string): Uint8Array {
    const { offset, length } = this.part(part);
    const { chunk, base } = this.storage.place;
    return chunk.u8.subarray(base + offset, base + offset + length);
  }

  markDirty(): void {
    if (this.boundIsDirty) return;
    this.boundIsDirty = true;
    this.storage.markDirty(this.boundRow);
  }

  delete(key: string): void {
    this.hasher.hash(key);
    const { hi, lo } = this.hasher;
    const row = this.index.remove(hi, lo);
    if (row !== -1) this.storage.release(row);
    this.generation++;
    this.deleted.add(wide(hi, lo));
  }

  /** Brings saved rows into memory, as many as the capacity allows; the rest is found when asked for. */
  load(saved: Iterable<SavedRow & { readonly key: Uint8Array }>): void {
    for (const { key, layout, bytes } of saved) {
      if (this.size >= this.capacity) {
        this.incomplete = true;
        return;
      }
      const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
      const hi = view.getUint32(0);
      const lo = view.getUint32(4);
      if (this.index.find(hi, lo) === -1) this.adopt(hi, lo, { layout, bytes });
    }
  }

  /** Copies what changed since the last call. Its rows count as clean from now on, but do not leave memory yet. */
  takeDirty(): RowsCopy {
    const count = this.dirtyCount;
    const keys = new Uint8Array(count * 8);
    const rows = new Uint8Array(count * this.layout.length);
    this.storage.takeDirty(new DataView(keys.buffer), rows);
    this.boundIsDirty = false;
    const deleted = keysOf(this.deleted);
    for (const key of this.deleted) this.deletedInFlight.add(key);
    this.deleted = new Set();
    return { scope: this.scope, layout: this.layout.text, count, rowLength: this.layout.length, keys, rows, deleted };
  }

  /** What `takeDirty` gave is durable. */
  checkpointDone(): void {
    for (const chunk of this.storage.chunks) chunk.land(true);
    this.deletedInFlight = new Set();
  }

  /** What `takeDirty` gave was not written: it is dirty again. */
  checkpointFailed(): void {
    for (const chunk of this.storage.chunks) chunk.land(false);
    for (const key of this.deletedInFlight) this.deleted.add(key);
    this.deletedInFlight = new Set();
  }

  /**
   * Drops rows beyond the capacity that the store has and nobody asked for lately (second-chance clock).
   * Row numbers from before are invalid afterwards. Returns how many left.
   */
  evict(): number {
    const { storage } = this;
    let left = 0;
    for (let seen = 0; this.size > this.capacity && seen < 2 * storage.used; seen++) {
      const row = this.clockHand;
      this.clockHand = (row + 1) % storage.used;
      const { flags } = storage.chunkOf(row);
      const at = storage.within(row);
      if (flags[at] === (flag.alive | flag.recent)) flags[at] = flag.alive;
      else if (flags[at] === flag.alive) {
        this.index.remove(storage.highOf(row), storage.lowOf(row));
        storage.release(row);
        left++;
      }
    }
    if (left > 0) {
      this.incomplete = true;
      this.generation++;
    }
    return left;
  }

  private part(name: string): PartPlace {
    const part = this.parts.get(name);
    if (part === undefined) throw new Error(`rows of scope ${this.scope} have no part ${name}`);
    return part;
  }

  private make(hi: number, lo: number): number {
    const row = this.storage.add(hi, lo);
    this.index.insert(hi, lo, row);
    this.storage.markDirty(row);
    return row;
  }

  private bringBack(hi: number, lo: number): number {
    if (this.deleted.size + this.deletedInFlight.size > 0) {
      const key = wide(hi, lo);
      if (this.deleted.has(key) || this.deletedInFlight.has(key)) return -1;
    }
    writeKey(this.keyBytes, 0, hi, lo);
    const saved = this.reload!(this.keyBytes);
    return saved === null ? -1 : this.adopt(hi, lo, saved);
  }

  private adopt(hi: number, lo: number, saved: SavedRow): number {
    const row = this.storage.add(hi, lo);
    this.reader.read(saved, this.storage.chunkOf(row).u8, this.storage.baseOf(row));
    this.index.insert(hi, lo, row);
    return row;
  }
}
