import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { filled, page, parts } from './publish.ts';

test('the page has a place for each part, and what stood there makes room', () => {
  const written = readFileSync(page, 'utf8');
  for (const part of parts) {
    const once = filled(written, part, 'measured once');
    expect(once).toContain('measured once');
    expect(filled(once, part, 'measured again')).not.toContain('measured once');
    expect(filled(once, part, 'measured again').length).toBe(once.length + 1);
  }
});

test('a page without marks is not written to', () => {
  expect(() => filled('nothing here', 'found', 'text')).toThrow('no place for found');
});
