import { expect, test } from 'vitest';
import { didYouMean, editDistance, suggest } from '../../src/config/suggest.ts';

test('distance counts insertions, deletions, substitutions and swaps', () => {
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('stroe', 'store')).toBe(1);
  expect(editDistance('same', 'same')).toBe(0);
});

test('the nearest word is suggested, a far one is not', () => {
  expect(suggest('fromats', ['formats', 'format'])).toBe('formats');
  expect(suggest('windows', ['egress-spike', 'unfamiliar-ip'])).toBeNull();
});

test('few known words are listed where none is near', () => {
  expect(didYouMean('zzz', ['dir'])).toBe('known here: dir');
  expect(didYouMean('zzz', [])).toBeNull();
});
