import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formats } from '../../../src/ingest/formats/index.ts';
import { linesOf, reader } from './support.ts';

const folder = new URL('../../data/formats/', import.meta.url);
const records = formats.flatMap(({ id }) => readdirSync(new URL(`${id}/`, folder))
  .filter((name) => name.endsWith('.ndjson'))
  .flatMap((name) => linesOf(new URL(`${id}/${name}`, folder))))
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line) as unknown);

const odd = fc.oneof(
  fc.constantFrom(
    null, true, false, 0, -1, 1e308, '', '-', 'null', ' ', '[', '{}', '\u0000', '=', '", a="', 'arn:', ':', '/', '//', '?', '@', 'AROA:', 'hmac-sha256:', '9'.repeat(400), '__proto__', 'constructor',
  ),
  fc.constantFrom([], {}, [[]], [null], { a: 1 }, [{ type: 'AWS::S3::Bucket' }], { iss: {} }, ['spiffe://'], [1, 'a']),
  fc.string({ maxLength: 40, unit: 'binary' }),
);

/** The record with the value at one of its places replaced, the place chosen by a number. */
function withOdd(value: unknown, place: { n: number }, replacement: unknown): unknown {
  if (place.n-- === 0) return replacement;
  if (Array.isArray(value)) return value.map((item) => withOdd(item, place, replacement));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withOdd(item, place, replacement)]));
}

describe('whatever stands in a record', () => {
  test('it becomes an event, or is refused for a stated reason, but never by an error of the format\'s own', () => {
    const read = reader();
    fc.assert(fc.property(fc.nat(records.length - 1), fc.nat(60), odd, (which, n, replacement) => {
      const outcome = read(JSON.stringify(withOdd(records[which], { n }, replacement)));
      if (outcome.kind === 'refused') expect(outcome.refusal.detail).not.toBe('The format could not read the record.');
      if (outcome.kind === 'event') {
        const { event } = outcome;
        expect([event.timeMs, event.orderMs].every((time) => Number.isSafeInteger(time))).toBe(true);
        expect(Object.values(event).filter((value) => value === '' || value === undefined || Number.isNaN(value))).toEqual([]);
      }
    }), { numRuns: 3000 });
  });

  test('lines of any text are read in linear time, or not at all', () => {
    const read = reader();
    const bombs = [
      '[2026-11-22T02:14:00Z] "', '2026-11-22 02:14:00,123 INFO  [org.keycloak.events] (t) type="', 'type=, ',
    ].flatMap((head) => ['"', ' ', '" "', '=', '", a="', '(', '?'].map((part) => head + part.repeat(10_000)));
    expect(bombs.map((line) => read(line).kind).every((kind) => kind === 'refused' || kind === 'ignored' || kind === 'event')).toBe(true);
  });
});
