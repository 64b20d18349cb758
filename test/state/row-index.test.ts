import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowIndex, type HashSource } from '../../src/state/row-index.ts';

/** Rows whose hashes all fall into one segment and onto a few slots, so that they stand in each other's way. */
class Crowd implements HashSource {
  readonly hashes: { hi: number; lo: number }[] = [];
  readonly index = new RowIndex(this);

  matches(row: number, hi: number, lo: number): boolean {
    return this.hashes[row]!.hi === hi && this.hashes[row]!.lo === lo;
  }

  lowOf(row: number): number {
    return this.hashes[row]!.lo;
  }

  highOf(row: number): number {
    return this.hashes[row]!.hi;
  }

  insert(hi: number, lo: number): number {
    this.hashes.push({ hi, lo });
    this.index.insert(hi, lo, this.hashes.length - 1);
    return this.hashes.length - 1;
  }
}

const word = fc.constantFrom(0, 1, 2, 3, 14, 15, 16, 30, 31, 2 ** 32 - 1);
// Same top byte or not, same lower words: the index must look at the row itself to tell them apart.
const hash = fc.record({ hi: fc.constantFrom(0, 256, 0x01000000, 0xff000000), lo: word });
const steps = fc.array(fc.record({ isInsert: fc.boolean(), hash }), { maxLength: 150 });

test('inserting and removing among hashes that collide', () => {
  fc.assert(fc.property(steps, (list) => {
    const crowd = new Crowd();
    const expected = new Map<string, number>();
    for (const { isInsert, hash: { hi, lo } } of list) {
      const key = `${hi} ${lo}`;
      if (!isInsert) {
        expect(crowd.index.remove(hi, lo)).toBe(expected.get(key) ?? -1);
        expected.delete(key);
      } else if (!expected.has(key)) expected.set(key, crowd.insert(hi, lo));
      expect(crowd.index.count).toBe(expected.size);
    }
    for (const { hash: { hi, lo } } of list) expect(crowd.index.find(hi, lo)).toBe(expected.get(`${hi} ${lo}`) ?? -1);
  }), { numRuns: 500 });
});

test('more rows than one segment holds are found, and removed', () => {
  const crowd = new Crowd();
  const of = (row: number): [hi: number, lo: number] => [Math.imul(row, 0x9e3779b1) >>> 0, Math.imul(row, 0x85ebca6b) >>> 0];
  const rows = 70_000;
  for (let row = 0; row < rows; row++) crowd.insert(...of(row));
  expect(crowd.index.count).toBe(rows);
  for (let row = 0; row < rows; row += 7) expect(crowd.index.find(...of(row))).toBe(row);
  expect(crowd.index.find(...of(rows))).toBe(-1);
  expect(crowd.index.remove(...of(65_537))).toBe(65_537);
  expect(crowd.index.find(...of(65_537))).toBe(-1);
  expect(crowd.index.count).toBe(rows - 1);
});
