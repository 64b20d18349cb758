import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import { hashText } from '../stats/hash.ts';
import type { Hop } from './hops.ts';

/** Different callers of whom something was seen, as hashes: two or three are enough to know. */
export type Fronts = number[];

/** A token is a gateway's own once calls of so many different identities went on under it. */
const callersOfUpstream = 2;
/** From an address come hops once requests of so many different tokens came in from there: a thief has one. */
const callersOfEgress = 3;
/** Of tokens and of addresses each: further ones are not learned. */
const maxKept = 5_000;

/** Which tokens are a gateway's own towards what stands behind it, and from which addresses it calls there. */
export class UpstreamCredentials {
  readonly #seen: Entities<Fronts>;
  readonly #mark: (token: string) => void;
  readonly #kept = { token: 0, from: 0 };

  constructor(seen: Entities<Fronts>, mark: (token: string) => void) {
    this.#seen = seen;
    this.#mark = mark;
    for (const [key] of seen.all()) this.#kept[kindOf(key)]++;
  }

  /**
   * An inner record under another token than the outer one. From the first on no plan may target that token by itself; from the second
   * caller on it is the gateway's: answers whether it is. Both must have been verified, and not by a call from the caller's own address.
   */
  learn(inner: Hop, outer: Hop): boolean {
    const { token } = inner;
    if (token === null || outer.token === null || !inner.verified || !outer.verified || inner.ip !== null && inner.ip === outer.ip) return false;
    const callers = this.#note(`token ${token}`, outer.identityId ?? outer.token, callersOfUpstream);
    if (callers === 1) this.#mark(token);
    return callers >= callersOfUpstream;
  }

  /** Does the inner record come from where hops of its source come from: the operator's own network, the caller's own address passed on, or a known one? */
  isInside(event: TokenEvent, inner: Hop, outer: Hop): boolean {
    if (inner.ip === null || inner.ip === outer.ip || event.networkClass === 'private') return true;
    const caller = outer.token ?? outer.identityId;
    return caller !== null && this.#note(`from ${event.source} ${event.networkBlock ?? inner.ip}`, caller, callersOfEgress) >= callersOfEgress;
  }

  /** Number of different callers, this one included. */
  #note(key: string, caller: string, enough: number): number {
    const known = this.#seen.get(key);
    const hash = hashText(caller);
    if (known === undefined) {
      if (this.#kept[kindOf(key)] >= maxKept) return 0;
      this.#kept[kindOf(key)]++;
      this.#seen.set(key, [hash]);
      return 1;
    }
    if (known.length >= enough || known.includes(hash)) return known.length;
    known.push(hash);
    this.#seen.set(key, known);
    return known.length;
  }
}

function kindOf(key: string): 'token' | 'from' {
  return key.startsWith('token ') ? 'token' : 'from';
}
