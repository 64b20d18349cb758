import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import type { Totals } from './state.ts';

/** One line of the operator's inventory: every given key must match exactly. */
export interface InventoryEntry {
  readonly match: { readonly identity?: string | undefined; readonly handle?: string | undefined; readonly client?: string | undefined };
  readonly workload: string | null;
  readonly kind: string | null;
  readonly owner: string | null;
}

export interface Workload { readonly id: string; readonly kind: string | null }

/** Workloads that are remembered; an event of any further one still names it itself. */
const maxWorkloads = 200_000;

/** The workloads that events named, numbered from 1. Few, so they all stay in memory. */
export class Workloads {
  readonly #texts: Entities<string>;
  readonly #totals: Totals;
  readonly #known: (Workload | null)[] = [null];
  readonly #numbers = new Map<string, number>();

  constructor(texts: Entities<string>, totals: Totals) {
    this.#texts = texts;
    this.#totals = totals;
    for (let number = 1; number <= totals.workloads; number++) {
      const [id, kind] = JSON.parse(texts.get(String(number)) as string) as [string, string | null];
      this.#known.push({ id, kind });
      this.#numbers.set(id, number);
    }
  }

  /** Number of the workload that the event names, 0 when it names none or there is no more room. */
  see(event: TokenEvent): number {
    const id = event.workloadId;
    if (id === null) return 0;
    const number = this.#numbers.get(id);
    if (number !== undefined) return number;
    return this.#totals.workloads >= maxWorkloads ? 0 : this.#create(id, event.workloadKind);
  }

  get(number: number): Workload | null {
    return this.#known[number] ?? null;
  }

  #create(id: string, kind: string | null): number {
    const number = ++this.#totals.workloads;
    this.#known.push({ id, kind });
    this.#numbers.set(id, number);
    this.#texts.set(String(number), JSON.stringify([id, kind]));
    return number;
  }
}

/** The operator's own list of who runs what, found by exact identity, handle or client. */
export class Inventory {
  readonly #byIdentity = new Map<string, InventoryEntry>();
  readonly #byHandle = new Map<string, InventoryEntry>();
  readonly #byClient = new Map<string, InventoryEntry>();
  #empty = true;

  constructor(entries: readonly InventoryEntry[]) {
    this.replace(entries);
  }

  /** From here on these entries hold, and no others. */
  replace(entries: readonly InventoryEntry[]): void {
    for (const map of [this.#byIdentity, this.#byHandle, this.#byClient]) map.clear();
    this.#empty = entries.length === 0;
    for (const entry of entries) {
      const { identity, handle, client } = entry.match;
      // The most precise key finds the entry; the others are checked when it is found.
      if (handle !== undefined) this.#byHandle.set(handle, entry);
      else if (identity !== undefined) this.#byIdentity.set(identity, entry);
      else if (client !== undefined) this.#byClient.set(client, entry);
    }
  }

  find(event: TokenEvent): InventoryEntry | null {
    if (this.#empty) return null;
    return this.#matching(this.#byHandle, event.tokenHandle, event)
      ?? this.#matching(this.#byIdentity, event.identityId, event)
      ?? this.#matching(this.#byClient, event.userName, event)
      ?? this.#matching(this.#byClient, event.userId, event);
  }

  /** Who answers for an identity, as the operator says. */
  ownerOf(identityId: string): string | null {
    return this.#byIdentity.get(identityId)?.owner ?? null;
  }

  #matching(entries: ReadonlyMap<string, InventoryEntry>, key: string | null, event: TokenEvent): InventoryEntry | null {
    const entry = key === null ? undefined : entries.get(key);
    if (entry === undefined) return null;
    const { identity, client } = entry.match;
    if (identity !== undefined && identity !== event.identityId) return null;
    return client === undefined || client === event.userName || client === event.userId ? entry : null;
  }
}
