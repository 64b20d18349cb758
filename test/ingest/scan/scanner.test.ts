import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scanner, defaultLimits } from '../../../src/ingest/scan/scanner.ts';
import { Trie } from '../../../src/ingest/scan/trie.ts';

const roomy = { bytes: 4_000_000, depth: 10_000, keys: 1_000_000 };
const scanner = new Scanner(new Trie(), roomy);
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parses(bytes: Uint8Array): boolean {
  try {
    JSON.parse(strict.decode(bytes));
    return true;
  } catch {
    return false;
  }
}
const accepts = (bytes: Uint8Array) => scanner.scan(bytes) === null;
const encode = (text: string) => new TextEncoder().encode(text);
const reasonOf = (text: string, by = new Scanner(new Trie())) => by.scan(encode(text))?.reason ?? 'good';

describe('JSONTestSuite', () => {
  const folder = join(import.meta.dirname, '../../data/json-test-suite');
  const files = ['test_parsing', 'test_transform'].flatMap((name) => readdirSync(join(folder, name)).map((file) => ({ file, path: join(folder, name, file) })));

  test('is there', () => expect(files).toHaveLength(318 + 22));

  test.each(files.filter(({ file }) => file.startsWith('y_')))('accepts $file', ({ path }) => {
    expect(scanner.scan(readFileSync(path))).toBeNull();
  });
  test.each(files.filter(({ file }) => file.startsWith('n_')))('refuses $file', ({ path }) => {
    expect(scanner.scan(readFileSync(path))).not.toBeNull();
  });
  test.each(files.filter(({ file }) => !/^[yn]_/.test(file)))('agrees with a strict parser on $file', ({ path }) => {
    const bytes = readFileSync(path);
    expect(accepts(bytes)).toBe(parses(bytes));
  });
});

describe('any bytes', () => {
  const json = fc.json({ stringUnit: 'grapheme' }).map(encode);

  test('are accepted when JSON.parse accepts them', () => {
    fc.assert(fc.property(json, (bytes) => { expect(accepts(bytes)).toBe(true); }), { numRuns: 500 });
  });
  test('are judged as JSON.parse does after random changes', () => {
    const interesting = fc.oneof(fc.constantFrom(...Buffer.from('"\\/{}[]:,0123456789-+.eEu tfnrls\t\n\r\0')), fc.nat(255));
    const change = fc.record({ at: fc.nat(), insert: fc.array(interesting, { maxLength: 3 }), remove: fc.nat(3) });
    fc.assert(fc.property(json, fc.array(change, { minLength: 1, maxLength: 3 }), (bytes, changes) => {
      let changed = [...bytes];
      for (const { at, insert, remove } of changes) changed = changed.toSpliced(at % (changed.length + 1), remove, ...insert);
      const mutant = Uint8Array.from(changed);
      expect(accepts(mutant)).toBe(parses(mutant));
    }), { numRuns: 5000 });
  });
  test('are judged as JSON.parse does when cut out of a record', () => {
    fc.assert(fc.property(json, fc.nat(), fc.nat(), (bytes, from, length) => {
      const slice = bytes.subarray(from % bytes.length, (from % bytes.length) + (length % bytes.length) + 1);
      expect(accepts(slice)).toBe(parses(slice));
    }), { numRuns: 2000 });
  });
  test('of JSON characters are judged as JSON.parse does', () => {
    const token = fc.constantFrom('"', '\\', '\\u', '\\n', '{', '}', '[', ']', ':', ',', '0', '1', '-', '.', 'e', '+', ' ', 'true', 'null', 'a', '""', '"a":', 'D8', 'é');
    fc.assert(fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
      const bytes = encode(tokens.join(''));
      expect(accepts(bytes)).toBe(parses(bytes));
    }), { numRuns: 5000 });
  });
  test('leave nothing behind for the next record', () => {
    const trie = new Trie();
    const node = trie.add(['a']);
    const reused = new Scanner(trie);
    reused.scan(encode('{"a":"long text here"}'));
    expect(reused.scan(encode('{}'))).toBeNull();
    expect(reused.kinds[node]).toBe(0);
    expect(reused.scan(encode('{"b":tru'))).toMatchObject({ reason: 'truncated' });
  });
});

