import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { envelopeTime, unescape } from '../../../src/ingest/envelopes/payload.ts';

function unescaped(json: string): string | null {
  const bytes = Buffer.from(` ${json} `);
  return unescape(bytes, 1, bytes.length - 1)?.toString() ?? null;
}

describe('strings', () => {
  it('say the same as to a JSON parser', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(text.isWellFormed());
      expect(unescaped(JSON.stringify(text))).toBe(text);
      const escaped = Array.from({ length: text.length }, (_, n) => `\\u${text.charCodeAt(n).toString(16).padStart(4, '0')}`).join('');
      expect(unescaped(`"${escaped}"`)).toBe(text);
    }));
  });
  it('of any other bytes are refused where a JSON parser refuses them', () => {
    const part = fc.constantFrom('\\', '"', 'u', '\\u', '00', 'd83d', 'de00', 'n', '/', 'x', '\n', '\t', ' ', '\\"', '\\\\');
    fc.assert(fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const json = `"${parts.join('')}"`;
      let parsed: string | null = null;
      try { parsed = JSON.parse(json) as string; } catch { /* refused */ }
      // A quote within ends the string for whoever finds its bounds.
      fc.pre(parsed !== null || !/(?<!\\)(?:\\\\)*"./.test(json.slice(1)));
      expect(unescaped(json)).toBe(parsed?.isWellFormed() === true ? parsed : null);
    }), { numRuns: 2_000 });
  });
});

describe('times', () => {
  it.each([
    ['2025-12-31T16:37:40.493Z', Date.UTC(2025, 11, 31, 16, 37, 40, 493)], ['2025-12-31T17:37:40.493035218+01:00', Date.UTC(2025, 11, 31, 16, 37, 40, 493)],
    ['2025-12-31T16:37:40', Date.UTC(2025, 11, 31, 16, 37, 40)], [1767199060.493, 1767199060493], [1767199060493, 1767199060493],
    ['yesterday', null], ['2025-13-31T16:37:40Z', null], [null, null], [-1, null], ['1767199060', null],
  ])('%s', (value, timeMs) => expect(envelopeTime(value)).toBe(timeMs));
});
