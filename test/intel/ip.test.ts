import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { formatV4, formatV6, mappedV4, parseV4, parseV6 } from '../../src/intel/ip.ts';

const groups = new Uint16Array(8);

describe('IPv4', () => {
  it('reads what it writes', () => {
    fc.assert(fc.property(fc.nat(0xffffffff), (address) => {
      expect(parseV4(formatV4(address))).toBe(address);
    }));
  });

  it('reads within a longer text', () => {
    expect(parseV4('[10.0.0.1]', 1, 9)).toBe(0x0a000001);
  });

  it.each(['', '1.2.3', '1.2.3.4.5', '1..2.3', '.1.2.3', '1.2.3.', '256.1.1.1', '01.2.3.4', '1.2.3.00', '1.2.3.4 ', '0x7f.1.1.1', '１.2.3.4', '1.2.3.4\n'])('refuses "%s"', (text) => {
    expect(parseV4(text)).toBe(-1);
  });
});

describe('IPv6', () => {
  it('agrees with ipaddr.js on every address, and so does its canonical text', () => {
    // ipaddr.js takes a dotted quad behind `::` for a mapped address, which it is not.
    const addresses = fc.ipV6().filter((text) => !text.includes('.'));
    fc.assert(fc.property(addresses, (text) => {
      expect(parseV6(text, groups)).toBe(true);
      const other = ipaddr.IPv6.parse(text);
      expect([...groups]).toEqual(other.parts);
      expect(formatV6(groups)).toBe(other.toRFC5952String());
    }), { numRuns: 2000 });
  });

  it('shortens sparse addresses like ipaddr.js', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(0, 0, 0, 1, 0xab), { minLength: 8, maxLength: 8 }), (parts) => {
      expect(formatV6(Uint16Array.from(parts))).toBe(new ipaddr.IPv6(parts).toRFC5952String());
    }), { numRuns: 2000 });
  });

  it('reads a dotted quad at the end, and knows mapped addresses from others', () => {
    expect(parseV6('64:ff9b::10.0.0.1', groups)).toBe(true);
    expect(formatV6(groups)).toBe('64:ff9b::a00:1');
    expect(mappedV4(groups)).toBe(-1);
    expect(parseV6('::10.0.0.1', groups) && mappedV4(groups)).toBe(-1);
    expect(parseV6('::ffff:10.0.0.1', groups) && mappedV4(groups)).toBe(0x0a000001);
    expect(parseV6('1:2:3:4:5:6:255.255.255.255', groups) && [...groups].slice(6)).toEqual([0xffff, 0xffff]);
  });

  it.each(['', ':', ':::', '1', '1:', ':1', '1::2::3', '1:2:3:4:5:6:7:8::',
    '1:2:3:4:5:6:7:8:9', '::g', '::12345', '::1.2.3', '1.2.3.4::', '1:2:3:4:5:6:7:1.2.3.4', '::1.2.3.4:5', '::1 ', '::1%eth0'])('refuses "%s"', (text) => {
    expect(parseV6(text, groups)).toBe(false);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,45}$/)), (text) => {
      if (parseV6(text, groups)) expect(ipaddr.IPv6.isValid(text)).toBe(true);
    }));
  });
});
