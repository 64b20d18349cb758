/**
 * Internet addresses as numbers. Written by hand because every event passes here: no regular
 * expression, no allocation. Forms that can be read in two ways (leading zeros, integers,
 * short dotted forms) are refused. Checked against ipaddr.js in the tests.
 */

const zero = 48;
const dot = 46;
const colon = 58;

/** The dotted quad in `text[from, to)` as an unsigned 32-bit number, or -1 when it is none. */
export function parseV4(text: string, from = 0, to = text.length): number {
  if (to - from < 7 || to - from > 15) return -1;
  let address = 0;
  let octet = -1;
  let dots = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code === dot) {
      if (octet < 0 || ++dots > 3) return -1;
      address = address * 256 + octet;
      octet = -1;
      continue;
    }
    const digit = code - zero;
    if (digit < 0 || digit > 9 || octet === 0) return -1;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return -1;
  }
  return dots === 3 && octet >= 0 ? address * 256 + octet : -1;
}

/** Reads the IPv6 address in `text[from, to)` (no zone, no brackets) into eight 16-bit groups. False when it is none. */
export function parseV6(text: string, groups: Uint16Array, from = 0, to = text.length): boolean {
  if (to - from < 2 || to - from > 45) return false;
  let count = 0;
  let gap = -1;
  let at = from;
  if (text.charCodeAt(at) === colon) {
    if (text.charCodeAt(at + 1) !== colon) return false;
    gap = 0;
    at += 2;
  }
  while (at < to) {
    if (count === 8) return false;
    const end = groupEnd(text, at, to);
    if (end < to && text.charCodeAt(end) === dot) {
      if (count > 6 || !writeQuad(text, at, to, groups, count)) return false;
      count += 2;
      break;
    }
    const value = hexadecimal(text, at, end);
    if (value < 0) return false;
    groups[count++] = value;
    if (end === to) break;
    at = end + 1;
    if (at === to) return false;
    if (text.charCodeAt(at) === colon) {
      if (gap >= 0) return false;
      gap = count;
      at++;
    }
  }
  return spread(groups, count, gap);
}

/** Opens the `::` at group `gap` (-1: none) so that all eight groups are filled. */
function spread(groups: Uint16Array, count: number, gap: number): boolean {
  if (gap < 0) return count === 8;
  if (count === 8) return false;
  const moved = count - gap;
  groups.copyWithin(8 - moved, gap, count);
  groups.fill(0, gap, 8 - moved);
  return true;
}

function groupEnd(text: string, from: number, to: number): number {
  let end = from;
  while (end < to) {
    const code = text.charCodeAt(end);
    if (code === colon || code === dot) break;
    end++;
  }
  return end;
}

function writeQuad(text: string, from: number, to: number, groups: Uint16Array, at: number): boolean {
  const quad = parseV4(text, from, to);
  if (quad < 0) return false;
  groups[at] = quad >>> 16;
  groups[at + 1] = quad & 0xffff;
  return true;
}

function hexadecimal(text: string, from: number, to: number): number {
  if (to === from || to - from > 4) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    const lower = code | 32;
    if (code >= zero && code <= 57) value = value * 16 + code - zero;
    else if (lower >= 97 && lower <= 102) value = value * 16 + lower - 87;
    else return -1;
  }
  return value;
}

/** The IPv4 address inside `::ffff:a.b.c.d`, or -1 for every other IPv6 address. */
export function mappedV4(groups: Uint16Array): number {
  for (let i = 0; i < 5; i++) if (groups[i] !== 0) return -1;
  return groups[5] === 0xffff ? groups[6]! * 65536 + groups[7]! : -1;
}

export function formatV4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Canonical text by RFC 5952: lower case, no leading zeros, the first longest run of zero groups (two or more) as `::`. */
export function formatV6(groups: Uint16Array): string {
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
    if (end > i) i = end;
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === start) {
      text += '::';
      i += length - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += groups[i]!.toString(16);
  }
  return text;
}
