import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { classGroups } from '../../src/intel/classes.ts';
import { enrich, Intel } from '../../src/intel/intel.ts';
import { emptyEvent } from '../../src/model/event.ts';
import { writeMmdb } from './mmdb-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'intel-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const plain = Intel.open();

describe('the embedded table', () => {
  it.each([
    ['8.8.8.8', '8.8.8.0/24', 15169, 'Google LLC', 'hosting'],
    ['1.1.1.1', '1.1.1.0/24', 13335, 'Cloudflare, Inc.', 'provider'],
    ['2001:4860:4860::8888', '2001:4860:4860::/48', 15169, 'Google LLC', 'hosting'],
    ['185.220.101.1', '185.220.101.0/24', 60729, 'Stiftung Erneuerbare Freiheit', 'tor'],
    ['52.95.110.1', '52.95.110.0/24', 16509, 'Amazon.com, Inc.', 'hosting'],
  ])('%s', (ip, block, asNumber, asOrganization, networkClass) => {
    expect(plain.lookup(ip)).toMatchObject({ block, asNumber, asOrganization, class: networkClass, name: null });
  });

  it('tells its age', () => {
    expect(plain.age).toEqual({ source: 'embedded table', builtAt: '2026-06-17T00:00:00.000Z' });
  });

  it('knows nothing of addresses for documentation and multicast', () => {
    for (const ip of ['192.0.2.1', '198.51.100.7', '203.0.113.9', '224.0.0.1', '255.255.255.255', '2001:db8::1', 'ff02::1']) {
      expect(plain.lookup(ip)).toMatchObject({ asNumber: null, asOrganization: null, country: null, class: 'unknown' });
    }
  });
});

describe('private addresses', () => {
  it.each([
    ['10.1.2.3', '10.1.2.0/24'], ['172.31.255.255', '172.31.255.0/24'], ['192.168.0.1', '192.168.0.0/24'], ['127.10.0.11', '127.10.0.0/24'],
    ['127.66.6.6', '127.66.6.0/24'], ['169.254.169.254', '169.254.169.0/24'], ['100.64.0.1', '100.64.0.0/24'],
    ['fd00:1:2:3::4', 'fd00:1:2::/48'], ['fe80::1', 'fe80::/48'], ['::1', '::/48'],
  ])('%s is in %s', (ip, block) => {
    expect(plain.lookup(ip)).toEqual({ block, asNumber: null, asOrganization: null, country: null, class: 'private', name: null });
  });

  it('ends where the ranges end', () => {
    for (const ip of ['9.255.255.255', '11.0.0.0', '172.15.255.255', '172.32.0.0', '100.128.0.0', 'fec0::1']) expect(plain.lookup(ip).class).not.toBe('private');
  });
});

