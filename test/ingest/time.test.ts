import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlausibleTime, isTimezone, parseTime } from '../../src/ingest/time.ts';

const at = (text: string): number => Date.parse(text);
const utc = (value: string | number | boolean | null): number | null => parseTime(value, 'UTC', null);

describe('parseTime', () => {
  it.each([
    ['2026-11-22T04:07:38.735Z', '2026-11-22T04:07:38.735Z'],
    ['2026-11-22T04:07:38Z', '2026-11-22T04:07:38Z'],
    ['2026-11-22t04:07:38.7z', '2026-11-22T04:07:38.7Z'],
    ['2026-11-22T04:07:38.73Z', '2026-11-22T04:07:38.73Z'],
    ['2026-11-22T04:07:38.123999999Z', '2026-11-22T04:07:38.123Z'],
    ['2026-11-22T04:07:38.735+05:30', '2026-11-21T22:37:38.735Z'],
    ['2026-11-22T04:07:38-0800', '2026-11-22T12:07:38Z'],
    ['2026-11-22 04:07:38+01', '2026-11-22T03:07:38Z'],
    ['2026-11-22 04:07:38 +0100', '2026-11-22T03:07:38Z'],
    ['2026-11-22 04:07:38.735 UTC', '2026-11-22T04:07:38.735Z'],
    ['2023-05-25 22:24:19,357', '2023-05-25T22:24:19.357Z'],
    ['2026/11/22 04:07:38', '2026-11-22T04:07:38Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2026-12-31T23:59:60Z', '2026-12-31T23:59:59.999Z'],
    ['22/Nov/2026:04:07:38 +0000', '2026-11-22T04:07:38Z'],
    ['22/Nov/2026:04:07:38 -0130', '2026-11-22T05:37:38Z'],
    ['22/Nov/2026:04:07:38.735', '2026-11-22T04:07:38.735Z'],
    ['Nov 22 2026 04:07:38', '2026-11-22T04:07:38Z'],
    ['Nov 22 2026 04:07:38.735 UTC', '2026-11-22T04:07:38.735Z'],
    ['Sun Nov 22 04:07:38.735123 2026', '2026-11-22T04:07:38.735Z'],
    ['Sun Nov  1 04:07:38 2026', '2026-11-01T04:07:38Z'],
  ])('%s', (text, expected) => {
    expect(utc(text)).toBe(at(expected));
  });

  it.each([
    1793491200, 1793491200000, 1793491200000000, '1793491200', '1793491200000', '1793491200.000', '1793491200000000000',
  ])('epoch %s by its size', (value) => {
    expect(utc(value)).toBe(1793491200000);
  });

  it('cuts fractions of an epoch number', () => {
    expect(utc(1793491200.7359)).toBe(1793491200735);
    expect(utc('1793491200.735')).toBe(1793491200735);
  });

  it.each([
    '2026-02-29T00:00:00Z', '2100-02-29T00:00:00Z', '2026-04-31T00:00:00Z', '2026-00-01T00:00:00Z', '2026-01-00T00:00:00Z',
    '2026-11-22T04:60:00Z', '2026-11-22T04:07:61Z', '2026-11-22T04:07:38.Z', '2026-11-22T04:07:38.1234567890Z',
    '2026-11-22T04:07:38+1', '2026-11-22T04:07:38+01:0', '2026-11-22T04:07:38+01:00:00', '2026-11-22T04:07:38ZZ', '2026-11-22T04:07',
    '2026-11/22T04:07:38Z', '22/Nov/2026', '22/Foo/2026:04:07:38 +0000', '31/Feb/2026:04:07:38 +0000', 'Nov 31 2026 04:07:38',
    'yesterday', '-', ' ', '2026-11-22T04:07:38 PST', '1.2.3', '1793491200.', 0, 1, -1793491200, Infinity, NaN, true, null,
    'x'.repeat(100_000), '1'.repeat(100_000),
  ])('refuses %s', (value) => {
    expect(utc(value)).toBeNull();
  });

  it('reads times without a zone in the configured one, over both changes of the clock', () => {
    const berlin = (text: string) => parseTime(text, 'Europe/Berlin', null);
    expect(berlin('2026-07-01T12:00:00')).toBe(at('2026-07-01T10:00:00Z'));
    expect(berlin('2026-12-01T12:00:00')).toBe(at('2026-12-01T11:00:00Z'));
    expect(berlin('2026-03-29T01:59:59')).toBe(at('2026-03-29T00:59:59Z'));
    expect(berlin('2026-03-29T02:30:00')).toBe(at('2026-03-29T01:30:00Z'));
    expect(berlin('2026-03-29T03:00:00')).toBe(at('2026-03-29T01:00:00Z'));
    expect(berlin('2026-10-25T02:30:00')).toBe(at('2026-10-25T00:30:00Z'));
    expect(berlin('2026-10-25T03:00:00')).toBe(at('2026-10-25T02:00:00Z'));
    expect(parseTime('2026-11-22T12:00:00', 'Asia/Kathmandu', null)).toBe(at('2026-11-22T06:15:00Z'));
    expect(parseTime('2026-11-22T12:00:00', 'America/New_York', null)).toBe(at('2026-11-22T17:00:00Z'));
    expect(berlin('2026-07-01T12:00:00Z')).toBe(at('2026-07-01T12:00:00Z'));
  });

  it('gives the year of the reference to times without one', () => {
    const read = (text: string, reference: string) => parseTime(text, 'UTC', at(reference));
    expect(read('Nov 22 04:07:38', '2026-11-22T05:00:00Z')).toBe(at('2026-11-22T04:07:38Z'));
    expect(read('Nov  2 04:07:38', '2026-11-22T05:00:00Z')).toBe(at('2026-11-02T04:07:38Z'));
    expect(read('Nov 2 04:07:38.5', '2026-11-22T05:00:00Z')).toBe(at('2026-11-02T04:07:38.5Z'));
    expect(read('Dec 31 23:59:59', '2026-01-01T00:00:10Z')).toBe(at('2025-12-31T23:59:59Z'));
    expect(read('Jan  1 00:30:00', '2025-12-31T23:30:00Z')).toBe(at('2026-01-01T00:30:00Z'));
    expect(read('Feb 29 12:00:00', '2025-03-01T00:00:00Z')).toBe(at('2024-02-29T12:00:00Z'));
    expect(parseTime('Nov 22 04:07:38', 'UTC', null)).toBeNull();
  });

  it('agrees with Date.parse on every RFC 3339 instant', () => {
    fc.assert(fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true }), (date) => {
      expect(utc(date.toISOString())).toBe(date.getTime());
    }));
  });

  it('never throws on any text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9TZ:+ .-]{1,40}$/)), (text) => {
      const timeMs = parseTime(text, 'Europe/Berlin', 0);
      expect(timeMs === null || timeMs >= 0).toBe(true);
    }));
  });
});

