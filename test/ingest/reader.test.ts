import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineFormat, shape } from '../../src/ingest/formats/format.ts';
import type { SecretView } from '../../src/ingest/formats/format.ts';
import { each, firstOf, jsonIn, path, subtree, where } from '../../src/ingest/paths.ts';
import type { Json, Path } from '../../src/ingest/paths.ts';
import { RecordReader } from '../../src/ingest/reader.ts';
import { select } from '../../src/ingest/scan/select.ts';

type Fields = Readonly<Record<string, Path>>;
const secret = (rawToken: string): SecretView => ({ fingerprint: () => rawToken, sha256Fingerprint: () => rawToken, claims: null });

function readerOf(fields: Fields, secrets: Fields = {}, mapping: Readonly<Record<string, readonly string[]>> = {}): RecordReader {
  const declared = shape({ kind: 'json', fields, secrets, recognize: () => true, normalize: () => 'ignore' });
  const format = defineFormat({ id: 'x', title: '', describe: '', vantage: 'gateway', repeats: false, notes: [], shapes: [declared] });
  return new RecordReader([format], { mappingOf: () => mapping, secret, limits: { bytes: 131_072, depth: 32, keys: 2048 } });
}

/** The declared values of one record, or the reason why there are none. */
function read(reader: RecordReader, text: string): Record<string, unknown> | string {
  const problem = reader.readJson(new TextEncoder().encode(text));
  if (problem !== null) return problem.reason;
  const declared = reader.jsonShapes[0]!;
  const values = Object.fromEntries(Object.keys(declared.shape.fields).map((name) => [name, declared.values[name]]));
  return reader.problem?.reason ?? values;
}
const readOne = (declared: Path, text: string) => {
  const values = read(readerOf({ value: declared }), text);
  return typeof values === 'string' ? values : values['value'];
};

describe('scalars', () => {
  test.each([
    ['"text"', 'text'], ['""', ''], ['"caf\u00e9 \u{1f600}"', 'caf\u00e9 \u{1f600}'], ['"a\\n\\u0041\\ud83d\\ude00"', 'a\nA\u{1f600}'],
    ['0', 0], ['-0', -0], ['-12.5e3', -12500], ['123456789012345', 123456789012345], ['9007199254740991', 9007199254740991],
    ['9007199254740993', '9007199254740993'], ['12345678901234567890', '12345678901234567890'], ['-12345678901234567890', '-12345678901234567890'], ['1e400', '1e400'],
    ['true', true], ['false', false], ['null', null], ['{}', null], ['[]', null], ['{"b":1}', null],
    ['"\\ud800"', 'bad_field'], ['"\\udc00\\ud800"', 'bad_field'],
  ])('%s', (json, value) => expect(readOne(path('a'), `{"z":[1,{"a":5}], "a" : ${json} ,"b":"\\ud800"}`)).toBe(value));

  test('absent', () => expect(readOne(path('a', 'b'), '{"a":"b"}')).toBeNull());
  test('keys written with escapes, keys with dots, empty keys', () => {
    expect(readOne(path('user', 'a.b', ''), '{"us\\u0065r":{"a":{"b":1},"a.b":{"":"x"}}}')).toBe('x');
  });
  test('places in arrays', () => {
    expect(readOne(path('a', '1', 'b'), '{"a":[{"b":0},{"b":1},{"b":2}]}')).toBe(1);
    expect(readOne(path('a', '5'), '{"a":[1]}')).toBeNull();
    expect(readOne(path('0'), '["first"]')).toBe('first');
  });
  test('the same text again is read again, and never a neighbour\'s', () => {
    const reader = readerOf({ value: path('a') });
    for (let i = 0; i < 12_000; i += 1) expect(read(reader, `{"a":"text ${i % 5000}"}`)).toEqual({ value: `text ${i % 5000}` });
  });
  test('letters beyond ASCII whose bytes look like others', () => {
    const reader = readerOf({ value: path('a') });
    expect([read(reader, '{"a":"\u00c3\u00a9"}'), read(reader, '{"a":"\u00e9"}'), read(reader, '{"a":"e"}')]).toEqual([{ value: '\u00c3\u00a9' }, { value: '\u00e9' }, { value: 'e' }]);
  });
});

