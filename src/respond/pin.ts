import { BlockList, isIP } from 'node:net';
import type { BlastRadius } from './blast-radius.ts';

/** Where a pinned token goes on, and why it must not be pinned, in a fixed word; `null`: it may be. */
export interface Pin extends Pick<BlastRadius, 'keepNetworks' | 'keepWorkloads'> {
  readonly why: string | null;
}

/**
 * Of a call that binds all lasting credentials of an owner, `own` is the radius of the one that was stolen: all are bound to its places, so none of the
 * others may be in use elsewhere. `null`: the call binds nothing else. Pure.
 */
export function pinOf(all: BlastRadius, own: BlastRadius | null): Pin {
  const { keepNetworks, keepWorkloads, canPin } = own ?? all;
  const isElsewhere = own !== null && (!all.canPin || !areWithin(all.keepNetworks, keepNetworks));
  return { keepNetworks, keepWorkloads, why: canPin ? isElsewhere ? 'other_key_elsewhere' : null : 'no_known_places' };
}

/** Networks in CIDR form: each lies within one that is kept. */
function areWithin(networks: readonly string[], kept: readonly string[]): boolean {
  return networks.every((network) => kept.some((other) => other === network || holds(other, network)));
}

function holds(outer: string, inner: string): boolean {
  const [one, other] = [parse(outer), parse(inner)];
  if (one === null || other === null || one.family !== other.family || one.prefix > other.prefix) return false;
  const list = new BlockList();
  list.addSubnet(one.address, one.prefix, one.family);
  return list.check(other.address, other.family);
}

function parse(network: string): { readonly address: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' } | null {
  const [address = '', prefix = ''] = network.split('/');
  const version = isIP(address);
  if (version === 0) return null;
  return { address, prefix: prefix === '' ? version === 4 ? 32 : 128 : Number(prefix), family: version === 4 ? 'ipv4' : 'ipv6' };
}
