import { expect, it } from 'vitest';
import { bytesInWords, countInWords, durationInWords, nameOf, placeOf, plural } from '../../detectors/words.ts';
import { emptyEvent } from '../../src/model/event.ts';

it.each([[0, '0 bytes'], [999, '999 bytes'], [9_100_000, '9.1 MB'], [84.7e9, '84.7 GB'], [999_999, '1 MB'], [1.234e12, '1.2 TB'], [5e20, '500 EB']])('%d bytes are %s', (bytes, words) => {
  expect(bytesInWords(bytes)).toBe(words);
});

it.each([
  [500, 'less than a second'], [1_500, '1 second'], [90_000, '90 seconds'],
  [720_000, '12 minutes'], [36e5, '60 minutes'], [10_800_000, '3 hours'], [550 * 864e5, '550 days'],
])('%d ms are %s', (durationMs, words) => {
  expect(durationInWords(durationMs)).toBe(words);
});

it('groups thousands and counts one as one', () => {
  expect(countInWords(1_234_567)).toBe('1,234,567');
  expect(plural(1, 'day')).toBe('1 day');
  expect(plural(0, 'day')).toBe('0 days');
});

it('names callers and places by what is known', () => {
  const event = emptyEvent('ecs', 0);
  expect(nameOf(event)).toBe('an unnamed caller');
  expect(placeOf(event)).toBe('an unknown address');
  expect(placeOf({ ...event, sourceIp: '192.0.2.1', asNumber: 64_500, country: 'DE' })).toBe('192.0.2.1 (AS64500, DE)');
});
