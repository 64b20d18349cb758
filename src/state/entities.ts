import type { EntityCopy } from '../store/port.ts';
import { decodeJson, encodeJson } from './json.ts';
import type { Entities } from './port.ts';

/** Where entities are found that are not in memory. Bytes are as `encode` gave them. */
export interface SavedEntities {
  entity(kind: string, key: string): Uint8Array | null;
  entities(kind: string): Iterable<[string, Uint8Array]>;
}

export interface EntityMapOptions<T> {
  /** Default: JSON. */
  readonly encode?: (value: T) => Uint8Array;
  readonly decode?: (bytes: Uint8Array) => T;
  /** Entities beyond this many may leave memory in `evict`, which then needs `saved`. Default: none do. */
  readonly capacity?: number;
  readonly saved?: SavedEntities;
  /** The store may hold entities that `load` is not going to bring. Default: false. */
  readonly incomplete?: boolean;
}

interface Entry<T> {
  value: T;
  /** The store has, or may have, a version of it. What it never had need not be deleted there: many things come and go between checkpoints. */
  isStored: boolean;
  dirty: boolean;
  inFlight: boolean;
  recent: boolean;
}

/**
 * Entities of one kind. Checkpoints go as in `RowTable`. Beyond the capacity those leave memory first that were
 * longest in it without being asked for; dirty ones never do. At most 2^24 fit into memory.
 */
export class EntityMap<T> implements Entities<T> {
  readonly kind: string;
  private readonly encode: (value: T) => Uint8Array;
  private readonly decode: (bytes: Uint8Array) => T;
  private readonly capacity: number;
  private readonly saved: SavedEntities | null;
  private readonly entries = new Map<string, Entry<T>>();
  private readonly dirty = new Map<string, Entry<T>>();
  private deleted = new Set<string>();
  private deletedInFlight = new Set<string>();
  private inFlight: Entry<T>[] = [];
  private incomplete: boolean;
  /** Found last: what is asked for is mostly set next, or asked for again. */
  private lastKey: string | null = null;
  private lastEntry: Entry<T> | undefined;

  constructor(kind: string, options: EntityMapOptions<T> = {}) {
    this.kind = kind;
    this.encode = options.encode ?? encodeJson;
    this.decode = options.decode ?? decodeJson;
    this.capacity = options.capacity ?? Infinity;
    this.saved = options.saved ?? null;
    this.incomplete = options.incomplete ?? false;
    if (this.saved === null && (this.capacity !== Infinity || this.incomplete)) {
      throw new Error(`entities of kind ${kind} could leave memory without a way back`);
    }
  }

  /** Entities in memory. */
  get size(): number {
    return this.entries.size;
  }

  get dirtyCount(): number {
    return this.dirty.size + this.deleted.size;
  }

  get(key: string): T | undefined {
    const entry = this.find(key);
    if (entry === undefined) return this.incomplete ? this.bringBack(key) : undefined;
    entry.recent = true;
    return entry.value;
  }

  set(key: string, value: T): void {
    let entry = this.find(key);
    if (entry === undefined) {
      const wasDeleted = this.deleted.delete(key) || this.deletedInFlight.has(key);
      // As the last in the queue it has time enough to be asked for.
      entry = { value, isStored: wasDeleted || this.incomplete, dirty: true, inFlight: false, recent: false };
      this.entries.set(key, entry);
    } else {
      entry.value = value;
      entry.recent = true;
      if (entry.dirty) return;
      entry.dirty = true;
    }
    this.dirty.set(key, entry);
  }

  delete(key: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined ? this.incomplete : entry.isStored || entry.inFlight) this.deleted.add(key);
    this.entries.delete(key);
    this.dirty.delete(key);
    this.lastKey = null;
  }

  /** In the order of their keys' UTF-16 units. Values that are only in the store are not taken into memory. */
  *all(): Iterable<[string, T]> {
    const keys = [...this.entries.keys()];
    if (this.incomplete) for (const [key] of this.saved!.entities(this.kind)) if (!this.isKnown(key)) keys.push(key);
    for (const key of keys.sort()) {
      const entry = this.entries.get(key);
      const value = entry === undefined ? this.read(key) : entry.value;
      if (value !== undefined) yield [key, value];
    }
  }

  /** Brings saved entities into memory, as many as the capacity allows. */
  load(saved: Iterable<[string, Uint8Array]>): void {
    for (const [key, bytes] of saved) {
      if (this.size >= this.capacity) {
        this.incomplete = true;
        return;
      }
      this.keep(key, this.decode(bytes));
    }
  }

  takeDirty(): EntityCopy[] {
    const copies: EntityCopy[] = [];
    for (const [key, entry] of this.dirty) {
      copies.push({ kind: this.kind, key, bytes: this.encode(entry.value) });
      entry.dirty = false;
      entry.inFlight = true;
      this.inFlight.push(entry);
    }
    for (const key of this.deleted) {
      copies.push({ kind: this.kind, key, bytes: null });
      this.deletedInFlight.add(key);
    }
    this.dirty.clear();
    this.deleted = new Set();
    return copies;
  }

  checkpointDone(): void {
    for (const entry of this.inFlight) {
      entry.inFlight = false;
      entry.isStored = true;
    }
    this.inFlight = [];
    this.deletedInFlight = new Set();
  }

  checkpointFailed(): void {
    for (const [key, entry] of this.entries) {
      if (!entry.inFlight) continue;
      entry.inFlight = false;
      entry.dirty = true;
      this.dirty.set(key, entry);
    }
    this.inFlight = [];
    for (const key of this.deletedInFlight) if (!this.entries.has(key)) this.deleted.add(key);
    this.deletedInFlight = new Set();
  }

  /** Drops entities beyond the capacity that the store has. Returns how many left. */
  evict(): number {
    let left = 0;
    let chances = 2 * this.entries.size;
    for (const [key, entry] of this.entries) {
      if (this.entries.size <= this.capacity || chances-- <= 0) break;
      if (!entry.dirty && !entry.inFlight && !entry.recent) {
        this.entries.delete(key);
        left++;
        continue;
      }
      // To the end of the queue, where the loop meets it again.
      entry.recent = false;
      this.entries.delete(key);
      this.entries.set(key, entry);
    }
    if (left > 0) {
      this.incomplete = true;
      this.lastKey = null;
    }
    return left;
  }

  private find(key: string): Entry<T> | undefined {
    if (key === this.lastKey) return this.lastEntry;
    const entry = this.entries.get(key);
    if (entry !== undefined) {
      this.lastKey = key;
      this.lastEntry = entry;
    }
    return entry;
  }

  private isKnown(key: string): boolean {
    return this.entries.has(key) || this.deleted.has(key) || this.deletedInFlight.has(key);
  }

  private read(key: string): T | undefined {
    if (this.deleted.has(key) || this.deletedInFlight.has(key)) return undefined;
    const bytes = this.saved?.entity(this.kind, key) ?? null;
    return bytes === null ? undefined : this.decode(bytes);
  }

  private bringBack(key: string): T | undefined {
    const value = this.read(key);
    if (value !== undefined) this.keep(key, value);
    return value;
  }

  private keep(key: string, value: T): void {
    this.entries.set(key, { value, isStored: true, dirty: false, inFlight: false, recent: false });
  }
}
