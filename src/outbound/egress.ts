import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { namedRanges, unroutedRanges } from '../intel/special.ts';

/** Where a webhook may go. */
export interface EgressPolicy {
  /** Also to the operator's own networks and this machine, on any port. */
  readonly allowPrivate: boolean;
}

/** An address that a connection may be opened to. */
export interface CheckedAddress { readonly address: string; readonly family: 4 | 6 }

export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** Ports of public receivers; others are more often services that speak something else. */
const publicPorts = new Set(['', '443', '8443']);
const maxAddresses = 16;

const unreachable = blockList([
  ...Object.values(namedRanges).flat(), ...unroutedRanges,
  // Azure's host agent; anycast for 6to4.
  '168.63.129.16/32', '192.88.99.0/24',
]);
/** Of IPv6 only what is given out for public use (RFC 4291), less what carries an IPv4 address or a tunnel inside. */
const globalV6 = blockList(['2000::/3']);
const tunnels = blockList(['2001::/23', '2002::/16']);

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address, bits] = range.split('/') as [string, string];
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Whether the address is one of the public internet. `::ffff:a.b.c.d` is judged as the address inside. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !unreachable.check(address, 'ipv4');
  if (version !== 6 || unreachable.check(address, 'ipv6')) return false;
  return isMapped(address) || globalV6.check(address, 'ipv6') && !tunnels.check(address, 'ipv6');
}

const everyV4 = blockList(['0.0.0.0/0']);

function isMapped(address: string): boolean {
  return everyV4.check(address, 'ipv6');
}

/**
 * What is wrong with a receiver's URL, in plain words; `null` when nothing is. Https, except to this machine; neither
 * credentials nor encoded control characters in it. Looks nothing up.
 */
export function findUrlFault(text: string, { allowPrivate }: EgressPolicy): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === '') return 'is no URL';
  const host = bareHost(url);
  const isPlain = url.protocol === 'http:' && isLoopbackName(host);
  if (url.protocol !== 'https:' && !isPlain) return 'must begin with https:// (http:// only to this machine)';
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or a password';
  if (/%(?:0[0-9a-f]|1[0-9a-f]|7f)/i.test(url.pathname + url.search)) return 'must not carry control characters';
  if (allowPrivate) return null;
  if (!publicPorts.has(url.port)) return 'names a port other than 443 and 8443: set `allow_private` if that is meant';
  const isPrivate = isLoopbackName(host) || isIP(host) !== 0 && !isPublicAddress(host);
  return isPrivate ? 'leads to a private network: set `allow_private` if that is meant' : null;
}

/** The host without brackets and without a last dot. */
function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || isIP(host) === 4 && host.startsWith('127.');
}

/**
 * The addresses to connect to, every one of them checked: a name may lead elsewhere today than when it was configured.
 * `null` when one is not allowed. Throws what the resolver throws.
 */
export async function resolveChecked(url: URL, policy: EgressPolicy, resolve: Resolve = systemResolve): Promise<CheckedAddress[] | null> {
  const host = bareHost(url);
  const family = isIP(host);
  const found = family === 0 ? await resolve(host) : [{ address: host, family }];
  if (found.length === 0 || found.length > maxAddresses) return null;
  if (!policy.allowPrivate && found.some(({ address }) => !isPublicAddress(address))) return null;
  return found.map(({ address }) => ({ address, family: isIP(address) === 6 ? 6 : 4 }));
}

/** A connection's look-up that gives the checked addresses, whatever the name leads to by now. */
export function pinnedTo(addresses: readonly CheckedAddress[]): LookupFunction {
  return (_host, options, callback) => {
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
}

function systemResolve(host: string): ReturnType<Resolve> {
  return lookup(host, { all: true });
}
