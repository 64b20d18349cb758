import { formatV4, formatV6, mappedV4, parseV4, parseV6 } from './ip.ts';

/** A block of addresses: its first one and the number of leading bits that all share. */
export type Cidr =
  | { readonly version: 4; readonly start: number; readonly bits: number }
  | { readonly version: 6; readonly start: Uint16Array; readonly bits: number };

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32` or a single address. Bits behind the prefix are cleared;
 * a block within `::ffff:0:0/96` is its IPv4 block. `null` when the text is neither.
 */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/');
  const end = slash < 0 ? text.length : slash;
  const quad = parseV4(text, 0, end);
  const bits = slash < 0 ? (quad < 0 ? 128 : 32) : prefixLength(text.slice(slash + 1));
  if (quad >= 0) return bits < 0 || bits > 32 ? null : { version: 4, start: clearV4(quad, bits), bits };
  const groups = new Uint16Array(8);
  if (bits < 0 || !parseV6(text, groups, 0, end)) return null;
  const mapped = mappedV4(groups);
  if (mapped >= 0 && bits >= 96) return { version: 4, start: clearV4(mapped, bits - 96), bits: bits - 96 };
  return { version: 6, start: clearV6(groups, bits), bits };
}

function prefixLength(text: string): number {
  if (text.length === 0 || text.length > 3 || (text.length > 1 && text.startsWith('0'))) return -1;
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    bits = bits * 10 + digit;
  }
  return bits <= 128 ? bits : -1;
}

/** `address` with everything behind the first `bits` bits set to zero. */
export function clearV4(address: number, bits: number): number {
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) * size;
}

/** A copy of `groups` with everything behind the first `bits` bits set to zero. */
export function clearV6(groups: Uint16Array, bits: number): Uint16Array {
  const cleared = new Uint16Array(8);
  for (let i = 0; i < 8; i++) cleared[i] = groups[i]! & groupMask(bits, i);
  return cleared;
}

function groupMask(bits: number, group: number): number {
  const shared = Math.min(16, Math.max(0, bits - 16 * group));
  return (0xffff << (16 - shared)) & 0xffff;
}

export function containsV4(block: Cidr, address: number): boolean {
  return block.version === 4 && address >= block.start && address < block.start + 2 ** (32 - block.bits);
}

export function containsV6(block: Cidr, groups: Uint16Array): boolean {
  if (block.version === 4) return false;
  for (let i = 0; i * 16 < block.bits; i++) {
    if (((groups[i]! ^ block.start[i]!) & groupMask(block.bits, i)) !== 0) return false;
  }
  return true;
}

export function formatCidr(block: Cidr): string {
  return `${block.version === 4 ? formatV4(block.start) : formatV6(block.start)}/${block.bits}`;
}
