import { expect, test } from 'vitest';
import { derivedId } from '../../src/ingest/derived-id.ts';
import type { RawRecord } from '../../src/ingest/record.ts';

const origin = { path: 'a.log', place: 0, identity: 'x', source: null, modifiedMs: null };
function idOf(bytes: Uint8Array, changed: Partial<RawRecord> = {}): string {
  return derivedId({ origin, bytes, offset: 0, index: null, ordinal: 0, originalPosition: null, envelopeTimeMs: null, ...changed });
}
const line = Buffer.from('{"start_time":"2026-03-01T10:00:00.000Z","path":"/v1/orders","code":200}');

test('every bit of the bytes counts, and so does their number', () => {
  const ids = new Set([idOf(line)]);
  for (let bit = 0; bit < line.length * 8; bit += 1) {
    const changed = Buffer.from(line);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    ids.add(idOf(changed));
  }
  for (let length = 0; length < line.length; length += 1) ids.add(idOf(line.subarray(0, length)));
  expect(ids.size).toBe(1 + line.length * 9);
});

test('two changes do not cancel each other', () => {
  const ids = new Set<string>();
  const letters = line.length - 1;
  for (let one = 0; one < letters; one += 1) {
    for (let other = one + 1; other < letters; other += 1) {
      const changed = Buffer.from(line);
      changed[one]! ^= 0x20;
      changed[other]! ^= 0x20;
      ids.add(idOf(changed));
    }
  }
  expect(ids.size).toBe(letters * (letters - 1) / 2);
});

test('it does not matter where in memory the bytes lie', () => {
  for (let shift = 0; shift < 9; shift += 1) {
    const moved = Buffer.concat([Buffer.alloc(shift, 'z'), line, Buffer.from('rest')]);
    expect(idOf(moved.subarray(shift, shift + line.length))).toBe(idOf(line));
  }
});

test('places far into large inputs are told apart', () => {
  const offsets = [0, 1, 2 ** 30 - 1, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 53 - 1];
  const places = offsets.flatMap((offset) => [null, 0, 1, 2 ** 20].map((index) => idOf(line, { offset, index })));
  expect(new Set(places).size).toBe(offsets.length * 4);
});

test('inputs may take turns', () => {
  const other = { ...origin, identity: 'y' };
  const [first, second] = [idOf(line), idOf(line, { origin: other })];
  const original = idOf(line, { originalPosition: 'host|file|7' });
  expect([idOf(line), idOf(line, { origin: other }), idOf(line, { originalPosition: 'host|file|7' }), idOf(line)]).toEqual([first, second, original, first]);
});
