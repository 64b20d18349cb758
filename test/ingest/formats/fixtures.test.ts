import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formats } from '../../../src/ingest/formats/index.ts';
import type { Outcome } from '../../../src/ingest/record.ts';
import { linesOf, readable, reader, summaryOf } from './support.ts';

const folder = new URL('../../data/formats/', import.meta.url);
const fixtures = formats.flatMap(({ id }) => readdirSync(new URL(`${id}/`, folder))
  .filter((name) => /\.(?:ndjson|log)$/.test(name))
  .map((name) => `${id}/${name}`));

describe.each(fixtures)('%s', (name) => {
  const file = new URL(name, folder);
  const expectedFile = new URL(`${name}.expected.json`, folder);

  test('becomes the events that were written down', () => {
    expect(existsSync(expectedFile)).toBe(true);
    const read = reader({ fingerprinter: readable });
    const expected = JSON.parse(readFileSync(expectedFile, 'utf8')) as unknown[];
    expect(linesOf(file).map((line) => summaryOf(read(line)))).toEqual(expected);
  });

  test('is claimed by its own format and no other', () => {
    const lines = linesOf(file);
    const foreign = formats.filter(({ id }) => id !== name.split('/')[0]).map((format) => ({ id: format.id, read: reader({ only: [format] }) }));
    const claims = lines.flatMap((line, i) => foreign.filter(({ read }) => isClaimed(read(line))).map(({ id }) => `${id} claims line ${i}`));
    expect(claims).toEqual([]);
  });
});

function isClaimed(outcome: Outcome): boolean {
  return outcome.kind !== 'refused' || outcome.refusal.reason !== 'unknown_format' && outcome.refusal.reason !== 'invalid_json';
}

test('every format has a fixture, an id of its own, and says what must be known of it', () => {
  expect(new Set(formats.map(({ id }) => id)).size).toBe(formats.length);
  for (const { id, title, describe: text, notes } of formats) {
    expect(fixtures.filter((name) => name.startsWith(`${id}/`)).length).toBeGreaterThan(0);
    expect([title, text, ...notes].every((sentence) => sentence.length > 5)).toBe(true);
    expect(notes.length).toBeGreaterThan(0);
  }
});
