import type { TokenEvent } from '../model/event.ts';
import { clientFamily } from '../model/client-family.ts';
import { PairTexts } from '../state/pair-texts.ts';
import type { Entities } from '../state/port.ts';
import type { Callers } from './kept.ts';
import { hashOf } from './use-lists.ts';

/** More identities than that behind one network and client are a crowd. */
const maxCallers = 4;
const maxResources = 32;
/** By the number of identities that it could be: how sure a guess is, in percent, where the resource says nothing. */
const baseOf = [0, 50, 25, 15, 10];
const resourceBonus = 35;
const most = 90;
/** Network and client. */
const keys = new PairTexts('\n');

/**
 * Who probably called, where the log names neither token nor caller: whom an authenticator vouched for in the same network, with the same
 * client, at the same resource. A guess to be shown: nothing is ever counted to that identity, or done to it.
 */
export class KnownCallers {
  readonly #callers: Entities<Callers>;

  constructor(callers: Entities<Callers>) {
    this.#callers = callers;
  }

  /** Learns from a verified use. Called where something about it is new, not for each. */
  learn(event: TokenEvent): void {
    const { identityId, networkBlock, resourceId, userAgent } = event;
    if (identityId === null || networkBlock === null || identityId.startsWith('token:')) return;
    const key = keyOf(networkBlock, userAgent);
    const known = this.#callers.get(key);
    if (known === null) return;
    const callers = known ?? [];
    let caller = callers.find(([id]) => id === identityId);
    if (caller === undefined && callers.length >= maxCallers) return this.#callers.set(key, null);
    const isNew = caller === undefined;
    if (caller === undefined) callers.push(caller = [identityId, []]);
    const resource = resourceId === null ? null : hashOf(resourceId);
    const adds = resource !== null && caller[1].length < maxResources && !caller[1].includes(resource);
    if (adds) caller[1].push(resource);
    if (isNew || adds) this.#callers.set(key, callers);
  }

  /** Fills in who it probably was, and how sure that is. An event that was refused, or that names somebody, is left as it is. */
  guess(event: TokenEvent): void {
    const { token, identityId, networkBlock, resourceId, userAgent } = event;
    if (token !== null || identityId !== null || networkBlock === null || event.authenticated === false) return;
    const callers = this.#callers.get(keyOf(networkBlock, userAgent));
    if (callers === undefined || callers === null) return;
    const resource = resourceId === null ? null : hashOf(resourceId);
    const there = resource === null ? [] : callers.filter(([, resources]) => resources.includes(resource));
    const [likely] = there.length === 1 ? there : callers;
    // Two who both call there are as good as each other: nobody is named.
    if (likely === undefined || there.length > 1 || there.length === 0 && callers.length > 1) return;
    const base = baseOf[callers.length] as number;
    event.likelyIdentityId = likely[0];
    event.likelyPercent = Math.min(most, there.length === 1 ? base + resourceBonus : Math.round(base / 2));
  }
}

function keyOf(network: string, userAgent: string | null): string {
  return keys.join(network, clientFamily(userAgent));
}
