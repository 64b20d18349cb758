import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brief, split } from './splitting.ts';

const hostile = join(import.meta.dirname, '../../data/reading/json-test-suite');

describe('layouts', () => {
  it('takes JSON lines, with CRLF, a byte order mark, empty lines and no newline at the end', () => {
    expect(brief('\ufeff{"a":1}\r\n\r\n  \n{"b":2}\n{"c":3}')).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
    expect(split('\ufeff{"a":1}\r\n\r\n{"b":2}').map((one) => one.offset)).toEqual([3, 14]);
  });
  it('takes documents printed over several lines, and several on one line', () => {
    const pretty = JSON.stringify({ a: { b: [1, 2] } }, null, 2);
    expect(brief(`${pretty}\n${pretty}\n`)).toEqual([pretty, pretty]);
    expect(brief('{"a":1}{"b":2} {"c":3}\n{"d":4}{"e":5}')).toEqual(['{"a":1}', '{"b":2}', '{"c":3}', '{"d":4}', '{"e":5}']);
    expect(brief(`{"a":1}\n{"b":2}\n${pretty}\n{"c":3}`)).toEqual(['{"a":1}', '{"b":2}', pretty, '{"c":3}']);
  });
  it('takes arrays apart and numbers their records', () => {
    expect(split('[ {"a":[1]},\n{"b":2} ]\n{"c":3}').map(({ text, offset, index }) => [text, offset, index]))
      .toEqual([['{"a":[1]}', 0, 0], ['{"b":2}', 0, 1], ['{"c":3}', 23, null]]);
    expect(brief('[\n]\n[]\n{"Records":[]}')).toEqual([]);
  });
  it('takes lines of text as they are, brackets in front or not', () => {
    const lines = [
      '[2016-04-15T20:17:00.310Z] "POST /api HTTP/2" 204', '[2022-02-03 16:10:11.219][vaultwarden::api][ERROR] no', '[notice] started',
      '[[2022-01-01]] x', '[123] pid', '{envoy} is not JSON', '127.0.0.1 - - [x] "GET /"', 'time="2025" level=error', 'a,b,c', '["x" said', '[null]: x',
    ];
    expect(brief(lines.join('\n'))).toEqual(lines);
    expect(brief(lines.join('\r\n'))).toEqual(lines);
  });
  it('gives a line that begins with a value and goes on with text to its reader as one record', () => {
    expect(brief('{"a":1} trailing\n{"b":2}')).toEqual(['{"a":1} trailing', '{"b":2}']);
  });
});

describe('damage', () => {
  const good = '{"good":true}';
  it.each([
    ['{"a":"torn', '!invalid_json'], ['{"a":', '!invalid_json'], ['{"a":1', '!invalid_json'], ['{"a":1,', '!invalid_json'], ['{"a":[1,{"b":2}', '!invalid_json'],
    ['{"a":[', '!invalid_json'], ['{"a":"\\', '!invalid_json'], ['{"a":1}}', '{"a":1}}'], ['[{"a":1},{"b"', '{"a":1}'],
  ])('a torn line %s takes no neighbour with it', (torn, first) => {
    const alone = brief(`${torn}\n${good}\n${good}\n`);
    expect(alone[0]).toBe(first);
    expect(alone.filter((one) => one === good)).toHaveLength(2);
    expect(brief(`${good}\n${torn}\n${good}\n${good}\n`).filter((one) => one === good)).toHaveLength(3);
  });
  it('a line torn before text lines leaves them alone', () => {
    expect(brief(`${good}\n{"a":\nplain text\n${good}`)).toEqual([good, '!invalid_json', 'plain text', good]);
  });
  it('a broken document of many lines is refused once', () => {
    const broken = '{\n  "a": 1\n  "b": 2\n}\n';
    expect(brief(`${broken}${good}\n${broken}`)).toEqual(['!invalid_json', good, '!invalid_json']);
  });
  it('an input that ends within a record is truncated', () => {
    expect(brief(`${good}\n{"a":[1,`)).toEqual([good, '!truncated']);
    expect(split('{"Records":[{"a":1},{"b":').map(({ text, reason, index }) => [text, reason, index]))
      .toEqual([['{"a":1}', null, 0], [null, 'truncated', 1]]);
  });
  it('every file of JSONTestSuite leaves good lines around it whole', () => {
    const files = readdirSync(hostile).filter((name) => name.endsWith('.json'));
    expect(files.length).toBeGreaterThan(300);
    for (const name of files) {
      const out = brief(Buffer.concat([Buffer.from(`${good}\n`), readFileSync(join(hostile, name)), Buffer.from(`\n${good}\n${good}\n`)]));
      expect([name, out.filter((one) => one === good).length]).toEqual([name, 3]);
    }
  });
  it('as the first thing in a stream too', () => {
    for (const name of readdirSync(hostile)) {
      const out = brief(Buffer.concat([readFileSync(join(hostile, name)), Buffer.from(`\n${good}\n${good}\n`)]));
      expect([name, out.filter((one) => one === good).length]).toEqual([name, 2]);
    }
  });
});

