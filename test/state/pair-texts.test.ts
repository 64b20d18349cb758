import { expect, test } from 'vitest';
import { PairTexts } from '../../src/state/pair-texts.ts';

test('pairs are joined right, however many share a place', () => {
  const pairs = new PairTexts('|');
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 10_000; i++) expect(pairs.join(`10.${i >> 8}.${i & 255}.0/24`, `client ${i % 7}`)).toBe(`10.${i >> 8}.${i & 255}.0/24|client ${i % 7}`);
  }
  expect(pairs.join('', '')).toBe('|');
  expect(pairs.join('a', '')).toBe('a|');
  expect(pairs.join('', 'a')).toBe('|a');
});
