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
export function whyNotWritten({ by, value, issuer, keep }: Omit<Denial, 'number'>, { format }: GatewayFiles): string | null {
  if (!plain.test(value) || issuer !== null && !plain.test(issuer)) return 'not_expressible';
  if (format === 'envoy' && by === 'sha256') return 'not_expressible';
  // Gateways tell places by their networks: a pin to workloads alone would refuse everything.
  return keep !== null && keep.networks.length === 0 ? 'not_expressible' : null;
}

/** Puts the entries where the gateway reads them; each file is replaced as a whole. Throws what writing throws. */
export function writeGatewayFiles({ format, path }: GatewayFiles, entries: readonly Denial[], listNumber: number): void {
  // Places before tokens: a pin that came before its places would refuse everything.
  const files: readonly Written[] = format === 'envoy'
    ? [{ path, text: envoyFile(entries, listNumber) }]
    : mapFiles(entries, format).map(({ name, text }) => ({ path: `${path}/${name}`, text }));
  for (const file of files) replaceFile(file.path, file.text);
}

/** `<by>/<issuer>/<value>`, the issuer empty where any will do. */
export function keyOf({ by, issuer, value }: Pick<Denial, 'by' | 'issuer' | 'value'>): string {
  return `${by satisfies DeniedBy}/${issuer ?? ''}/${value}`;
}

interface Tables { readonly networks: ReadonlyMap<string, string>; readonly places: readonly string[]; readonly tokens: ReadonlyMap<string, 'deny' | 'pin'> }

/** Networks by a number, the places (`<key>/<number>`) where a pinned token goes on, and what holds for each token. A denial outweighs a pin. */
export function tablesOf(entries: readonly Denial[]): Tables {
  const tokens = new Map<string, 'deny' | 'pin'>();
  const networks = new Map<string, string>();
  for (const entry of entries) {
    const key = keyOf(entry);
    if (tokens.get(key) !== 'deny') tokens.set(key, entry.keep === null ? 'deny' : 'pin');
    for (const network of entry.keep?.networks ?? []) if (!networks.has(network)) networks.set(network, String(networks.size + 1));
  }
  const places = entries.flatMap((entry) => placesOf(entry, networks));
  return { networks, places: [...new Set(places)], tokens };
}

/** A look-up gives the narrowest network: a wider one that is kept keeps the narrower ones inside it. */
function placesOf(entry: Denial, networks: ReadonlyMap<string, string>): string[] {
  const kept = entry.keep?.networks ?? [];
  return [...networks].filter(([network]) => kept.some((wider) => isInside(network, wider))).map(([, number]) => `${keyOf(entry)}/${number}`);
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

function mapFiles(entries: readonly Denial[], format: 'haproxy' | 'nginx'): readonly { readonly name: string; readonly text: string }[] {
  const { networks, places, tokens } = tablesOf(entries);
  const isHaproxy = format === 'haproxy';
  const line = (key: string, value: string): string => (isHaproxy ? `${key} ${value}\n` : `"${key}" ${value};\n`);
  const network = (key: string, value: string): string => (isHaproxy ? line(key, value) : `${key} ${value};\n`);
  return [
    { name: 'networks.map', text: [...networks].map(([key, value]) => network(key, value)).join('') },
    { name: 'places.map', text: places.map((key) => line(key, '1')).join('') },
    { name: 'tokens.map', text: [...tokens].map(([key, value]) => line(key, value)).join('') },
  ];
}
