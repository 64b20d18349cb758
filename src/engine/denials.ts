import type { Alert } from '../model/alert.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Finding } from '../model/finding.ts';
import type { Entities } from '../state/port.ts';

/** So many thefts of one identity's tokens are remembered; beyond that the oldest is forgotten. */
const maxThefts = 64;

/** What was confirmed to be a thief's. */
export interface Theft {
  readonly deviates: Finding['deviates'];
  readonly tokens: readonly string[];
  readonly networks: readonly string[];
  /** Its first and last event, ms; older stores lack them. */
  readonly sinceMs?: number;
  readonly seenMs?: number;
}

/** What is never learned, whoever else would let it become normal: the features of thefts that people confirmed, by identity. */
export class Denials {
  readonly #thefts: Entities<readonly Theft[]>;

  constructor(thefts: Entities<readonly Theft[]>) {
    this.#thefts = thefts;
  }

  add(identity: string, deviates: Finding['deviates'], { tokens, networks, startMs, endMs }: Alert): void {
    const known = this.#thefts.get(identity) ?? [];
    this.#thefts.set(identity, [...known, { deviates, tokens: [...tokens], networks: [...networks], sinceMs: startMs, seenMs: endMs }].slice(-maxThefts));
  }

  /** It was none after all. */
  takeBack(identity: string, deviates: Finding['deviates'], { tokens, networks }: Alert): void {
    const same = JSON.stringify([deviates, tokens, networks]);
    const kept = (this.#thefts.get(identity) ?? []).filter((theft) => JSON.stringify([theft.deviates, theft.tokens, theft.networks]) !== same);
    if (kept.length === 0) this.#thefts.delete(identity);
    else this.#thefts.set(identity, kept);
  }

  covers(identity: string, event: TokenEvent): boolean {
    return this.like(identity, event) !== undefined;
  }

  /** The newest theft with the event's features. Asked for each event, so it costs nothing while there is none. */
  like(identity: string, event: TokenEvent): Theft | undefined {
    return this.#thefts.size === 0 ? undefined : this.#thefts.get(identity)?.findLast((theft) => isOf(theft, event));
  }

  /** The owner of a provisional identity became known. */
  rename(provisionalId: string, identityId: string): void {
    const thefts = this.#thefts.get(provisionalId);
    if (thefts === undefined) return;
    this.#thefts.set(identityId, [...this.#thefts.get(identityId) ?? [], ...thefts].slice(-maxThefts));
    this.#thefts.delete(provisionalId);
  }
}

/**
 * A stolen token's owner goes on using it from his own places, so there the token counts only together with the network. Where he shows none,
 * as when he fetches the next one, a thief in his own network makes him no thief.
 */
function isOf({ deviates, tokens, networks }: Theft, { token, networkBlock }: TokenEvent): boolean {
  const isNetwork = networkBlock !== null && networks.includes(networkBlock);
  if (deviates === 'network') return isNetwork;
  if (token === null) return isNetwork && tokens.length === 0;
  return tokens.includes(token) && (isNetwork || networks.length === 0);
}
