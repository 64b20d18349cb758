import { describe, expect, test } from 'vitest';
import { count, flag, hostOnly, httpStatus, instant, oneOf, pathOnly, shortText, text, texts, useOf, words } from '../../src/ingest/values.ts';

describe('text', () => {
  test.each([['', null], ['-', null], ['UNKNOWN', null], ['unknown', 'unknown'], [' ', ' '], [0, '0'], [true, null], [null, null], [undefined, null]])('%j -> %j', (given, expected) => {
    expect(text(given)).toBe(expected);
  });
  test('is cut only where it is for people', () => {
    expect([shortText('abcdef', 3), shortText('ab', 3), shortText('-')]).toEqual(['abc', 'ab', null]);
  });
});

test.each(
  [[5, 5], ['5', 5], [0, 0], ['0', 0], [-1, null], ['-1', null], [1.5, null], ['1e3', 1000], ['', null], ['abc', null], [2 ** 60, null], ['99999999999999999999', null], [null, null], [true, null]],
)(
  'count(%j) -> %j',
  (given, expected) => { expect(count(given)).toBe(expected); },
);

test.each([[200, 200], ['404', 404], [0, null], [99, null], [600, null], ['-', null]])('httpStatus(%j) -> %j', (given, expected) => {
  expect(httpStatus(given)).toBe(expected);
});

test.each([['true', true], [true, true], ['False', false], ['yes', null], [1, null]])('flag(%j) -> %j', (given, expected) => {
  expect(flag(given)).toBe(expected);
});

describe('lists', () => {
  test('come from a list or one text, without what is absent', () => {
    expect([texts(['a', '', '-', null, 'b']), texts('a'), texts([]), texts(null), texts([''])]).toEqual([['a', 'b'], ['a'], null, null, null]);
  });
  test('are bounded', () => {
    expect(texts(Array.from({ length: 1000 }, () => 'a'))).toHaveLength(64);
    expect(words('a '.repeat(1000))?.length).toBeLessThanOrEqual(64);
  });
  test('of scopes stand between spaces', () => {
    expect([words('a b  c'), words('a'), words('-'), words(null)]).toEqual([['a', 'b', 'c'], ['a'], null, null]);
  });
});

test.each([
  ['/a/b', '/a/b'], ['/a?key=secret', '/a'], ['/a#token', '/a'], ['/a#x?y', '/a'], ['?key=secret', null], ['http://user:pass@host/a?b', '/a'], ['http://user:pass@host', null],
  ['http://host?key=secret', null], ['*', '*'], ['/a?next=http://b/c', '/a'], ['-', null], ['host:443', 'host:443'],
  ['/shop;jsessionid=abc/cart;v=1', '/shop/cart'], ['//user:pw@host/a/b', '/a/b'], ['//a/b', '//a/b'], ['user:pw@host:443', null], ['v1/orders', 'v1/orders'],
])('pathOnly(%j) -> %j', (given, expected) => { expect(pathOnly(given)).toBe(expected); });

test.each([
  ['API.Example.com:8443', 'api.example.com'], ['user:pass@host:80', 'host'], ['[2001:db8::1]:443', '[2001:db8::1]'], ['2001:db8::1', '2001:db8::1'], [':80', null], ['-', null], [null, null],
])('hostOnly(%j) -> %j', (given, expected) => { expect(hostOnly(given)).toBe(expected); });

test('instants are times of any usual form, absent otherwise', () => {
  expect([instant(1_795_312_440), instant('2026-11-22T02:14:00'), instant('2026-11-22 03:14:00', 'Europe/Berlin'), instant('soon'), instant(null)])
    .toEqual([1_795_312_440_000, 1_795_313_640_000, 1_795_313_640_000, null, null]);
});

test('a call without a token uses none', () => {
  expect([useOf('none', true), useOf('jwt', true), useOf('certificate', false)]).toEqual([null, 'refused', 'used']);
});

test('words outside the allowed ones are absent', () => {
  expect([oneOf('a', ['a', 'b'], null), oneOf('c', ['a', 'b'], null), oneOf(1, ['a', 'b'], 'b')]).toEqual(['a', null, 'b']);
});
