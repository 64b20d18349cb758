import { BlockList, isIP } from 'node:net';
import type { Denial, DeniedBy } from '../../model/denial.ts';
import { envoyFile } from './envoy-file.ts';
import { replaceFile } from './write-file.ts';

/** Whose files they are. `haproxy` and `nginx`: a folder for three maps; `envoy`: a file. */
export interface GatewayFiles { readonly format: 'haproxy' | 'envoy' | 'nginx'; readonly path: string }

/** One file as it is to be. */
interface Written { readonly path: string; readonly text: string }

/** What may stand in a map: no spaces, quotes, braces or comments. */
const plain = /^[\w.:/@=+~|-]{1,512}$/;

/** Why a gateway of this kind cannot be told of the denial; `null` when it can. */
export function whyNotWritten({ by, value, issuer, keep }: Omit<Denial, 'number'>, { format }: Pick<GatewayFiles, 'format'>): string | null {
  if (!plain.test(value) || issuer !== null && !plain.test(issuer)) return 'not_expressible';
  if (format === 'envoy' && by === 'sha256') return 'not_expressible';
  // Gateways tell places by their networks: a pin to workloads alone would refuse everything.
  return keep !== null && keep.networks.length === 0 ? 'not_expressible' : null;
}

/**
 * Puts the entries where the gateway reads them; each file is replaced as a whole. `before`: what was written last, as far as that is known.
 * Throws what writing throws.
 */
export function writeGatewayFiles({ format, path }: GatewayFiles, entries: readonly Denial[], listNumber: number, before: readonly Denial[] = []): void {
  const files: readonly Written[] = format === 'envoy'
    ? [{ path, text: envoyFile(entries, listNumber) }]
    : mapSteps(entries, before, format).map(({ name, text }) => ({ path: `${path}/${name}`, text }));
  for (const file of files) replaceFile(file.path, file.text);
}

/** `<by>/<issuer>/<value>`, the issuer empty where any will do. */
export function keyOf({ by, issuer, value }: Pick<Denial, 'by' | 'issuer' | 'value'>): string {
  return `${by satisfies DeniedBy}/${issuer ?? ''}/${value}`;
}

export interface Tables { readonly networks: ReadonlySet<string>; readonly places: readonly string[]; readonly tokens: ReadonlyMap<string, 'deny' | 'pin'> }

/** Networks that some pin keeps, the places (`<key>/<network>`) where a pinned token goes on, and what holds for each token. A denial outweighs a pin. */
export function tablesOf(entries: readonly Denial[]): Tables {
  const pins = pinsOf(entries);
  const pinned = new Set(pins.map(keyOf));
  const tokens = new Map(entries.map(keyOf).map((key) => [key, pinned.has(key) ? 'pin' : 'deny'] as const));
  const networks = new Set(pins.flatMap(({ keep }) => keep?.networks ?? []));
  return { networks, places: [...new Set(pins.flatMap((entry) => placesOf(entry, networks)))], tokens };
}

/** Would a gateway with these tables refuse a token of this key that is shown from there? */
export function isRefused({ tokens, places, networks }: Tables, key: string, source: string): boolean {
  const verdict = tokens.get(key);
  if (verdict !== 'pin') return verdict === 'deny';
  const around = isIP(source) === 0 ? [] : [...networks].filter((network) => isInside(source, network));
  return !around.some((network) => places.includes(`${key}/${network}`));
}

/** Pins of tokens that are not denied as well. */
function pinsOf(entries: readonly Denial[]): Denial[] {
  const denied = new Set(entries.filter(({ keep }) => keep === null).map(keyOf));
  return entries.filter((entry) => !denied.has(keyOf(entry)));
}

/** A look-up gives the narrowest network: a wider one that is kept keeps the narrower ones inside it. */
function placesOf(entry: Denial, networks: ReadonlySet<string>): string[] {
  const kept = entry.keep?.networks ?? [];
  return [...networks].filter((network) => kept.some((wider) => isInside(network, wider))).map((network) => `${keyOf(entry)}/${network}`);
}

function isInside(network: string, wider: string): boolean {
  const [inner, outer] = [rangeOf(network), rangeOf(wider)];
  if (inner.family !== outer.family || inner.bits < outer.bits) return false;
  const range = new BlockList();
  range.addSubnet(outer.address, outer.bits, outer.family);
  return range.check(inner.address, inner.family);
}

function rangeOf(network: string): { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' } {
  const [address = '', bits] = network.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return { address, family, bits: bits === undefined ? family === 'ipv6' ? 128 : 32 : Number(bits) };
}

/** A map as it is to be. */
export interface MapFile { readonly name: 'networks.map' | 'places.map' | 'tokens.map'; readonly text: string }

/**
 * The maps in the order in which they are to be put in place. A gateway reads one after the other, so there are moments between: whom the old
 * and the new list let pass is let pass in each of them, whom both refuse is refused. Places of both lists come before, those of the old go after.
 */
export function mapSteps(entries: readonly Denial[], before: readonly Denial[], format: 'haproxy' | 'nginx'): readonly MapFile[] {
  const [both, after] = [tablesOf([...pinsOf(before), ...pinsOf(entries)]), tablesOf(entries)];
  const line = (key: string, value: string): string => (format === 'haproxy' ? `${key} ${value}\n` : `"${key}" ${value};\n`);
  const network = (key: string): string => (format === 'haproxy' ? `${key} ${key}\n` : `${key} ${key};\n`);
  const networks = (tables: Tables): MapFile => ({ name: 'networks.map', text: [...tables.networks].map(network).join('') });
  const places = (tables: Tables): MapFile => ({ name: 'places.map', text: tables.places.map((key) => line(key, '1')).join('') });
  const tokens: MapFile = { name: 'tokens.map', text: [...after.tokens].map(([key, value]) => line(key, value)).join('') };
  const steps = [places(both), networks(both), tokens];
  return before.length === 0 ? steps : [...steps, networks(after), places(after)];
}
