import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cutter } from '../../../src/ingest/tail/cutter.ts';
import { markBytes, markOf, parsePosition } from '../../../src/ingest/tail/position.ts';
import type { Delivery } from '../../../src/ingest/live.ts';

const origin = { path: 'a.log', place: 0, identity: 'i', source: 's', modifiedMs: 0 };
const options = { feed: 'file/i', source: 's', maxRecordBytes: 2000 };
const start = { offset: 0, mark: markOf(Buffer.alloc(0), 0), skip: 0 };

/** What comes out of a file from a position on, read in pieces that end at these places. */
function cut(file: Buffer, position: string | null, ends: readonly number[]): Delivery[] {
  const from = parsePosition(position) ?? start;
  const cutter = new Cutter(origin, from, file.subarray(Math.max(0, from.offset - markBytes), from.offset), options);
  expect(markOf(file, from.offset)).toBe(from.mark);
  const out: Delivery[] = [];
  for (const end of [...ends.filter((one) => one > from.offset).sort((a, b) => a - b), file.length]) {
    const { context, fed } = cutter;
    out.push(...cutter.push(file.subarray(fed - context.length, end), context.length, 7));
  }
  return [...out, ...cutter.finish(7)];
}

/** Position and items of each delivery, as text. */
function shown(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ position, items }) => `${position} ${items.map((item) => ('reason' in item
    ? `!${item.reason} ${item.offset} ${item.index} ${item.length}`
    : `${item.offset} ${item.index} ${item.ordinal} ${Buffer.from(item.bytes).toString()}`)).join(' & ')}`);
}

const record = fc.record({ id: fc.string({ maxLength: 8 }), more: fc.constantFrom('', 'é', '}', '\n', 'x'.repeat(100)) });
const piece = fc.oneof(
  { weight: 6, arbitrary: record.map((one) => JSON.stringify(one)) },
  { weight: 6, arbitrary: fc.constantFrom('plain line', '[2026-11-22T02:14:00Z] "GET /"', '', '  ', '# comment', 'CEF:0|a|b') },
  { weight: 2, arbitrary: fc.array(record, { maxLength: 40 }).map((all) => JSON.stringify({ Records: all })) },
  { weight: 2, arbitrary: fc.array(record, { minLength: 1, maxLength: 4 }).map((all) => JSON.stringify(all, null, 1)) },
  { weight: 1, arbitrary: fc.constantFrom('{"torn":', '{"a" 1}', 'y'.repeat(3000), '{"a":1}{"b":2}') },
);
const contents = fc.tuple(fc.array(piece, { maxLength: 12 }), fc.constantFrom('\n', '', '\n{"last":1}', '\ncut of'))
  .map(([pieces, end]) => Buffer.from(pieces.join('\n') + end));

describe('the deliveries of a file', () => {
  it('do not depend on how its bytes arrived', () => {
    fc.assert(fc.property(contents, fc.array(fc.nat(6000)), (file, ends) => {
      expect(shown(cut(file, null, ends.filter((end) => end < file.length)))).toEqual(shown(cut(file, null, [])));
    }), { numRuns: 300 });
  });

  it('from a position on are those that came behind it', () => {
    const whole = fc.array(fc.oneof(
      record.map((one) => JSON.stringify(one)), fc.constantFrom('plain line', '', '[2026-11-22T02:14:00Z] "GET /"'),
      fc.array(record, { maxLength: 40 }).map((all) => JSON.stringify({ Records: all })),
    ), { maxLength: 12 }).map((pieces) => Buffer.from(pieces.map((one) => `${one}\n`).join('')));
    fc.assert(fc.property(whole, fc.nat(50), fc.array(fc.nat(6000)), (file, place, ends) => {
      const all = cut(file, null, []);
      const at = place % (all.length + 1);
      const position = at === 0 ? null : all[at - 1]!.position;
      expect(shown(cut(file, position, ends.filter((end) => end < file.length)))).toEqual(shown(all.slice(at)));
    }), { numRuns: 300 });
  });

  it('have positions of their own, each once', () => {
    fc.assert(fc.property(contents, (file) => {
      const positions = cut(file, null, []).map(({ position }) => position);
      expect(new Set(positions).size).toBe(positions.length);
    }), { numRuns: 200 });
  });

  it('hold one record of a long list at a time', () => {
    const list = JSON.stringify({ Records: Array.from({ length: 500 }, (_, n) => ({ n, filler: 'x'.repeat(50) })) });
    const deliveries = cut(Buffer.from(`${list}\n`), null, [1000, 2000, 3000]);
    expect(deliveries.map(({ items }) => items.length)).toEqual([...Array.from({ length: 500 }, () => 1), 0]);
  });
});

describe('the end of what nobody goes on writing', () => {
  it.each([
    ['{"a":1}', ['{"a":1}']], ['[{"a":1},{"b":2}]', ['{"a":1}', '{"b":2}']], ['{"a":', ['!truncated']], ['bytes=12', ['!truncated']], ['', []], ['  ', []],
  ])('%s', (end, expected) => {
    const items = cut(Buffer.from(`first\n${end}`), null, []).flatMap((delivery) => delivery.items).slice(1);
    expect(items.map((item) => ('reason' in item ? `!${item.reason}` : Buffer.from(item.bytes).toString()))).toEqual(expected);
  });
});

describe('positions', () => {
  it('are read back, and nothing else is', () => {
    expect(parsePosition('12.34')).toEqual({ offset: 12, mark: 34, skip: 0 });
    expect(parsePosition('12.34.5')).toEqual({ offset: 12, mark: 34, skip: 5 });
    for (const text of [null, '', '12', 'read', '-1.2', '1.2.3.4', `${'9'.repeat(20)}.1`, 'x:1']) expect(parsePosition(text)).toBeNull();
  });
});
