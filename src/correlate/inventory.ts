import type { TokenEvent } from '../model/event.ts';
import { fates, type Fate } from '../model/fate.ts';
import type { InventoryEntry } from '../model/inventory.ts';

/** The operator's own list of who runs what, and of baits, found by exact identity, handle, fingerprint or client. */
export class Inventory {
  readonly #byIdentity = new Map<string, InventoryEntry>();
  readonly #byHandle = new Map<string, InventoryEntry>();
  readonly #byClient = new Map<string, InventoryEntry>();
  readonly #byFederation = new Map<string, InventoryEntry>();
  readonly #baits = new Map<string, string>();
  readonly #secrets = new Set<string>();
  #empty = true;
  /** Some entry says that its workload is gone or its owner left. */
  #hasEnded = false;

  constructor(entries: readonly InventoryEntry[]) {
    this.replace(entries);
  }

  /** From here on these entries hold, and no others. */
  replace(entries: readonly InventoryEntry[]): void {
    for (const map of [this.#byIdentity, this.#byHandle, this.#byClient, this.#byFederation]) map.clear();
    this.#baits.clear();
    this.#secrets.clear();
    this.#empty = entries.length === 0;
    this.#hasEnded = entries.some(({ retiredMs, ownerLeftMs }) => (retiredMs ?? ownerLeftMs) !== undefined);
    for (const entry of entries) {
      const { identity, handle, client, fingerprint, federation } = entry.match;
      if (entry.honeytoken !== undefined) {
        for (const id of [identity, handle, client, fingerprint]) if (id !== undefined) this.#baits.set(id, entry.honeytoken);
        continue;
      }
      for (const secret of entry.storedIn ?? []) this.#secrets.add(secret);
      if (federation !== undefined) this.#byFederation.set(federation.toLowerCase(), entry);
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

  /** A token that was taken by a trust alone, as the log tells it, was taken by its subject: who that is stands here. Fills the event in place. */
  nameSubject(event: TokenEvent): void {
    const entry = event.takes === null ? undefined : this.#byFederation.get(event.takes);
    if (entry === undefined || entry.workload === null) return;
    event.takes = entry.workload;
    event.linkIssuer = entry.authority ?? null;
    if (event.workloadId !== null) return;
    event.workloadId = entry.workload;
    event.workloadKind = entry.kind;
    event.workloadEvidence = 'inventory';
  }

  get isEmpty(): boolean {
    return this.#empty;
  }

  /** Does a listed credential lie in this secret? */
  holdsCredential(secret: string): boolean {
    return this.#secrets.has(secret);
  }

  /** Who answers for an identity, as the operator says. */
  ownerOf(identityId: string): string | null {
    return this.#byIdentity.get(identityId)?.owner ?? null;
  }

  /** Bits of `fates` that this list tells of the event's token. */
  fateOf(event: TokenEvent): number {
    if (this.#empty) return 0;
    let found = this.honeytoken(event) === null ? 0 : fates.honeytoken;
    if (!this.#hasEnded) return found;
    if (this.fateSinceMs(event, 'gone') !== null) found |= fates.gone;
    if (this.fateSinceMs(event, 'offboarded') !== null) found |= fates.offboarded;
    return found;
  }

  /** Since when, in ms, the workload is gone or the owner has left; `null` where it says nothing of that, or only of a later time. */
  fateSinceMs(event: TokenEvent, fate: Fate): number | null {
    if (!this.#hasEnded || fate !== 'gone' && fate !== 'offboarded') return null;
    const entry = this.find(event);
    const sinceMs = (fate === 'gone' ? entry?.retiredMs : entry?.ownerLeftMs) ?? null;
    return sinceMs !== null && sinceMs <= event.orderMs ? sinceMs : null;
  }

  /** What the operator calls the bait that the event touches, whether or not it was let in; `null` for anything else. */
  honeytoken({ token, tokenHandle, identityId, userName, userId }: TokenEvent): string | null {
    const baits = this.#baits;
    if (baits.size === 0) return null;
    return lookUp(baits, tokenHandle) ?? lookUp(baits, token) ?? lookUp(baits, identityId) ?? lookUp(baits, userName) ?? lookUp(baits, userId);
  }

  #matching(entries: ReadonlyMap<string, InventoryEntry>, key: string | null, event: TokenEvent): InventoryEntry | null {
    const entry = key === null ? undefined : entries.get(key);
    if (entry === undefined) return null;
    const { identity, client } = entry.match;
    if (identity !== undefined && identity !== event.identityId) return null;
    return client === undefined || client === event.userName || client === event.userId ? entry : null;
  }
}

function lookUp(baits: ReadonlyMap<string, string>, id: string | null): string | null {
  return id === null ? null : baits.get(id) ?? null;
}
