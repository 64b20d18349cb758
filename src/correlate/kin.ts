import type { Entities } from '../state/port.ts';

/** Of what was issued from one token, the newest of these are known. */
const maxMinted = 64;
/** Lasting tokens of one identity that are known; of one that has more nobody can tell all users. */
const maxLasting = 64;

/** Which tokens were issued from a token, and which lasting ones an identity has: what a step against the one reaches of the others. */
export class Kin {
  readonly #lists: Entities<string[]>;

  constructor(lists: Entities<string[]>) {
    this.#lists = lists;
  }

  /** Learns that a token was issued from another. Of many the oldest goes. */
  noteMinted(parent: string, token: string): void {
    const list = this.#lists.get(mintedKey(parent)) ?? [];
    if (list.includes(token)) return;
    list.push(token);
    if (list.length > maxMinted) list.shift();
    this.#lists.set(mintedKey(parent), list);
  }

  /** Learns that an identity shows a token that lasts. */
  noteLasting(identityId: string, token: string): void {
    const list = this.#lists.get(lastingKey(identityId)) ?? [];
    if (list.length > maxLasting || list.includes(token)) return;
    list.push(token);
    this.#lists.set(lastingKey(identityId), list);
  }

  minted(parent: string): readonly string[] {
    return this.#lists.get(mintedKey(parent)) ?? [];
  }

  /** `null`: more than are kept. */
  lasting(identityId: string): readonly string[] | null {
    const list = this.#lists.get(lastingKey(identityId)) ?? [];
    return list.length > maxLasting ? null : list;
  }
}

function mintedKey(parent: string): string {
  return `minted ${parent}`;
}

function lastingKey(identityId: string): string {
  return `lasting ${identityId}`;
}
