import { describe, expect, test } from 'vitest';
import { Duplicates } from '../../src/engine/duplicates.ts';
import { EntityMap } from '../../src/state/entities.ts';
import { KeyHasher } from '../../src/state/hash.ts';

const minuteMs = 60_000;
const hasher = () => new KeyHasher({ a: 3, b: 4 });

describe('repeated ids', () => {
  test('each counts once within 75 minutes and again after two generations', () => {
    const duplicates = new Duplicates(new EntityMap('seen'), hasher());
    expect(duplicates.repeats('x', 0)).toBe(false);
    expect(duplicates.repeats('x', 75 * minuteMs)).toBe(true);
    for (let i = 1; i <= 3; i++) duplicates.repeats(`other-${i}`, i * 80 * minuteMs);
    expect(duplicates.repeats('x', 241 * minuteMs)).toBe(false);
  });

  test('after a long silence nothing of before is remembered', () => {
    const duplicates = new Duplicates(new EntityMap('seen'), hasher());
    duplicates.repeats('x', 0);
    expect(duplicates.repeats('x', 48 * 60 * minuteMs)).toBe(false);
  });

  test('ten thousand different ids are ten thousand ids', () => {
    const duplicates = new Duplicates(new EntityMap('seen'), hasher());
    for (let i = 0; i < 10_000; i++) expect(duplicates.repeats(`id-${i}`, i)).toBe(false);
    for (let i = 0; i < 10_000; i++) expect(duplicates.repeats(`id-${i}`, 10_000)).toBe(true);
  });

  test('too many at once shorten the horizon, and that is counted', () => {
    const duplicates = new Duplicates(new EntityMap('seen'), hasher(), 100);
    for (let i = 0; i < 1_000; i++) duplicates.repeats(`id-${i}`, 0);
    expect(duplicates.shortened).toBe(9);
    expect(duplicates.repeats('id-999', 0)).toBe(true);
  });

  test('what a checkpoint saved is known after a restart, across generations', () => {
    const chunks = new EntityMap<string>('seen');
    const before = new Duplicates(chunks, hasher());
    before.repeats('old', 0);
    before.save();
    before.repeats('middle', 80 * minuteMs);
    before.save();
    before.repeats('new', 81 * minuteMs);
    before.save();
    before.repeats('lost', 82 * minuteMs);
    const after = new Duplicates(chunks, hasher());
    expect(['old', 'middle', 'new'].map((id) => after.repeats(id, 83 * minuteMs))).toEqual([true, true, true]);
    expect(after.repeats('lost', 83 * minuteMs)).toBe(false);
  });
});
