import { expect, test } from 'vitest';
import { logfmt } from '../../../../src/ingest/formats/secrets/logfmt.ts';

test.each([
  ['a=1 b="x y" c=', { a: '1', b: 'x y', c: '' }],
  ['a="q \\"in\\" q" b=2', { a: 'q "in" q', b: '2' }],
  ['time="2026-11-22T02:14:00Z" msg="API accessed"', { time: '2026-11-22T02:14:00Z', msg: 'API accessed' }],
])('%s', (line, found) => {
  expect({ ...logfmt(line) }).toEqual(found);
});

test.each(['', 'plain words', 'a="never ends', '=x', 'a b=1', 'x'.repeat(70_000)])('is none: %.20s', (line) => {
  expect(logfmt(line)).toBe(null);
});

test('keys of every object are nothing special', () => {
  const found = logfmt('__proto__=x toString=y')!;
  expect(Object.entries(found)).toEqual([['__proto__', 'x'], ['toString', 'y']]);
  expect('constructor' in found).toBe(false);
});
