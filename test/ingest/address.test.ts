import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientAddress, compileTrustedProxies, parseAddress } from '../../src/ingest/address.ts';
import { defaultSource } from '../../src/ingest/formats/format.ts';

const chains = readFileSync(new URL('../data/intel/xff.tsv', import.meta.url), 'utf8')
  .split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t') as [string, string, string, string, string]);

describe('parseAddress', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7', null],
    ['198.51.100.7:4711', '198.51.100.7', 4711],
    [' 198.51.100.7 ', '198.51.100.7', null],
    ['/198.51.100.7:4711', '198.51.100.7', 4711],
    ['[2001:db8::7]:4711', '2001:db8::7', 4711],
    ['[2001:db8::7]', '2001:db8::7', null],
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7', null],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1', null],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1', null],
    ['::1', '::1', null],
    ['1::', '1::', null],
    ['fe80::1%eth0', 'fe80::1', null],
    ['[fe80::1%25eth0]:80', 'fe80::1', 80],
    ['::ffff:198.51.100.7', '198.51.100.7', null],
    ['::ffff:c633:6407', '198.51.100.7', null],
    ['[::ffff:198.51.100.7]:80', '198.51.100.7', 80],
    ['64:ff9b::198.51.100.7', '64:ff9b::c633:6407', null],
    ['10.0.0.1:0', '10.0.0.1', null],
    ['198.51.100.7:65536', null, null],
    ['198.51.100.7:', null, null],
    ['[2001:db8::7]x', null, null],
    ['0198.051.100.007', null, null],
    ['3325256711', null, null],
    ['198.51.100', null, null],
    ['198.51.100.256', null, null],
    ['198.51.100.7%0a10.0.0.1', null, null],
    ['1::2::3', null, null],
    ['1:2:3:4:5:6:7', null, null],
    ['1:2:3:4:5:6:7:8:9', null, null],
    ['::ffff:010.1.2.3', null, null],
    ['fe80::1%', null, null],
    ['12345::', null, null],
    ['1:2:3:4:5:6:7:', null, null],
    [':1:2:3:4:5:6:7', null, null],
    ['AWS Internal', null, null],
    ['gce-internal-ip', null, null],
    ['cloudtrail.amazonaws.com', null, null],
  ])('%s', (text, ip, port) => {
    expect(parseAddress(text)).toEqual({ address: text.trim(), ip, port });
  });

  it.each([null, '', ' ', '-', 'UNKNOWN', 'unknown', '0.0.0.0', '0.0.0.0:0', '::', '[::]:443', '::ffff:0.0.0.0', 'x'.repeat(256)])('%s is absent', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it('never throws, and what it calls canonical stays as it is', () => {
    fc.assert(fc.property(fc.oneof(fc.ipV6(), fc.ipV4(), fc.string()), (text) => {
      const ip = parseAddress(text)?.ip;
      if (ip) expect(parseAddress(ip)?.ip).toBe(ip);
    }));
  });
});

describe('clientAddress', () => {
  it.each(chains)('peer %s, header "%s"', (peer, header, cidrs, expected) => {
    const settings = { trustedProxies: cidrs.split(','), ownHops: 1 };
    const client = clientAddress(header.replaceAll(' || ', ', '), peer, settings);
    expect(client === null ? 'invalid' : client.ip).toBe(expected);
  });

  it('counts its own hops from the right when every address is trusted', () => {
    const chain = '10.1.1.1, 10.2.2.2, 10.3.3.3';
    const at = (ownHops: number) => clientAddress(chain, '10.0.0.5', { ...defaultSource, ownHops })?.ip;
    expect([at(0), at(1), at(2), at(3), at(9)]).toEqual(['10.0.0.5', '10.3.3.3', '10.2.2.2', '10.1.1.1', '10.1.1.1']);
  });

  it('trusts loopback, private, link-local and carrier-grade ranges by default', () => {
    for (const peer of ['127.0.0.1', '::1', '172.31.9.9', 'fd00::9', '169.254.3.3', 'fe80::3', '100.64.0.1', 'unix:']) {
      expect(clientAddress('198.51.100.7', peer, defaultSource)?.ip).toBe('198.51.100.7');
    }
    for (const peer of ['172.32.0.1', '100.128.0.1', 'fe00::1', 'bastion.example']) {
      expect(clientAddress('198.51.100.7', peer, defaultSource)?.address).toBe(peer);
    }
  });

  it('takes the header alone where the log names no peer, and the peer where it has no header', () => {
    expect(clientAddress('1.1.1.1, 198.51.100.7, 10.0.0.1', null, defaultSource)?.ip).toBe('198.51.100.7');
    expect(clientAddress('-', '10.0.0.5', defaultSource)?.ip).toBe('10.0.0.5');
    expect(clientAddress(null, null, defaultSource)).toBeNull();
  });

  it('gives up on chains longer than any real one', () => {
    expect(clientAddress(Array.from({ length: 1000 }, () => '10.0.0.1').join(','), '10.0.0.5', defaultSource)).toBeNull();
  });

  it('agrees with an independent model over generated chains', () => {
    const entry = fc.constantFrom('10.1.1.1', '10.2.2.2', '192.0.2.1', '198.51.100.7', 'unknown', '', '2001:db8::7', 'fd00::1');
    const isTrusted = (ip: string) => ip.startsWith('10.') || ip.startsWith('fd');
    const model = (entries: string[], peer: string, ownHops: number): string | null => {
      if (!isTrusted(peer) || entries.join(',').trim() === '') return peer;
      const fromRight = entries.toReversed();
      const stop = fromRight.findIndex((ip) => !isTrusted(ip));
      if (stop >= 0) return /^(unknown|)$/.test(fromRight[stop]!) ? null : fromRight[stop]!;
      return [peer, ...fromRight].at(Math.min(ownHops, fromRight.length))!;
    };
    const settings = [0, 1, 2, 3].map((ownHops) => ({ trustedProxies: ['10.0.0.0/8', 'private'], ownHops }));
    fc.assert(fc.property(fc.array(entry, { maxLength: 6 }), fc.constantFrom('10.0.0.5', '203.0.113.9'), fc.nat(3), (entries, peer, ownHops) => {
      expect(clientAddress(entries.join(', '), peer, settings[ownHops]!)?.ip ?? null).toBe(model(entries, peer, ownHops));
    }), { numRuns: 100_000 });
  });

  it('refuses a trusted proxy that is neither a block nor a known name', () => {
    expect(() => compileTrustedProxies(['10.0.0.0/33'])).toThrow(/trusted_proxies/);
    expect(() => compileTrustedProxies(['everybody'])).toThrow(/trusted_proxies/);
  });
});
