import { createHash } from 'node:crypto';
import type { Configuration } from '../config/configuration.ts';
import type { Entities } from '../state/port.ts';
import type { EffectsStore } from '../store/port.ts';

/** What of the configuration may change while the service runs. */
export interface ReloadableSettings {
  readonly inventory: Configuration['inventory'];
  readonly exceptions: Configuration['exceptions'];
  readonly policy: Configuration['policy'];
  readonly neverRevoke: Configuration['respond']['neverRevoke'];
}

export function reloadableOf({ inventory, exceptions, policy, respond: { neverRevoke } }: Configuration): ReloadableSettings {
  return { inventory, exceptions, policy, neverRevoke };
}

/** The rest, as text: where it differs, a restart is needed. */
export function fixedOf(configuration: Configuration): string {
  const { respond } = configuration;
  const reloadable = { inventory: null, exceptions: null, policy: null, policyPlaces: null, posture: null, listings: null, hash: null };
  return JSON.stringify({ ...configuration, ...reloadable, respond: { ...respond, neverRevoke: null } });
}

/** What the loop needs of settings that may change while it runs. */
export interface Reloadable {
  /** Hash of what was asked for and has not been taken over; `null` when there is nothing. */
  pending(): string | null;
  /** From here on these settings hold. They are an input like any other: journalled, and followed after a crash. */
  follow(hash: string): void;
}

/** Key of the version that holds, and what versions of before are kept under that knew only an inventory. */
const [currentKey, formerKey] = ['reloadable', 'inventory'];

/**
 * Inventory, exceptions, policy and what is never acted upon, which may be reloaded together. Each version is kept in the store under its hash, so
 * that after a crash every record is judged, and every plan made, under the settings that held when its input was first taken.
 */
export class ReloadableBundle implements Reloadable {
  readonly #store: Pick<EffectsStore, 'getMeta' | 'setMeta'>;
  readonly #current: Entities<string>;
  readonly #apply: (settings: ReloadableSettings) => void;
  #wanted: string;
  /** Which version holds: asked for before each input. */
  #held: string | undefined;

  /** `current` remembers, with the state, which version holds; `apply` hands it to those who go by it. */
  constructor(
    store: Pick<EffectsStore, 'getMeta' | 'setMeta'>, current: Entities<string>, apply: (settings: ReloadableSettings) => void, settings: ReloadableSettings,
  ) {
    this.#store = store;
    this.#current = current;
    this.#apply = apply;
    this.#held = current.get(currentKey) ?? current.get(formerKey);
    if (this.#held !== undefined) apply(this.#read(this.#held));
    this.#wanted = this.#keep(settings);
    if (this.#held === undefined) this.follow(this.#wanted);
  }

  /** Asks for another version; it holds once the loop follows it. */
  change(settings: ReloadableSettings): void {
    this.#wanted = this.#keep(settings);
  }

  pending(): string | null {
    return this.#wanted === this.#held ? null : this.#wanted;
  }

  follow(hash: string): void {
    this.#apply(this.#read(hash));
    this.#current.set(currentKey, hash);
    this.#held = hash;
  }

  #keep(settings: ReloadableSettings): string {
    const text = JSON.stringify(settings);
    const hash = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    this.#store.setMeta(`${currentKey}.${hash}`, text);
    return hash;
  }

  #read(hash: string): ReloadableSettings {
    const text = this.#store.getMeta(`${currentKey}.${hash}`);
    // What an older version kept knows no exceptions.
    if (text !== null) return { exceptions: [], ...JSON.parse(text) as Omit<ReloadableSettings, 'exceptions'> };
    const inventory = this.#store.getMeta(`${formerKey}.${hash}`);
    if (inventory === null) throw new Error(`the store does not hold the settings ${hash}`);
    return { inventory: JSON.parse(inventory) as Configuration['inventory'], exceptions: [], policy: [], neverRevoke: [] };
  }
}