describe('bounds', () => {
  it('refuses what is too long, and what follows is read', () => {
    const long = 'x'.repeat(300);
    expect(brief(`${long}\nshort\n{"a":"${long}"}\n{"b":1}\n[{"c":"${long}"},{"d":1}]\n{"Records":[{"e":"${long}"},{"f":1}]}\n`, 100))
      .toEqual(['!too_large', 'short', '!too_large', '{"b":1}', '!too_large', '{"d":1}', '!too_large', '{"f":1}']);
  });
  it('a record of just the limit is read, one byte more is not', () => {
    for (const make of [(n: number) => 'x'.repeat(n), (n: number) => `{"a":"${'x'.repeat(n - 8)}"}`]) {
      expect(brief(`${make(100)}\n`, 100)).toEqual([make(100)]);
      expect(brief(make(100), 100)).toEqual([make(100)]);
      expect(brief(`${make(101)}\n`, 100)).toEqual(['!too_large']);
      expect(brief(make(101), 100)).toEqual(['!too_large']);
    }
  });
  it('counts one list through, however long it grows, and refuses where it breaks', () => {
    const records = Array.from({ length: 50 }, (_, n) => `{"n":${n}}`);
    const out = split(`{"Records":[${records.join(',')}]}\nnext`, 7, 100);
    expect(out.map((one) => one.text)).toEqual([...records, 'next']);
    expect(out.map((one) => one.index)).toEqual([...records.keys(), null]);
    expect(split(`{"Records":[${records.join(',')} x\n{"a":1}`, 7, 100).slice(-2).map((one) => [one.text, one.reason, one.index]))
      .toEqual([[null, 'invalid_json', 50], ['{"a":1}', null, null]]);
  });
  it('takes up a good line behind something long that is torn', () => {
    const records = Array.from({ length: 20 }, (_, n) => `{"n":${n}}`).join(',');
    for (const torn of [`{"Records":[${records}`, `{"Records":[${records},`, `{"a":{${records.slice(1, -1)}`, `{"a":"${'x'.repeat(150)}"`, `[${records},{"x":"${'y'.repeat(150)}`]) {
      for (const chunkBytes of [1, 1000]) {
        const out = split(`${torn}\n{"good":1}\n{"good":2}\n`, chunkBytes, 100).map((one) => one.text ?? `!${one.reason}`);
        expect([torn, out.filter((one) => one.startsWith('!')).length, ...out.slice(-1)]).toEqual([torn, 1, '{"good":2}']);
        expect(out).toContain('{"good":1}');
      }
    }
  });
  it('what one element of a long list tells is not told of the next', () => {
    const list = `[${Array.from({ length: 20 }, () => '{"date":1.5,"log":"x"},{"n":1}').join(',')}]`;
    expect(split(list, 7, 100).map((one) => one.timeMs)).toEqual(Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? 1500 : null)));
  });
  it('a long document that is no list is refused whole', () => {
    const long = `{"actor":"x","events":[${Array.from({ length: 50 }, (_, n) => `{"n":${n}}`).join(',')}]}`;
    expect(brief(`${long}\n{"a":1}`, 100)).toEqual(['!too_large', '{"a":1}']);
  });
  it('does not slow down on lines that each open a value and never close it', () => {
    const lines = '{"a":\n'.repeat(150_000);
    const out = brief(lines);
    expect(out.every((one) => one.startsWith('!'))).toBe(true);
    expect(out.length).toBeGreaterThan(100_000);
  });
  it('does not recurse', () => {
    expect(brief(`${'['.repeat(500_000)}\n{"a":1}`)).toEqual(['!invalid_json', '{"a":1}']);
    expect(brief(`${'{"a":['.repeat(150_000)}\n{"a":1}`)).toEqual(['!invalid_json', '{"a":1}']);
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    '{"a":1}', '{"a":"x\\"}"}', '{"a":', '{"a":"torn', '[1,2]', '[', ']', '}', '{', ',', '\n', '\n\n', '\r\n', ' ', '{\n "a": [\n  1\n ]\n}',
    '{"Records":[{"r":1},{"r":2}]}', '{"Records":[', '{"value":[{"v":1}],"nextLink":"x"}', '{"events":[{"v":1}],"other":1}', '[{"x":1},\n{"y":2}\n]',
    'plain text', '[2016-01-01] text', '"', '\\', '\ufeff', '\0', 'long'.repeat(20), `{"l":"${'y'.repeat(70)}"}`, '{"date":1.5,"log":"{\\"i\\":1}\\n"}',
    '2025-12-31T17:37:40.493+01:00 stdout F {"c":1}', '{"schema":null,"payload":{"k":1}}', '{"@timestamp":"2020-01-01T00:00:00Z","message":"m","agent":{}}',
  ),
  fc.json(),
  fc.string({ maxLength: 6 }),
);

describe('chunks', () => {
  it('what comes out does not depend on how the stream was cut', () => {
    fc.assert(fc.property(fc.array(fc.tuple(piece, fc.constantFrom('\n', '\n', '\n', '', ' ', ',')), { maxLength: 25 }), fc.constantFrom(64, 100, 1 << 20), (pieces, limit) => {
      const input = pieces.map((pair) => pair.join('')).join('');
      const whole = split(input, 1 << 20, limit);
      for (const chunkBytes of [1, 2, 7, 64]) expect(split(input, chunkBytes, limit)).toEqual(whole);
    }), { numRuns: 400 });
  });
  it('JSON lines of any values come out as they went in', () => {
    fc.assert(fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify({ id: 1, ...value })), { maxLength: 20 }), (lines) => {
      expect(brief(lines.join('\n'))).toEqual(lines.map((line) => Buffer.from(line).toString('latin1')));
    }), { numRuns: 200 });
  });
});
