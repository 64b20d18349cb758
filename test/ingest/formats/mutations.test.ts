import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formats } from '../../../src/ingest/formats/index.ts';
import { linesOf, reader } from './support.ts';

const folder = new URL('../../data/formats/', import.meta.url);

/** What no vendor documents, and some record will hold nevertheless. */
const odd: readonly unknown[] = [
  null, true, false, 0, -1, 1e308, '', '-', ' ', 'null', '[', '{}', '\u0000', '\u{1F511}', '=', '", a="', '|',
  'arn:', 'arn:aws:iam::', ':', '/', '//', '?', '@', '.', ',', 'AROA:', 'hmac-sha256:', 'https://',
  '9'.repeat(400), '__proto__', 'constructor', 'toString', 'hasOwnProperty', [], {}, [[]], [null], [true], { a: 1 }, [{ type: 'AWS::S3::Bucket' }], { iss: {} }, ['spiffe://'], [1, 'a'],
  { __proto__x: 1 }, { value: null }, '%', '%zz', 'a'.repeat(3000),
];

/** Small generator of Marsaglia: the same numbers in each run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** The record with the value at one of its places, counted from 0 in the order of writing, replaced. */
function withOdd(value: unknown, place: { n: number }, replacement: unknown): unknown {
  if (place.n-- === 0) return replacement;
  if (Array.isArray(value)) return value.map((item) => withOdd(item, place, replacement));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withOdd(item, place, replacement)]));
}

/** What is wrong with what became of a record; `null` when nothing is. */
function wrongWith(outcome: ReturnType<ReturnType<typeof reader>>): string | null {
  if (outcome.kind === 'ignored') return null;
  if (outcome.kind === 'refused') return outcome.refusal.detail === 'The format could not read the record.' ? 'threw' : null;
  const wrong = Object.entries(outcome.event).filter(([, value]) => isWrong(value)).map(([name]) => name);
  return wrong.length === 0 ? null : wrong.join(' ');
}

function isWrong(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => typeof item !== 'string' || item === '');
  return value === '' || value === undefined || Number.isNaN(value) || typeof value === 'function' || typeof value === 'object' && value !== null;
}

const tries = 4;

describe.each(formats.map(({ id }) => id))('%s', (id) => {
  const place = new URL(`${id}/`, folder);
  const lines = readdirSync(place).filter((name) => /\.(?:ndjson|log)$/.test(name)).flatMap((name) => linesOf(new URL(name, place)));
  const read = reader();

  test('whatever stands in one place of a record, the format reads it or says why not', () => {
    const next = generator(0x70ce_11e5);
    const found: string[] = [];
    for (const line of lines.filter((one) => one.startsWith('{'))) {
      const record = JSON.parse(line) as unknown;
      for (let n = 0, isOver = false; !isOver; n += 1) {
        for (let k = 0; k < tries; k += 1) {
          const counter = { n };
          const replacement = odd[next(odd.length)];
          const text = JSON.stringify(withOdd(record, counter, replacement));
          isOver = counter.n >= 0;
          const wrong = isOver ? null : wrongWith(read(text));
          if (wrong !== null) found.push(`${wrong}: place ${n} ${JSON.stringify(replacement).slice(0, 40)} in ${line.slice(0, 60)}`);
        }
      }
    }
    expect(found).toEqual([]);
  });

  test('whatever characters a line loses or gains, the format reads it or says why not', () => {
    const next = generator(0x0b5e_55ed);
    const found: string[] = [];
    for (const line of lines.filter((one) => !one.startsWith('{'))) {
      for (let k = 0; k < 60; k += 1) {
        const at = next(line.length), end = Math.min(line.length, at + next(20));
        const piece = odd[next(odd.length)];
        const text = line.slice(0, at) + (typeof piece === 'string' ? piece : '') + line.slice(end);
        const wrong = wrongWith(read(text));
        if (wrong !== null) found.push(`${wrong}: ${text.slice(0, 300)}`);
      }
    }
    expect(found).toEqual([]);
  });
});
