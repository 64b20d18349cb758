import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zstdCompressSync } from 'node:zlib';
import { encodeTable } from '../../src/intel/encode-table.ts';
import { overlay, subtract, type Range, type Row } from '../../src/intel/overlay.ts';
import { NetworkTable, noFacts } from '../../src/intel/table.ts';

const organizations = new Map([[64500, 'First, Inc.'], [64501, 'Zweite GmbH & Co. Köln']]);

function tableOf(v4: readonly Row[], v6: readonly Row[] = []): NetworkTable {
  return new NetworkTable(encodeTable({ date: '2026-06-17', organizations, v4, v6 }));
}

/** Sorted ranges within 0..400, perhaps overlapping. */
const ranges = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Range<T>[]> =>
  fc.array(fc.tuple(fc.nat(380), fc.nat(20), value), { maxLength: 12 }).map((list) =>
    list.toSorted((a, b) => a[0] - b[0]).map(([start, length, v]) => ({ start: BigInt(start), end: BigInt(start + length), value: v })));
const asNumbers = ranges(fc.constantFrom(64500, 64501, 64502));
const countries = ranges(fc.constantFrom('DE', 'US'));

/** The plain reading of a list: the first range that holds the place. */
function scan<T>(list: readonly Range<T>[], at: number): T | null {
  return list.find((range) => range.start <= at && range.end >= at)?.value ?? null;
}

describe('NetworkTable', () => {
  it('finds what a scan of the lists finds, at every address', () => {
    fc.assert(fc.property(asNumbers, countries, (systems, places) => {
      const table = tableOf(overlay(systems, places));
      for (let address = 0; address <= 401; address++) {
        const asNumber = scan(systems, address);
        expect(table.findV4(address)).toEqual({ asNumber, asOrganization: organizations.get(asNumber ?? 0) ?? null, country: scan(places, address) });
      }
    }), { numRuns: 50 });
  });

  it('finds IPv6 by both words of the first 64 bits', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.bigInt(0n, 2n ** 64n - 1n), { minLength: 1, maxLength: 20 }), (starts) => {
      const sorted = starts.toSorted((a, b) => (a < b ? -1 : 1));
      const table = tableOf([], sorted.map((start, i) => ({ start, asNumber: i + 1, country: '' })));
      const find = (at: bigint) => table.findV6(Number(at >> 32n), Number(at & 0xffffffffn)).asNumber;
      sorted.forEach((start, i) => {
        expect(find(start)).toBe(i + 1);
        if (start > 0n) expect(find(start - 1n)).toBe(sorted.findLastIndex((other) => other < start) + 1 || null);
      });
    }));
  });

  it('holds the whole space of IPv4', () => {
    const table = tableOf([{ start: 0n, asNumber: 64500, country: 'DE' }, { start: 0xffffffffn, asNumber: 64501, country: '' }]);
    expect(table.findV4(0xfffffffe)).toEqual({ asNumber: 64500, asOrganization: 'First, Inc.', country: 'DE' });
    expect(table.findV4(0xffffffff)).toEqual({ asNumber: 64501, asOrganization: 'Zweite GmbH & Co. Köln', country: null });
  });

  it('knows nothing before its first row, and nothing when empty', () => {
    expect(tableOf([{ start: 5n, asNumber: 64500, country: '' }]).findV4(4)).toEqual(noFacts);
    expect(tableOf([]).findV4(4)).toEqual(noFacts);
    expect(tableOf([]).findV6(1, 2)).toEqual(noFacts);
  });

  it('shares its answers, so that equal networks are one object', () => {
    const table = tableOf([{ start: 0n, asNumber: 64500, country: 'DE' }]);
    expect(table.findV4(1)).toBe(table.findV4(2));
    expect([table.date, table.size]).toEqual(['2026-06-17', 1]);
  });

  it('refuses damaged files', () => {
    expect(() => new NetworkTable(Buffer.from('not a table'))).toThrow(/frame|descriptor/i);
    expect(() => new NetworkTable(zstdCompressSync(Buffer.from('\x05other')))).toThrow(/format/);
    expect(() => new NetworkTable(zstdCompressSync(Buffer.from('\x14tokenward networks 1')))).toThrow(/cut off/);
  });
});

describe('overlay', () => {
  it('merges neighbours that say the same', () => {
    const rows = overlay([{ start: 1n, end: 2n, value: 64500 }, { start: 3n, end: 4n, value: 64500 }], []);
    expect(rows).toEqual([{ start: 1n, asNumber: 64500, country: '' }, { start: 5n, asNumber: 0, country: '' }]);
  });
});

describe('subtract', () => {
  it('leaves out exactly the holes', () => {
    fc.assert(fc.property(asNumbers, fc.uniqueArray(fc.nat(40), { maxLength: 8 }), (list, places) => {
      const holes = places.toSorted((a, b) => a - b).map((place) => ({ start: BigInt(place * 10), end: BigInt(place * 10 + 4), value: null }));
      const rest = subtract(list, holes);
      for (let at = 0; at <= 401; at++) {
        expect(scan(rest, at)).toBe(holes.some((hole) => hole.start <= at && hole.end >= at) ? null : scan(list, at));
      }
    }), { numRuns: 50 });
  });
});
