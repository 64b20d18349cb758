import type { StateLayout, Seed } from '../model/state.ts';
import type { EntityCopy, RowsCopy, StateStore } from '../store/port.ts';
import { EntityMap, type EntityMapOptions } from './entities.ts';
import { KeyHasher } from './hash.ts';
import { RowTable } from './rows.ts';

export interface StateOptions {
  /** Rows of one scope beyond this many may leave memory once they are saved. */
  readonly rowCapacity?: number;
}

/**
 * Everything that is remembered between events: rows and entities, brought back from the store and
 * handed to its checkpoints. A checkpoint is `takeDirty`, then `done` once it is durable, or `failed`.
 */
export class State {
  readonly seed: Seed;
  readonly #store: StateStore;
  readonly #options: StateOptions;
  readonly #hasher: KeyHasher;
  readonly #tables: RowTable[] = [];
  readonly #entities: EntityMap<unknown>[] = [];

  constructor(store: StateStore, seed: Seed, options: StateOptions = {}) {
    this.#store = store;
    this.seed = seed;
    this.#hasher = new KeyHasher(seed);
    this.#options = options;
  }

  /** The table of a scope, with whatever earlier checkpoints stored, in today's layout. */
  rows(scope: string, parts: Readonly<Record<string, StateLayout>>): RowTable {
    const capacity = this.#options.rowCapacity;
    const table = new RowTable(scope, parts, this.seed, {
      hasher: this.#hasher, reload: (key) => this.#store.row(scope, key), ...(capacity === undefined ? {} : { capacity }),
    });
    table.load(this.#store.rows(scope));
    this.#tables.push(table);
    return table;
  }

  /** The entities of a kind. Beyond `capacity` those that are saved leave memory and are found in the store again. */
  entities<T>(kind: string, options: Omit<EntityMapOptions<T>, 'saved' | 'incomplete'> = {}): EntityMap<T> {
    const entities = new EntityMap<T>(kind, { ...options, saved: this.#store });
    entities.load(this.#store.entities(kind));
    this.#entities.push(entities as EntityMap<unknown>);
    return entities;
  }

  /** Rows in memory by scope. */
  sizes(): [string, number][] {
    return this.#tables.map((table) => [table.scope, table.size]);
  }

  /** What was dropped because its meaning changed since it was stored: a sentence each. */
  notes(): string[] {
    return this.#tables.flatMap((table) => table.notes.map((note) => `${note} (scope ${table.scope})`));
  }

  /** What takes memory until the next checkpoint: entities that changed, and all that was deleted. */
  get waiting(): number {
    return this.#entities.reduce((sum, { dirtyCount }) => sum + dirtyCount, 0) + this.#tables.reduce((sum, { deletedCount }) => sum + deletedCount, 0);
  }

  /** Copies of all that changed since the last checkpoint. */
  takeDirty(): { rows: RowsCopy[]; entities: EntityCopy[] } {
    return { rows: this.#tables.map((table) => table.takeDirty()), entities: this.#entities.flatMap((entities) => entities.takeDirty()) };
  }

  /** What was taken is durable: saved idle things beyond their capacity leave memory. */
  done(): void {
    for (const part of [...this.#tables, ...this.#entities]) {
      part.checkpointDone();
      part.evict();
    }
  }

  failed(): void {
    for (const part of [...this.#tables, ...this.#entities]) part.checkpointFailed();
  }
}
