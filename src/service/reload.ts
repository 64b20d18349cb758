import { createHash } from 'node:crypto';
import type { Configuration } from '../config/configuration.ts';
import type { Entities } from '../state/port.ts';
import type { EffectsStore } from '../store/port.ts';

type Inventory = Configuration['inventory'];

/** What the loop needs of settings that may change while it runs. */
export interface Reloadable {
  /** Hash of what was asked for and has not been taken over; `null` when there is nothing. */
  pending(): string | null;
  /** From here on these settings hold. They are an input like any other: journalled, and followed after a crash. */
  follow(hash: string): void;
}

/**
 * The operator's inventory, which may be reloaded. Each version is kept in the store under its hash, so that after
 * a crash every record is judged under the inventory that held when it was first taken.
 */
export class ReloadableInventory implements Reloadable {
  readonly #store: Pick<EffectsStore, 'getMeta' | 'setMeta'>;
  readonly #current: Entities<string>;
  readonly #apply: (inventory: Inventory) => void;
  #wanted: string;

  /** `current` remembers, with the state, which version holds; `apply` hands it to those who read it. */
  constructor(
    store: Pick<EffectsStore, 'getMeta' | 'setMeta'>, current: Entities<string>, apply: (inventory: Inventory) => void, inventory: Inventory,
  ) {
    this.#store = store;
    this.#current = current;
    this.#apply = apply;
    const held = current.get('inventory');
    if (held !== undefined) apply(this.#read(held));
    this.#wanted = this.#keep(inventory);
    if (held === undefined) this.follow(this.#wanted);
  }

  /** Asks for another version; it holds once the loop follows it. */
  change(inventory: Inventory): void {
    this.#wanted = this.#keep(inventory);
  }

  pending(): string | null {
    return this.#wanted === this.#current.get('inventory') ? null : this.#wanted;
  }

  follow(hash: string): void {
    this.#apply(this.#read(hash));
    this.#current.set('inventory', hash);
  }

  #keep(inventory: Inventory): string {
    const text = JSON.stringify(inventory);
    const hash = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    this.#store.setMeta(`inventory.${hash}`, text);
    return hash;
  }

  #read(hash: string): Inventory {
    const text = this.#store.getMeta(`inventory.${hash}`);
    if (text === null) throw new Error(`the store does not hold the inventory ${hash}`);
    return JSON.parse(text) as Inventory;
  }
}
