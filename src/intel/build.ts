/**
 * Makes the network table of a release: `node src/intel/build.ts <outfile>`. Takes the packages
 * named below from the package registry into a temporary folder; they are no dependencies.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCidr, type Cidr } from './cidr.ts';
import { encodeTable } from './encode-table.ts';
import { overlay, subtract, type Range } from './overlay.ts';
import { namedRanges, unroutedRanges } from './special.ts';

const version = '2.3.2026061719';
const date = '2026-06-17';
const packages = { asn: `@ip-location-db/asn@${version}`, country: `@ip-location-db/geo-whois-asn-country@${version}` };

function unpack(name: string, folder: string): string {
  const into = mkdtempSync(join(folder, 'package-'));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', into, name], { stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync('tar', ['xzf', join(into, readdirSync(into)[0]!), '-C', into]);
  return join(into, 'package');
}

/** Lines of `start,end,value`. The lists are sorted; v6 goes by its first 64 bits. */
function readRanges<T>(file: string, shift: bigint, parse: (value: string) => T): Range<T>[] {
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => {
    const first = line.indexOf(',');
    const second = line.indexOf(',', first + 1);
    return { start: BigInt(line.slice(0, first)) >> shift, end: BigInt(line.slice(first + 1, second)) >> shift, value: parse(line.slice(second + 1)) };
  });
}

/** What the lists must not speak of, as sorted ranges of one family. */
function reservedRanges(version: 4 | 6): Range<null>[] {
  const blocks = [...Object.values(namedRanges).flat(), ...unroutedRanges].map((text) => parseCidr(text)!);
  return blocks.filter((block) => block.version === version).map(toRange).toSorted((a, b) => (a.start < b.start ? -1 : 1));
}

/** `::1/128` is smaller than what the table tells apart: it takes its whole /64. */
function toRange(block: Cidr): Range<null> {
  const width = BigInt(block.version === 4 ? 32 - block.bits : Math.max(0, 64 - block.bits));
  const start = block.version === 4 ? BigInt(block.start) : block.start.subarray(0, 4).reduce((value, group) => value * 65536n + BigInt(group), 0n);
  return { start, end: start + 2n ** width - 1n, value: null };
}

function build(outfile: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'networks-'));
  try {
    const asn = unpack(packages.asn, folder);
    const country = unpack(packages.country, folder);
    const organizations = new Map<number, string>();
    const parseAsn = (value: string): number => {
      const comma = value.indexOf(',');
      const name = value.slice(comma + 1);
      const asNumber = Number(value.slice(0, comma));
      organizations.set(asNumber, name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);
      return asNumber;
    };
    const rows = (version: 4 | 6, shift: bigint) => overlay(
      subtract(readRanges(join(asn, `asn-ipv${version}-num.csv`), shift, parseAsn), reservedRanges(version)),
      subtract(readRanges(join(country, `geo-whois-asn-country-ipv${version}-num.csv`), shift, (value) => value), reservedRanges(version)),
    );
    const v4 = rows(4, 0n);
    const v6 = rows(6, 64n);
    const bytes = encodeTable({ date, organizations, v4, v6 });
    writeFileSync(outfile, bytes);
    process.stderr.write(`${v4.length} v4 and ${v6.length} v6 ranges, ${organizations.size} networks, ${bytes.length} bytes\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const outfile = process.argv[2];
if (outfile === undefined) throw new Error('usage: node src/intel/build.ts <outfile>');
build(outfile);
