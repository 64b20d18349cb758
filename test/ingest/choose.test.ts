import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { askedFirst } from '../../src/ingest/choose.ts';
import { formats } from '../../src/ingest/formats/index.ts';
import { firstOf, jsonIn, path } from '../../src/ingest/paths.ts';
import { defineFormat, shape } from '../../src/ingest/formats/format.ts';
import { RecordReader } from '../../src/ingest/reader.ts';
import { linesOf } from './formats/support.ts';

const folder = new URL('../data/formats/', import.meta.url);
const options = { mappingOf: () => ({}), secret: () => { throw new Error('nobody asks'); } };

describe('choosing among many formats', () => {
  test('finds the shape that asking each of them finds', () => {
    const reader = new RecordReader(formats, options);
    const lines = formats.flatMap(({ id }) => readdirSync(new URL(`${id}/`, folder))
      .filter((name) => name.endsWith('.ndjson')).flatMap((name) => linesOf(new URL(`${id}/${name}`, folder))));
    let found = 0;
    for (const line of lines) {
      if (reader.readJson(Buffer.from(line)) !== null) continue;
      const chosen = reader.claimJson();
      expect(chosen).toBe(reader.jsonShapes.find((candidate) => reader.claims(candidate)) ?? null);
      if (chosen !== null) found += 1;
    }
    expect(found).toBeGreaterThan(200);
  });

  test('every shape of JSON has a gate of few fields, or it would be asked about every record', () => {
    const open = formats.flatMap(({ id, shapes }) => shapes.filter(({ kind }) => kind === 'json').map((one) => [id, askedFirst(one)] as const))
      .filter(([, asked]) => asked === null || asked.length === 0 || asked.length > 12);
    expect(open).toEqual([]);
  });

  test('a shape is asked as soon as one of the fields that it begins with is there, under any of its names', () => {
    const fields = { kind: firstOf(path('kind'), path('type')), size: path('size'), inside: jsonIn(['text'], path('a')) };
    const format = defineFormat({
      id: 'x', title: '', describe: '', vantage: 'gateway', repeats: false, notes: [],
      shapes: [shape({
        kind: 'json', fields, recognize: (values) => values.kind === 'k' || values.kind === null && (values.size !== null || values.inside === 1), normalize: () => 'ignore',
      })],
    });
    const reader = new RecordReader([format], options);
    const isClaimed = (record: unknown) => {
      expect(reader.readJson(Buffer.from(JSON.stringify(record)))).toBe(null);
      return reader.claimJson() !== null;
    };
    expect(askedFirst(format.shapes[0]!)).toEqual(['kind', 'size', 'inside']);
    expect([{ type: 'k' }, { kind: 'k' }, { size: 0 }, { text: '{"a":1}' }].map(isClaimed)).toEqual([true, true, true, true]);
    expect([{ type: 'other' }, { other: 1 }, {}, { text: '{"a":2}' }, { text: 'no' }].map(isClaimed)).toEqual([false, false, false, false, false]);
  });

  test('a shape that says yes to nothing, or fails on it, is always asked', () => {
    const of = (recognize: () => boolean) => askedFirst(shape({ kind: 'json', fields: {}, recognize, normalize: () => 'ignore' }));
    expect(of(() => true)).toBe(null);
    expect(of(() => { throw new Error('no'); })).toBe(null);
  });
});

test('what stands inside strings is read anew for each record, and for each string', () => {
  const fields = { a: jsonIn(['one'], path('a')), b: jsonIn(['one'], path('b')), c: jsonIn(['two'], path('a')) };
  const format = defineFormat({
    id: 'x', title: '', describe: '', vantage: 'gateway', repeats: false, notes: [], shapes: [shape({ kind: 'json', fields, recognize: () => true, normalize: () => 'ignore' })],
  });
  const reader = new RecordReader([format], options);
  const read = (record: unknown) => {
    expect(reader.readJson(Buffer.from(JSON.stringify(record)))).toBe(null);
    const { a, b, c } = reader.jsonShapes[0]!.values;
    return [a, b, c, reader.jsonShapes[0]!.values['a']];
  };
  expect(read({ one: '{"a":1,"b":2}', two: '{"a":3}' })).toEqual([1, 2, 3, 1]);
  expect(read({ one: '{"a":4}', two: '{"a":4}' })).toEqual([4, null, 4, 4]);
  expect(read({ one: 7, two: '{"a":4}' })).toEqual([null, null, 4, null]);
  expect(read({ two: 'no' })).toEqual([null, null, null, null]);
});
