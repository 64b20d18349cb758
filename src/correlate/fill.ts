import type { TokenEvent } from '../model/event.ts';
import type { Identities } from './identities.ts';
import type { Inventory } from './inventory.ts';
import type { Registry } from './registry.ts';
import { tokenFlags } from './tokens.ts';
import type { Workloads } from './workloads.ts';

/** Writes into events what their logs left out and is known. Never replaces what a log said. */
export class Filler {
  readonly #registry: Registry;
  readonly #identities: Identities;
  readonly #workloads: Workloads;
  readonly #inventory: Inventory;

  constructor(registry: Registry, identities: Identities, workloads: Workloads, inventory: Inventory) {
    this.#registry = registry;
    this.#identities = identities;
    this.#workloads = workloads;
    this.#inventory = inventory;
  }

  /** The token must be bound; it is so afterwards. */
  token(event: TokenEvent, token: string): void {
    const { tokens, names, lineage } = this.#registry;
    const { record } = tokens;
    if (event.tokenKind === 'none') event.tokenKind = tokens.kind;
    if (event.issuedAtMs === null && record.issuedMs > 0) event.issuedAtMs = record.issuedMs;
    if (event.expiresAtMs === null && record.expiresSeconds > 0) event.expiresAtMs = record.expiresSeconds * 1000;
    if (event.tokenHandle === null && tokens.flag(tokenFlags.hasHandle)) event.tokenHandle = tokens.texts(token).handle;
    if (event.parent !== null) event.parent = names.resolve(event.parent) ?? event.parent;
    else if (tokens.flag(tokenFlags.hasParent)) event.parent = lineage.parentOf(token);
    tokens.bind(token);
  }

  /** `identity` is a number of the registry, 0 for none. */
  identity(event: TokenEvent, identity: number): void {
    if (identity === 0) return;
    const known = this.#identities.get(identity);
    event.identityId = known.id;
    event.identityKind ??= known.kind;
    event.identityName ??= known.name;
  }

  /** From the event, else from what was seen of the token or its identity, else from the operator's inventory. */
  workload(event: TokenEvent, ofToken: number, identity: number): void {
    if (event.workloadId !== null) {
      event.workloadEvidence ??= 'event';
      return;
    }
    const known = this.#workloads.get(ofToken !== 0 || identity === 0 ? ofToken : this.#identities.get(identity).workload);
    const listed = known === null ? this.#inventory.find(event) : null;
    if (known !== null) {
      event.workloadId = known.id;
      event.workloadKind = known.kind;
      event.workloadEvidence = 'registry';
    } else if (listed !== null && listed.workload !== null) {
      event.workloadId = listed.workload;
      event.workloadKind = listed.kind;
      event.workloadEvidence = 'inventory';
    }
  }
}

/** The event goes on under the token's own id; the id that was presented stays among the aliases. */
export function rename(event: TokenEvent, token: string): void {
  const presented = event.token as string;
  if (presented === token) return;
  event.token = token;
  if (event.aliases === null) event.aliases = [presented];
  else if (!event.aliases.includes(presented)) event.aliases = [...event.aliases, presented];
}
