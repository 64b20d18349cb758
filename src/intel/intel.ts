/** What is known of an address: whose network it is, where, and of what kind. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NetworkClass, TokenEvent } from '../model/event.ts';
import { clearV4, clearV6, formatCidr, parseCidr } from './cidr.ts';
import { builtInClasses } from './classes.ts';
import { readFeed, type Feed, type FeedReport } from './feeds.ts';
import { parseV4, parseV6 } from './ip.ts';
import { Mmdb } from './mmdb.ts';
import { PrefixMap } from './prefix-map.ts';
import { namedRanges } from './special.ts';
import { NetworkTable, noFacts, type Facts } from './table.ts';

/** One address's network. Shared between look-ups and frozen. */
export interface Network {
  /** The operator's subnet that holds the address, else its /24 (v4) or /48 (v6), in canonical text. */
  readonly block: string;
  readonly asNumber: number | null;
  readonly asOrganization: string | null;
  /** ISO 3166 code. Sources disagree on countries: never a reason for an alert by itself. */
  readonly country: string | null;
  readonly class: NetworkClass;
  /** Name that the operator gave to the subnet. */
  readonly name: string | null;
}

/** A part of the address space that the operator named. The longest block wins, over everything else that is known. */
export interface OperatorNetwork {
  readonly name: string;
  readonly cidrs: readonly string[];
  /** `private` (the operator's own) where none is given. */
  readonly class?: NetworkClass | undefined;
  readonly description?: string | undefined;
}

export interface IntelOptions {
  readonly networks?: readonly OperatorNetwork[];
  readonly feeds?: readonly Feed[];
  /** Mounted MaxMind DB files, each in place of its half of the embedded table. */
  readonly asnFile?: string | null | undefined;
  readonly countryFile?: string | null | undefined;
}

/** Where the facts come from and how old the oldest of them are. */
export interface IntelAge { readonly source: string; readonly builtAt: string }

const embeddedTable = fileURLToPath(new URL('./data/networks.bin', import.meta.url));
/** Read once for a process: it never changes. */
let embedded: NetworkTable | null = null;
const slotBits = 16;
const slots = 1 << slotBits;
const unknownNetwork: Network = Object.freeze({ block: 'unknown', ...noFacts, class: 'unknown', name: null });

interface Subnet { readonly block: string; readonly name: string; readonly class: NetworkClass }

export class Intel {
  readonly age: IntelAge;
  readonly feeds: readonly FeedReport[];
  readonly #table: NetworkTable | null;
  readonly #asn: Mmdb | null;
  readonly #country: Mmdb | null;
  readonly #subnets: PrefixMap<Subnet>;
  readonly #special = new PrefixMap<true>();
  readonly #feedBlocks = new PrefixMap<NetworkClass>();
  /** Feeds come first: they are newer than what is built in. */
  readonly #classes = new Map<number, NetworkClass>();
  // Direct-mapped caches: an address has one place, and takes it from whoever was there. Bounded, no bookkeeping.
  readonly #keysV4 = new Uint32Array(slots);
  readonly #foundV4: (Network | undefined)[] = Array.from<undefined>({ length: slots });
  readonly #keysV6 = new Uint16Array(8 * slots);
  readonly #foundV6: (Network | undefined)[] = Array.from<undefined>({ length: slots });
  readonly #groups = new Uint16Array(8);

  /** Opens the embedded table, or the mounted files in its place, and reads the feeds. Throws on what is missing, damaged or no block. */
  static open(options: IntelOptions = {}): Intel {
    return new Intel(options);
  }

