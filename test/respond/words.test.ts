import { expect, test } from 'vitest';
import { meaningOf, sentenceOn } from '../../src/respond/words.ts';

test('people are told in a sentence why a step is refused, before why it was lowered, before how it stands', () => {
  expect(sentenceOn({ refused: 'would_break_others', lowered: 'late', why: 'frozen' })).toBe(meaningOf('would_break_others'));
  expect(sentenceOn({ refused: null, lowered: 'late', why: 'frozen' })).toBe('its events came more than an hour late');
  expect(sentenceOn({ refused: null, lowered: null, why: 'frozen' })).toBe('it is a time of "respond.freeze"');
  expect([sentenceOn({ refused: null, lowered: null, why: 'needs_approval' }), sentenceOn({ refused: null, lowered: null, why: null })]).toEqual([null, null]);
  expect(meaningOf('no_such_word')).toBe('no such word');
});
