/** Writes small MaxMind DB files for tests: records of 24 bits, an IPv6 tree with IPv4 under ::/96, every value in full. */
import { parseCidr } from '../../src/intel/cidr.ts';

type Data = string | number | bigint | readonly Data[] | { readonly [key: string]: Data };

function header(type: number, size: number): number[] {
  const extended = type > 7;
  const first = (extended ? 0 : type << 5) | Math.min(size, 29);
  return [first, ...(extended ? [type - 7] : []), ...(size >= 29 ? [size - 29] : [])];
}

function unsigned(type: number, value: bigint): number[] {
  const hex = value === 0n ? '' : value.toString(16);
  const bytes = [...Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')];
  return [...header(type, bytes.length), ...bytes];
}

function encode(data: Data): number[] {
  if (typeof data === 'string') return [...header(2, Buffer.byteLength(data)), ...Buffer.from(data)];
  if (typeof data === 'number') return unsigned(6, BigInt(data));
  if (typeof data === 'bigint') return unsigned(9, data);
  if (Array.isArray(data)) return [...header(11, data.length), ...data.flatMap(encode)];
  const entries = Object.entries(data);
  return [...header(7, entries.length), ...entries.flatMap(([key, value]) => [...encode(key), ...encode(value)])];
}

function bitsOf(cidr: string): number[] {
  const block = parseCidr(cidr)!;
  const groups = block.version === 6 ? [...block.start] : [0, 0, 0, 0, 0, 0, block.start >>> 16, block.start & 0xffff];
  const bits = block.version === 6 ? block.bits : 96 + block.bits;
  return groups.flatMap((group) => Array.from({ length: 16 }, (_, i) => (group >> (15 - i)) & 1)).slice(0, bits);
}

/** A file of these blocks, none of which holds another. */
export function writeMmdb(entries: Readonly<Record<string, Data>>, builtAtMs: number): Buffer {
  const nodes: [Link, Link][] = [[null, null]];
  const data: number[] = [];
  for (const [cidr, value] of Object.entries(entries)) {
    const bits = bitsOf(cidr);
    let node = 0;
    for (const bit of bits.slice(0, -1)) {
      const next = nodes[node]![bit]?.node ?? nodes.push([null, null]) - 1;
      nodes[node]![bit] = { node: next };
      node = next;
    }
    nodes[node]![bits.at(-1)!] = { data: data.length };
    data.push(...encode(value));
  }
  const record = (link: Link): number => link === null ? nodes.length : 'data' in link ? nodes.length + 16 + link.data! : link.node!;
  const tree = nodes.flat().map(record).flatMap((value) => [value >> 16, (value >> 8) & 255, value & 255]);
  const metadata = encode({
    node_count: nodes.length, record_size: 24, ip_version: 6, database_type: 'Test', languages: ['en'],
    binary_format_major_version: 2, binary_format_minor_version: 0, build_epoch: BigInt(builtAtMs / 1000), description: { en: 'test' },
  });
  return Buffer.from([...tree, ...Array.from({ length: 16 }, () => 0), ...data, 0xab, 0xcd, 0xef, ...Buffer.from('MaxMind.com'), ...metadata]);
}

type Link = { node?: number; data?: number } | null;