  private constructor(options: IntelOptions) {
    this.#asn = options.asnFile ? new Mmdb(options.asnFile) : null;
    this.#country = options.countryFile ? new Mmdb(options.countryFile) : null;
    this.#table = this.#asn !== null && this.#country !== null ? null : embedded ??= new NetworkTable(readFileSync(embeddedTable));
    this.age = ageOf(this.#table, this.#asn, this.#country);
    this.#subnets = compileSubnets(options.networks ?? []);
    for (const range of Object.values(namedRanges).flat()) this.#special.add(parseCidr(range)!, true);
    this.feeds = (options.feeds ?? []).map((feed) => readFeed(feed, this.#feedBlocks, this.#classes));
    for (const [asNumber, networkClass] of builtInClasses()) {
      if (!this.#classes.has(asNumber)) this.#classes.set(asNumber, networkClass);
    }
  }

  /** The network of a canonical address. What is no address has the network `unknown`. */
  lookup(ip: string): Network {
    const quad = parseV4(ip);
    if (quad >= 0) {
      const slot = Math.imul(quad, 0x9e3779b1) >>> (32 - slotBits);
      const found = this.#foundV4[slot];
      if (found !== undefined && this.#keysV4[slot] === quad) return found;
      const network = this.#describe(ip, quad, this.#subnets.findV4(quad));
      this.#keysV4[slot] = quad;
      this.#foundV4[slot] = network;
      return network;
    }
    return parseV6(ip, this.#groups) ? this.#lookupV6(ip) : unknownNetwork;
  }

  #lookupV6(ip: string): Network {
    const groups = this.#groups;
    const slot = slotOf(groups);
    const found = this.#foundV6[slot];
    if (found !== undefined && sameGroups(this.#keysV6, 8 * slot, groups)) return found;
    const network = this.#describe(ip, -1, this.#subnets.findV6(groups));
    this.#keysV6.set(groups, 8 * slot);
    this.#foundV6[slot] = network;
    return network;
  }

  /** `quad` is -1 for an IPv6 address, whose groups stand in `#groups`. */
  #describe(ip: string, quad: number, subnet: Subnet | undefined): Network {
    const special = (quad >= 0 ? this.#special.findV4(quad) : this.#special.findV6(this.#groups)) !== undefined;
    const facts = special ? noFacts : this.#facts(ip, quad);
    const block = subnet?.block ?? this.#defaultBlock(quad);
    return Object.freeze({
      block, asNumber: facts.asNumber, asOrganization: facts.asOrganization, country: facts.country,
      class: subnet?.class ?? (special ? 'private' : this.#classOf(quad, facts.asNumber)), name: subnet?.name ?? null,
    });
  }

  #defaultBlock(quad: number): string {
    return quad >= 0
      ? formatCidr({ version: 4, start: clearV4(quad, 24), bits: 24 })
      : formatCidr({ version: 6, start: clearV6(this.#groups, 48), bits: 48 });
  }

  #classOf(quad: number, asNumber: number | null): NetworkClass {
    const listed = quad >= 0 ? this.#feedBlocks.findV4(quad) : this.#feedBlocks.findV6(this.#groups);
    return listed ?? (asNumber === null ? undefined : this.#classes.get(asNumber)) ?? 'unknown';
  }

  #facts(ip: string, quad: number): Facts {
    const stored = this.#table === null ? noFacts : this.#tableFacts(this.#table, quad);
    if (this.#asn === null && this.#country === null) return stored;
    const { asNumber, asOrganization } = this.#asn?.asOf(ip) ?? stored;
    return { asNumber, asOrganization, country: this.#country === null ? stored.country : this.#country.countryOf(ip) };
  }

  #tableFacts(table: NetworkTable, quad: number): Facts {
    if (quad >= 0) return table.findV4(quad);
    const [a, b, c, d] = this.#groups as unknown as [number, number, number, number];
    return table.findV6(a * 65536 + b, c * 65536 + d);
  }
}

/** Fills what the source address tells. Leaves an event without one as it is. */
export function enrich(event: TokenEvent, intel: Intel): void {
  if (event.sourceIp === null) return;
  const network = intel.lookup(event.sourceIp);
  event.asNumber = network.asNumber;
  event.asOrganization = network.asOrganization;
  event.country = network.country;
  event.networkBlock = network.block;
  event.networkClass = network.class;
  event.networkName = network.name;
}

function slotOf(groups: Uint16Array): number {
  let hash = 0;
  for (let i = 0; i < 8; i++) hash = Math.imul(hash ^ groups[i]!, 0x9e3779b1);
  return (hash ^ (hash >>> 15)) & (slots - 1);
}

function sameGroups(keys: Uint16Array, at: number, groups: Uint16Array): boolean {
  for (let i = 0; i < 8; i++) if (keys[at + i] !== groups[i]) return false;
  return true;
}

function compileSubnets(networks: readonly OperatorNetwork[]): PrefixMap<Subnet> {
  const subnets = new PrefixMap<Subnet>();
  for (const network of networks) {
    for (const text of network.cidrs) {
      const block = parseCidr(text);
      if (block === null) throw new Error(`networks: ${JSON.stringify(text)} of ${JSON.stringify(network.name)} is no address block`);
      subnets.add(block, Object.freeze({ block: formatCidr(block), name: network.name, class: network.class ?? 'private' }));
    }
  }
  return subnets;
}

function ageOf(table: NetworkTable | null, asn: Mmdb | null, country: Mmdb | null): IntelAge {
  const parts = [
    ...(table === null ? [] : [{ source: 'embedded table', builtAtMs: Date.parse(table.date) }]),
    ...[asn, country].filter((file) => file !== null).map((file) => ({ source: file.file, builtAtMs: file.builtAtMs })),
  ];
  const oldestMs = Math.min(...parts.map((part) => part.builtAtMs));
  return { source: [...new Set(parts.map((part) => part.source))].join(', '), builtAt: new Date(oldestMs).toISOString() };
}
