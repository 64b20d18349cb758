import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Fingerprinter, replayKey } from '../../src/ingest/fingerprint.ts';
import { formats } from '../../src/ingest/formats/index.ts';
import { Normalizer } from '../../src/ingest/normalizer.ts';
import type { Json, Path } from '../../src/ingest/paths.ts';
import type { Origin } from '../../src/ingest/record.ts';

const origin: Origin = { path: 'hostile', place: 0, identity: 'x', source: null, modifiedMs: null };
const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey) });
const outcomeOf = (bytes: Uint8Array) => normalizer.normalize({ origin, bytes, offset: 0, index: null, ordinal: 0, originalPosition: null, envelopeTimeMs: null });
const encode = (value: Json) => new TextEncoder().encode(JSON.stringify(value));

const file = join(import.meta.dirname, '../../../shared/data/hostile/naughty-strings/blns.json');
let strings = ['', '\0', '\u2028', '-', '\u202ex', '%00', '../..', '1e309', '__proto__', `${'9'.repeat(400)}`, 'x'.repeat(3000), 'Bearer ..', 'not a time', '\u{1f600}'.repeat(600)];
try { strings = [...strings, ...JSON.parse(readFileSync(file, 'utf8')) as string[]]; } catch { /* The larger data is not everywhere. */ }

/** Every key tuple that a path reads. */
function keysOf(path: Path): (readonly string[])[] {
  return path.kind === 'firstOf' ? path.options.flatMap(keysOf) : [path.keys];
}

/** Sets a value deep in a record, unless something shorter stands in the way. */
function put(record: Record<string, Json>, keys: readonly string[], value: Json): void {
  let node = record;
  for (const key of keys.slice(0, -1)) {
    const child: Json = Object.hasOwn(node, key) ? node[key]! : (node[key] = {});
    if (typeof child !== 'object' || child === null) return;
    node = child as Record<string, Json>;
  }
  const last = keys.at(-1);
  if (last !== undefined && !Object.hasOwn(node, last)) node[last] = value;
}

const shapes = formats.flatMap((format) => format.shapes.filter(({ kind }) => kind === 'json').map((shape, i) => ({ name: `${format.id} ${i}`, shape })));

describe('hostile values in every declared field', () => {
  test.each(shapes)('$name: never throw and touch no built-in', ({ shape }) => {
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    const paths = [...Object.values(shape.fields), ...Object.values(shape.secrets ?? {})].flatMap(keysOf);
    for (const value of [...strings, 0, -1, 1e21, true, null, [], {}, [[]], { a: { b: 'c' } }]) {
      const record: Record<string, Json> = {};
      for (const keys of paths) put(record, keys, structuredClone(value));
      expect(['event', 'ignored', 'refused']).toContain(outcomeOf(encode(record)).kind);
    }
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
  });
});

test('hostile lines never throw', () => {
  for (const text of strings) {
    expect(['event', 'ignored', 'refused']).toContain(outcomeOf(new TextEncoder().encode(text)).kind);
    expect(['event', 'ignored', 'refused']).toContain(outcomeOf(new TextEncoder().encode(`[${text}] "${text}" ${text}`)).kind);
  }
});
