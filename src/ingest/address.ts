/** Addresses as logs write them, and the client behind a chain of proxies. */
import { containsV6, parseCidr, type Cidr } from '../intel/cidr.ts';
import { formatV4, formatV6, mappedV4, parseV4, parseV6 } from '../intel/ip.ts';
import { namedRanges } from '../intel/special.ts';

export interface Address {
  /** As the log gave it. */
  address: string;
  /** Canonical text without port and zone; `null` when it is a name. */
  ip: string | null;
  port: number | null;
}

/** The part of a source's settings that `clientAddress` reads. */
export interface ProxySettings {
  /** Blocks (`10.0.0.0/8`) or the names `loopback`, `private`, `linkLocal`, `carrierGradeNat`. */
  readonly trustedProxies: readonly string[];
  readonly ownHops: number;
}

/** Longer than any host name: what exceeds it is no address. */
const maxLength = 255;
/** More proxies in a row than any real chain has: the client counts as unknown. */
const maxHops = 64;
const scratch = new Uint16Array(8);

/**
 * Reads one address: IPv4 or IPv6 with or without port, brackets, zone, Java's leading `/`.
 * What the contract calls absent (empty, `-`, `UNKNOWN`, `0.0.0.0`, `::`) is `null`.
 * Names (`AWS Internal`) keep their text and have no `ip`; so have leading zeros and integers.
 */
export function parseAddress(text: string | null): Address | null {
  if (text === null) return null;
  const quad = parseV4(text);
  if (quad > 0) return { address: text, ip: text, port: null };
  if (quad === 0) return null;
  const given = text.trim();
  if (given.length === 0 || given.length > maxLength || given === '-') return null;
  if (given.length === 7 && given.toLowerCase() === 'unknown') return null;
  const from = given.startsWith('/') ? 1 : 0;
  const end = hostEnd(given, from);
  const port = end < given.length ? portAt(given, end + 1) : null;
  if (port === -1) return { address: given, ip: null, port: null };
  const ip = canonical(given, from, end);
  if (ip === '0.0.0.0' || ip === '::') return null;
  return { address: given, ip, port: ip === null ? null : port || null };
}

/** Where the host part ends: at the colon of a port, else at the end of the text. */
function hostEnd(text: string, from: number): number {
  const bracket = text.charCodeAt(from) === 91 ? text.indexOf(']', from) : -1;
  if (bracket >= 0) return bracket + 1;
  const first = text.indexOf(':', from);
  return first >= 0 && text.indexOf(':', first + 1) < 0 ? first : text.length;
}

/** The decimal port from `at` to the end of the text; -1 when it is none. */
function portAt(text: string, at: number): number {
  if (text.charCodeAt(at - 1) !== 58 || at === text.length || text.length - at > 5) return -1;
  let port = 0;
  for (let i = at; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    port = port * 10 + digit;
  }
  return port <= 65535 ? port : -1;
}

/** Canonical text of the address in `text[from, to)`, brackets and zone dropped; `null` when it is none. */
function canonical(text: string, from: number, to: number): string | null {
  const quad = parseV4(text, from, to);
  if (quad >= 0) return text.slice(from, to);
  const bracketed = text.charCodeAt(from) === 91;
  const start = bracketed ? from + 1 : from;
  const last = bracketed ? to - 1 : to;
  const zone = text.indexOf('%', start);
  if (zone >= 0 && !isZone(text, zone + 1, last)) return null;
  if (!parseV6(text, scratch, start, zone < 0 ? last : zone)) return null;
  const mapped = mappedV4(scratch);
  return mapped >= 0 ? formatV4(mapped) : formatV6(scratch);
}

/** Is `text[from, to)` the name of an interface? Anything else behind `%` is an injection, no zone. */
function isZone(text: string, from: number, to: number): boolean {
  if (to <= from || to - from > 32) return false;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    const letter = code | 32;
    const allowed = (code >= 48 && code <= 57) || (letter >= 97 && letter <= 122) || code === 45 || code === 46 || code === 95;
    if (!allowed) return false;
  }
  return true;
}

/**
 * The client of a request that came through proxies. Walks X-Forwarded-For (several header lines
 * joined by commas) from the right over trusted proxies to the first other address. Where all are
 * trusted it is the one that the operator's own hops leave, counted from the right: what stands
 * left of that was written by the client. `null` when it cannot be told: an entry that is no
 * address ends the walk, because everything left of it may be forged.
 */
export function clientAddress(forwardedFor: string | null, peer: string | null, settings: ProxySettings): Address | null {
  const direct = parseAddress(peer);
  const header = forwardedFor === null ? '' : forwardedFor.trim();
  if (header === '' || header === '-') return direct;
  const trusted = trustedBlocks(settings);
  if (direct !== null && !isLocalSocket(direct) && !isTrusted(direct, trusted)) return direct;
  let own = direct;
  let end = header.length;
  for (let hop = 1; hop <= maxHops; hop++) {
    const comma = end > 0 ? header.lastIndexOf(',', end - 1) : -1;
    const entry = parseAddress(header.slice(comma + 1, end).trim());
    if (entry === null || entry.ip === null) return null;
    if (!isTrusted(entry, trusted)) return entry;
    if (hop <= settings.ownHops) own = entry;
    if (comma < 0) return own ?? entry;
    end = comma;
  }
  return null;
}

/** nginx and Envoy write the peer of a Unix socket so; only the same machine reaches it. */
function isLocalSocket(address: Address): boolean {
  return address.address.startsWith('unix:');
}

function isTrusted(address: Address, { v4, v6 }: Trusted): boolean {
  if (address.ip === null) return false;
  const quad = parseV4(address.ip);
  if (quad >= 0) {
    for (let i = 0; i < v4.length; i += 2) {
      if (quad >= v4[i]! && quad < v4[i + 1]!) return true;
    }
    return false;
  }
  parseV6(address.ip, scratch);
  return v6.some((block) => containsV6(block, scratch));
}

/** Trusted blocks: those of IPv4 as pairs of the first address and the one after the last. */
interface Trusted { readonly v4: Float64Array; readonly v6: readonly Cidr[] }
const compiled = new WeakMap<ProxySettings, Trusted>();

function trustedBlocks(settings: ProxySettings): Trusted {
  let trusted = compiled.get(settings);
  if (trusted === undefined) {
    const blocks = compileTrustedProxies(settings.trustedProxies);
    const v4 = blocks.flatMap((block) => (block.version === 4 ? [block.start, block.start + 2 ** (32 - block.bits)] : []));
    trusted = { v4: Float64Array.from(v4), v6: blocks.filter(({ version }) => version === 6) };
    compiled.set(settings, trusted);
  }
  return trusted;
}

/** Blocks of a list of names and CIDRs. Throws on an entry that is neither: such a configuration is unusable. */
export function compileTrustedProxies(entries: readonly string[]): readonly Cidr[] {
  return entries.flatMap((entry) => namedRanges[entry] ?? [entry]).map((text) => {
    const block = parseCidr(text);
    if (block === null) {
      throw new Error(`trusted_proxies: ${JSON.stringify(text)} is neither an address block nor one of ${Object.keys(namedRanges).join(', ')}`);
    }
    return block;
  });
}
