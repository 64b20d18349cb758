import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { containsV4, containsV6, formatCidr, parseCidr } from '../../src/intel/cidr.ts';
import { parseV4, parseV6 } from '../../src/intel/ip.ts';
import { PrefixMap } from '../../src/intel/prefix-map.ts';

function groupsOf(text: string): Uint16Array {
  const groups = new Uint16Array(8);
  parseV6(text, groups);
  return groups;
}

describe('parseCidr', () => {
  it.each([
    ['10.1.2.3/8', '10.0.0.0/8'], ['10.1.2.3', '10.1.2.3/32'], ['0.0.0.0/0', '0.0.0.0/0'], ['255.255.255.255/31', '255.255.255.254/31'],
    ['2001:DB8:1::/32', '2001:db8::/32'], ['2001:db8::1', '2001:db8::1/128'], ['fd00:ffff::/10', 'fd00::/10'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'], ['::/0', '::/0'],
  ])('%s is %s', (text, canonical) => {
    expect(formatCidr(parseCidr(text)!)).toBe(canonical);
  });

  it.each(['', '/', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/8 ', '::/129', 'a/8', '10/8', '10.0.0.0/8/8'])('refuses "%s"', (text) => {
    expect(parseCidr(text)).toBeNull();
  });

  it('holds what ipaddr.js says it holds', () => {
    fc.assert(fc.property(fc.ipV4(), fc.ipV4(), fc.nat(32), (block, address, bits) => {
      expect(containsV4(parseCidr(`${block}/${bits}`)!, parseV4(address))).toBe(ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parse(block), bits));
    }));
    const group = fc.constantFrom(0, 1, 0x8000, 0xffff);
    const address = fc.array(group, { minLength: 8, maxLength: 8 });
    fc.assert(fc.property(address, address, fc.nat(128), (block, other, bits) => {
      const start = { version: 6, start: Uint16Array.from(block), bits } as const;
      expect(containsV6(start, Uint16Array.from(other))).toBe(new ipaddr.IPv6(other).match(new ipaddr.IPv6(block), bits));
    }));
  });
});

describe('PrefixMap', () => {
  it('gives the value of the longest block, as a search through all would', () => {
    const octets = fc.tuple(fc.constantFrom(10, 11), fc.constantFrom(0, 1, 128), fc.constantFrom(0, 255), fc.nat(3));
    const blocks = fc.array(fc.tuple(octets, fc.constantFrom(0, 7, 8, 16, 23, 24, 31, 32)), { maxLength: 12 });
    fc.assert(fc.property(blocks, octets, (list, address) => {
      const map = new PrefixMap<string>();
      const cidrs = list.map(([start, bits]) => parseCidr(`${start.join('.')}/${bits}`)!);
      for (const cidr of cidrs) map.add(cidr, formatCidr(cidr));
      const quad = parseV4(address.join('.'));
      const longest = cidrs.filter((cidr) => containsV4(cidr, quad)).toSorted((a, b) => b.bits - a.bits)[0];
      expect(map.findV4(quad)).toBe(longest && formatCidr(longest));
    }));
  });

  it('does so for IPv6, below and above 48 bits', () => {
    const map = new PrefixMap<string>();
    for (const text of ['2001:db8::/32', '2001:db8:1::/47', '2001:db8:1:8000::/49', '2001:db8:1:8000::1/128', '::/0']) map.add(parseCidr(text)!, text);
    expect(map.findV6(groupsOf('2001:db8:ffff::1'))).toBe('2001:db8::/32');
    expect(map.findV6(groupsOf('2001:db8:0:9::1'))).toBe('2001:db8:1::/47');
    expect(map.findV6(groupsOf('2001:db8:1:ffff::1'))).toBe('2001:db8:1:8000::/49');
    expect(map.findV6(groupsOf('2001:db8:1:8000::1'))).toBe('2001:db8:1:8000::1/128');
    expect(map.findV6(groupsOf('2002::'))).toBe('::/0');
    expect(map.findV4(0)).toBeUndefined();
  });

  it('keeps the first of two values for one block', () => {
    const map = new PrefixMap<number>();
    map.add(parseCidr('10.0.0.0/8')!, 1);
    map.add(parseCidr('10.9.9.9/8')!, 2);
    expect([map.findV4(parseV4('10.1.1.1')), map.size]).toEqual([1, 1]);
  });
});