describe('combinators', () => {
  test('each leaves absent ones out and stops at 64', () => {
    expect(readOne(each(['r'], path('n')), '{"r":[{"n":1},{},{"n":null},{"n":"b"}]}')).toEqual([1, 'b']);
    expect(readOne(each(['r']), `{"r":[${Array.from({ length: 100 }, (_, i) => i).join()}]}`)).toHaveLength(64);
    expect(readOne(each(['r']), '{"r":{"a":1}}')).toBeNull();
  });
  test('where finds the element with a key', () => {
    expect(readOne(where(['p'], 'name', 'ip', path('value')), '{"p":[{"name":"x","value":1},{"name":"ip","value":2},{"name":"ip","value":3}]}')).toBe(2);
    expect(readOne(where(['p'], 'name', 'none', path('value')), '{"p":[{"name":"x","value":1},7,null]}')).toBeNull();
  });
  test('firstOf skips null and absent', () => {
    expect(readOne(firstOf<unknown>(path('a'), each(['b'])), '{"a":null,"b":[1]}')).toEqual([1]);
  });
  test('jsonIn reads JSON inside a string, twice wrapped too', () => {
    const wrapped = JSON.stringify({ m: JSON.stringify({ n: JSON.stringify({ id: '12345678901234567890' }), big: 1 }) });
    expect(readOne(jsonIn(['m'], jsonIn(['n'], path('id'))), wrapped)).toBe('12345678901234567890');
    expect(readOne(jsonIn(['m'], path('id')), '{"m":"{\\"id\\":9007199254740993}"}')).toBe('9007199254740993');
    expect(readOne(jsonIn(['m'], path('id')), '{"m":"{no json"}')).toBeNull();
    expect(readOne(jsonIn(['m'], path('id')), '{"m":{"id":1}}')).toBeNull();
  });
  test('subtree and containers beyond their bound are absent', () => {
    expect(readOne(subtree(['s']), '{"s": {"a":[1,{"b":"c"}],"d":12345678901234567890} }')).toEqual({ a: [1, { b: 'c' }], d: '12345678901234567890' });
    expect(readOne(subtree(['s'], 10), '{"s":{"a":"longer"}}')).toBeNull();
    expect(readOne(each(['r']), `{"r":["${'x'.repeat(65_536)}"]}`)).toBeNull();
  });
  test('a repeated key or half a surrogate inside is refused', () => {
    expect(readOne(subtree(['s']), '{"s":{"a":1,"\\u0061":2}}')).toBe('duplicate_field');
    expect(readOne(jsonIn(['m'], path('id')), '{"m":"{\\"id\\":1,\\"id\\":2}"}')).toBe('duplicate_field');
    expect(readOne(each(['r']), '{"r":["\\ud800"]}')).toBe('bad_field');
  });
  test('__proto__ and its kin are keys like others', () => {
    const tree = readOne(subtree(['s']), '{"s":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}') as object;
    expect(Object.getPrototypeOf(tree)).toBeNull();
    expect(Object.keys(tree)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(readOne(path('__proto__', 'x'), '{"__proto__":{"x":1}}')).toBe(1);
    expect(readOne(path('constructor', 'name'), '{}')).toBeNull();
    expect(readOne(each(['r'], path('constructor', 'name')), '{"r":[{},[]]}')).toEqual([]);
  });
});

describe('against JSON.parse', () => {
  const key = fc.constantFrom('a', 'b', 'c', '0', '1', '', '__proto__', 'k\u00e9y');
  const unit = fc.constantFrom('a', 'b', '0', '.', ' ', '\n', '\0', '"', '\\', '\u00e9', '\u2028', '\u{1f600}');
  const leaf = fc.oneof(fc.string({ unit }), fc.integer(), fc.integer().map((n) => n / 1000), fc.boolean(), fc.constant(null));
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof({ maxDepth: 4, depthSize: 'large' }, leaf, fc.array(tie('tree'), { maxLength: 4 }), fc.dictionary(key, tie('tree'), { maxKeys: 6 })),
  }));
  const keys = fc.array(key, { maxLength: 3 });
  const declared = fc.oneof(
    keys.map((names): Path => path(...names)), keys.map((names): Path => subtree(names)),
    fc.tuple(keys, keys).map(([outer, inner]): Path => each(outer, path(...inner))),
    fc.tuple(keys, key, keys).map(([outer, name, inner]): Path => where(outer, name, 'a', path(...inner))),
    fc.tuple(keys, keys).map(([first, second]): Path => firstOf<unknown>(path(...first), path(...second))),
  );
  const spaced = (value: Json, indent: number) => JSON.stringify(value, null, indent);

  test('every declared value is what the parsed record has there', () => {
    fc.assert(fc.property(fc.array(fc.tuple(tree, fc.nat(2)), { maxLength: 4 }), fc.array(declared, { minLength: 1, maxLength: 8 }), (records, paths) => {
      const fields = Object.fromEntries(paths.map((one, i) => [`f${i}`, one]));
      const reader = readerOf(fields);
      for (const [record, indent] of records) {
        const text = spaced(record, indent);
        const expected = Object.fromEntries(paths.map((one, i) => [`f${i}`, select(one, JSON.parse(text) as Json, () => undefined)]));
        expect(JSON.stringify(read(reader, text))).toBe(JSON.stringify(expected));
      }
    }), { numRuns: 700 });
  });
});

describe('secrets and mapping', () => {
  test('secrets are views and not among the values', () => {
    const reader = readerOf({ a: path('a') }, { rawToken: path('t') });
    expect(read(reader, '{"a":1,"t":"s3cret"}')).toEqual({ a: 1 });
    expect(reader.jsonShapes[0]!.secrets['rawToken']!.fingerprint('i')).toBe('s3cret');
    read(reader, '{"a":1,"t":""}');
    expect(reader.jsonShapes[0]!.secrets['rawToken']).toBeNull();
  });
  test('an operator\'s own keys take a field\'s place', () => {
    expect(read(readerOf({ ip: path('ip') }, {}, { ip: ['client', 'addr'] }), '{"ip":1,"client":{"addr":2}}')).toEqual({ ip: 2 });
  });
});

describe('naughty strings', () => {
  const file = join(import.meta.dirname, '../../../shared/data/hostile/naughty-strings/blns.json');
  let strings: string[] = [];
  try { strings = JSON.parse(readFileSync(file, 'utf8')) as string[]; } catch { /* The larger data is not everywhere. */ }
  test.skipIf(strings.length === 0)('come out as they went in (skipped without the shared data)', () => {
    const reader = readerOf({ value: path('a'), all: each(['all']) });
    for (const text of strings) expect(read(reader, JSON.stringify({ a: text, all: [text] }))).toEqual({ value: text, all: [text] });
  });
});
