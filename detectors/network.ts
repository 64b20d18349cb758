import type { TokenEvent } from '../src/model/event.ts';
import { hashText } from '../src/stats/hash.ts';
import { mainSystem } from './clouds.ts';

/** Above every routed autonomous system: those from here on are for private use or reserved. */
const unrouted = 0xf000_0000;

/**
 * The network of an event as one number: its autonomous system where that is known, so that both address families, a NAT pool and a
 * provider's regions are one place; the operator's name for it where there is one; unnamed private blocks are one place together. 0: not told.
 */
export function networkOf({ networkName, asNumber, networkClass, networkBlock }: TokenEvent): number {
  if (networkName !== null) return unrouted | hashText(networkName) >>> 4 | 0;
  if (asNumber !== null) return mainSystem(asNumber) | 0;
  if (networkClass === 'private') return unrouted | 0;
  return networkBlock === null ? 0 : unrouted | hashText(networkBlock) >>> 4 | 0;
}

/** What to call a network of which only the number is left. */
export function networkInWords(network: number): string {
  const number = network >>> 0;
  if (number === unrouted) return 'a private network';
  return number > unrouted ? 'another network' : `AS${number}`;
}

/** Networks that hide who is behind them. */
export function hides({ networkClass }: Pick<TokenEvent, 'networkClass'>): boolean {
  return networkClass === 'vpn' || networkClass === 'tor';
}