describe('look-ups', () => {
  it('answer the same frozen object again', () => {
    const network = plain.lookup('8.8.8.8');
    expect(plain.lookup('8.8.8.8')).toBe(network);
    expect(Object.isFrozen(network)).toBe(true);
    expect(plain.lookup('2001:4860:4860::8888')).toBe(plain.lookup('2001:4860:4860::8888'));
  });

  it('stay right when more addresses come than the cache holds', () => {
    const first = [10, 10, 10].map((octet, i) => plain.lookup(`${octet}.0.${i}.1`).block);
    for (let i = 0; i < 200_000; i++) plain.lookup(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    for (let i = 0; i < 100_000; i++) expect(plain.lookup(`fd00:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::1`).class).toBe('private');
    expect([0, 1, 2].map((i) => plain.lookup(`10.0.${i}.1`).block)).toEqual(first);
    expect(plain.lookup('10.3.13.64').block).toBe('10.3.13.0/24');
  });

  it('call what is no address unknown', () => {
    expect(plain.lookup('AWS Internal')).toMatchObject({ block: 'unknown', class: 'unknown', asNumber: null });
  });
});

describe("the operator's networks", () => {
  const intel = Intel.open({
    networks: [
      { name: 'corporate', cidrs: ['10.0.0.0/8', 'fd00::/16'] },
      { name: 'build agents', cidrs: ['10.20.0.0/16'], class: 'hosting' },
      { name: 'one host', cidrs: ['10.20.30.40'] },
      { name: 'office', cidrs: ['8.8.8.0/25', '2001:4860:4860::/47'], class: 'isp' },
    ],
  });

  it('win over everything else, the longest first', () => {
    expect(intel.lookup('10.1.2.3')).toMatchObject({ block: '10.0.0.0/8', name: 'corporate', class: 'private' });
    expect(intel.lookup('10.20.1.1')).toMatchObject({ block: '10.20.0.0/16', name: 'build agents', class: 'hosting' });
    expect(intel.lookup('10.20.30.40')).toMatchObject({ block: '10.20.30.40/32', name: 'one host' });
    expect(intel.lookup('fd00:1::1')).toMatchObject({ block: 'fd00::/16', name: 'corporate' });
    expect(intel.lookup('2001:4860:4861::1')).toMatchObject({ block: '2001:4860:4860::/47', name: 'office' });
  });

  it('keep what the table knows of public ranges, and end where they end', () => {
    expect(intel.lookup('8.8.8.127')).toMatchObject({ block: '8.8.8.0/25', name: 'office', class: 'isp', asNumber: 15169 });
    expect(intel.lookup('8.8.8.128')).toMatchObject({ block: '8.8.8.0/24', name: null, class: 'hosting', asNumber: 15169 });
  });

  it('are refused when they are no blocks', () => {
    expect(() => Intel.open({ networks: [{ name: 'x', cidrs: ['10.0.0.0/40'] }] })).toThrow(/"10\.0\.0\.0\/40" of "x"/);
  });
});

describe('feeds', () => {
  it('class addresses and networks, blocks before numbers and earlier feeds before later ones', () => {
    const exits = file('exits.txt', '# exits\n8.8.4.4\n2001:4860:4860::8844\n\n');
    const vpn = file('vpn.txt', '8.8.4.0/24 ; all of it\r\nAS13335 # carries a VPN\n64500,"Example"\nnonsense\n0.0.0.0/0\n');
    const intel = Intel.open({ feeds: [{ file: exits, class: 'tor' }, { file: vpn, class: 'vpn' }], networks: [{ name: 'ours', cidrs: ['1.1.1.0/24'] }] });
    expect(intel.lookup('8.8.4.4').class).toBe('tor');
    expect(intel.lookup('8.8.4.5').class).toBe('vpn');
    expect(intel.lookup('8.8.8.8').class).toBe('hosting');
    expect(intel.lookup('1.0.0.1').class).toBe('vpn');
    expect(intel.lookup('1.1.1.1').class).toBe('private');
    expect(intel.lookup('2001:4860:4860::8844').class).toBe('tor');
    expect(intel.feeds).toEqual([{ file: exits, class: 'tor', entries: 2, skipped: 0 }, { file: vpn, class: 'vpn', entries: 3, skipped: 2 }]);
  });

  it('are refused when they hold nothing', () => {
    expect(() => Intel.open({ feeds: [{ file: file('empty.txt', '# nothing\n<html>\n'), class: 'vpn' }] })).toThrow(/empty\.txt/);
    expect(() => Intel.open({ feeds: [{ file: join(folder, 'absent.txt'), class: 'vpn' }] })).toThrow(/absent\.txt/);
  });
});

describe('mounted MaxMind files', () => {
  const builtAtMs = Date.parse('2026-10-01T00:00:00Z');
  const asnFile = file('asn.mmdb', writeMmdb({
    '8.8.8.0/24': { autonomous_system_number: 64500, autonomous_system_organization: 'Fresh Example' },
    '198.51.100.0/24': { asn: 'AS9009', as_name: 'Other spelling' },
    '2001:4860::/32': { autonomous_system_number: 64501 },
  }, builtAtMs));
  const countryFile = file('country.mmdb', writeMmdb({
    '8.8.8.0/24': { country: { iso_code: 'FR' } }, '198.51.100.0/24': { country_code: 'SE' }, '2001:4860::/32': { registered_country: { iso_code: 'NO' } },
  }, builtAtMs + 86_400_000));

  it('take the place of the table', () => {
    const intel = Intel.open({ asnFile, countryFile });
    expect(intel.lookup('8.8.8.8')).toMatchObject({ asNumber: 64500, asOrganization: 'Fresh Example', country: 'FR', class: 'unknown' });
    expect(intel.lookup('198.51.100.7')).toMatchObject({ asNumber: 9009, asOrganization: 'Other spelling', country: 'SE', class: 'vpn' });
    expect(intel.lookup('2001:4860::1')).toMatchObject({ asNumber: 64501, asOrganization: null, country: 'NO' });
    expect(intel.lookup('1.1.1.1')).toMatchObject({ asNumber: null, country: null });
    expect(intel.lookup('10.0.0.1')).toMatchObject({ asNumber: null, class: 'private' });
    expect(intel.age).toEqual({ source: `${asnFile}, ${countryFile}`, builtAt: '2026-10-01T00:00:00.000Z' });
  });

  it('may replace one half only', () => {
    const intel = Intel.open({ asnFile });
    expect(intel.lookup('8.8.8.8')).toMatchObject({ asNumber: 64500, country: 'US' });
    expect(intel.age).toEqual({ source: `embedded table, ${asnFile}`, builtAt: '2026-06-17T00:00:00.000Z' });
  });

  it('are refused when they are none', () => {
    expect(() => Intel.open({ asnFile: file('bad.mmdb', 'bad') })).toThrow(/bad\.mmdb/);
  });
});

describe('enrich', () => {
  it('fills an event from its source address, and leaves one without as it is', () => {
    const event = { ...emptyEvent('ecs', 0), sourceIp: '8.8.8.8' };
    enrich(event, plain);
    expect(event).toMatchObject({ asNumber: 15169, asOrganization: 'Google LLC', country: 'US', networkBlock: '8.8.8.0/24', networkClass: 'hosting', networkName: null });
    const without = emptyEvent('ecs', 0);
    enrich(without, plain);
    expect(without).toEqual(emptyEvent('ecs', 0));
  });
});

describe('the list of classes', () => {
  it('names no network twice', () => {
    const numbers = classGroups.flatMap((group) => group.systems.map(([asNumber]) => asNumber));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