describe('the table of timestamps', () => {
  // The table's own clock. It declares no zone, so a time without one is refused.
  const storedMs = at('2026-11-02T00:00:00Z');
  const rows = readFileSync(new URL('../data/intel/timestamps.tsv', import.meta.url), 'utf8')
    .split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split('\t') as [string, string, string]);
  const numbers = /number|seconds|epoch|Infinity|digit|range/;

  const value = (raw: string, note: string): string | number | boolean | null => {
    const relative = /^now([+-]\d+)([smh])$/.exec(raw);
    if (relative) return storedMs + Number(relative[1]) * { s: 1000, m: 60_000, h: 3_600_000 }[relative[2] as 's' | 'm' | 'h'];
    if (raw === 'null') return null;
    if (raw.startsWith('{')) return JSON.parse(raw) as never;
    if (/^-?[\d.e]+$/.test(raw) && numbers.test(note) && !note.includes('string')) return Number(raw);
    return JSON.parse(`"${raw === '""' ? '' : raw}"`) as string;
  };

  it('has all its rows', () => expect(rows).toHaveLength(35));

  it.each(rows)('%s: %s (%s)', (raw, expected, note) => {
    const timeMs = parseTime(value(raw, note), '', null);
    const verdict = timeMs === null ? 'reject' : isPlausibleTime(timeMs, storedMs) ? 'accept' : 'quarantine';
    expect(verdict).toBe(expected);
  });
});

describe('isTimezone', () => {
  it('knows zones from other words', () => {
    expect(['UTC', 'Europe/Berlin', 'Asia/Kathmandu'].every(isTimezone)).toBe(true);
    expect(isTimezone('Mars/Olympus')).toBe(false);
  });
});
