import { expect, test } from 'vitest';
import { matches, sourceFor, unconfiguredSource, type Source } from '../../src/config/sources.ts';

const source = (name: string, paths: string[], type: 'file' | 'stdin' = 'file'): Source => ({ ...unconfiguredSource, name, paths, type });

test.each([
  ['trail.json', 'logs/a/trail.json', true], ['trail.json', 'logs/trail.json.gz', false], ['*.json', 'logs/a.json', true], ['envoy*', 'logs/envoy-1.log', true],
  ['envoy*', 'envoy/other.log', false], ['logs/aws/*', './logs/aws/x/y.json', true], ['./logs/*.gz', 'logs/a.gz', true], ['logs/*.gz', 'old/logs/a.gz', false],
  ['a*b*c', 'a1b2c', true], ['a*b*c', 'acb', false], ['aa*aa', 'aaa', false], ['*', 'anything', true], ['*a*a*a*b', 'a'.repeat(5000), false],
])('%s against %s', (pattern, path, expected) => expect(matches(pattern, path)).toBe(expected));

test('a source that stands alone without patterns takes all', () => {
  const alone = source('only', []);
  expect(sourceFor([alone], 'x/y.log')).toBe(alone);
  expect(sourceFor([alone], '-')).toBe(alone);
});

test('else the first that fits, standard input by its type, and defaults where none does', () => {
  const sources = [source('a', ['a*']), source('b', ['*.log']), source('in', [], 'stdin')];
  expect(sourceFor(sources, 'a.log').name).toBe('a');
  expect(sourceFor(sources, 'b.log').name).toBe('b');
  expect(sourceFor(sources, '-').name).toBe('in');
  expect(sourceFor(sources, 'c.json')).toBe(unconfiguredSource);
  expect(sourceFor([source('a', ['a*'])], '-')).toBe(unconfiguredSource);
});