describe('what is wrong', () => {
  test.each([
    ['', 'truncated'], ['  ', 'truncated'], ['{"a":1', 'truncated'], ['{"a', 'truncated'], ['{"a":"\\', 'truncated'], ['{"a":"\\u00', 'truncated'],
    ['[1,', 'truncated'], ['fal', 'truncated'], ['[nul', 'truncated'], ['-', 'truncated'], ['1e', 'truncated'], ['[1.', 'truncated'],
    ['{"a":1}}', 'invalid_json'], ['[1,]', 'invalid_json'], ['{"a":"\t"}', 'invalid_json'], ['"\\x"', 'invalid_json'], ['"\\u00"', 'invalid_json'],
    ['nulx', 'invalid_json'], ['01', 'invalid_json'], ['{a:1}', 'invalid_json'], ['"\0"', 'invalid_json'], ['\0', 'invalid_json'], ['1\0', 'invalid_json'], ['﻿{}', 'invalid_json'],
  ])('%j is %s', (text, reason) => expect(reasonOf(text)).toBe(reason));

  test('bytes that are no UTF-8', () => {
    expect(scanner.scan(Uint8Array.of(0x22, 0xc3, 0x28, 0x22))?.reason).toBe('invalid_utf8');
  });
  test('a detail never quotes the record', () => {
    for (const text of ['{"secret":x}', '"secret\t"', '{"secret":1']) expect(scanner.scan(encode(text))?.detail).not.toContain('secret');
  });
});

describe('limits', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const keys = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')}}`;

  test.each([
    ['depth 32', nested(32), 'good'], ['depth 33', nested(33), 'too_deep'], ['depth 500,000', '['.repeat(500_000), 'too_deep'],
    ['objects to depth 100,000', '{"a":'.repeat(100_000), 'too_deep'],
    ['2,048 keys', keys(2048), 'good'], ['2,049 keys', keys(2049), 'too_many_keys'], ['integer-like keys', `{${Array.from({ length: 90_000 }, (_, i) => `"${i}":0`).join(',')}}`, 'too_many_keys'],
    ['1 MiB of text', `"${'x'.repeat(defaultLimits.bytes - 2)}"`, 'good'], ['a byte more', `"${'x'.repeat(defaultLimits.bytes - 1)}"`, 'too_large'],
    ['1e400', '1e400', 'good'], ['a million digits', '9'.repeat(1_000_000), 'good'],
  ])('%s', (_, text, reason) => expect(reasonOf(text)).toBe(reason));
});

describe('duplicate keys', () => {
  const trie = new Trie();
  trie.add(['user', 'id']);
  trie.add(['list', '1', 'name']);
  const watching = new Scanner(trie);

  test.each([
    ['{"user":{"id":1},"other":1,"other":2}', 'good'],
    ['{"user":{"id":1,"id":2}}', 'duplicate_field'],
    ['{"user":{"id":1,"\\u0069d":2}}', 'duplicate_field'],
    ['{"user":{"id":1},"user":{}}', 'duplicate_field'],
    ['{"user":null,"user":{"id":1}}', 'duplicate_field'],
    ['{"list":[{"name":1,"name":1},{"name":1}]}', 'good'],
    ['{"list":[{"name":1},{"name":1,"name":1}]}', 'duplicate_field'],
    ['{"a":{"id":1,"id":2}}', 'good'],
  ])('%s is %s', (text, reason) => expect(reasonOf(text, watching)).toBe(reason));

  test('the detail names the declared path', () => {
    expect(watching.scan(encode('{"user":{"id":1,"id":2}}'))?.detail).toContain('user.id');
  });
});
