import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EntityMap, type EntityMapOptions, type SavedEntities } from '../../src/state/entities.ts';
import type { EntityCopy } from '../../src/store/port.ts';

class Saved implements SavedEntities {
  readonly bytes = new Map<string, Uint8Array>();

  apply(copies: readonly EntityCopy[]): void {
    for (const { key, bytes } of copies) {
      if (bytes === null) this.bytes.delete(key);
      else this.bytes.set(key, bytes);
    }
  }

  entity(_kind: string, key: string): Uint8Array | null {
    return this.bytes.get(key) ?? null;
  }

  entities(): Iterable<[string, Uint8Array]> {
    return [...this.bytes].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }
}

interface Thing { n: number }
const makeMap = (options: EntityMapOptions<Thing> = {}) => new EntityMap<Thing>('thing', options);

const key = fc.integer({ min: 0, max: 20 }).map((n) => `key ${n}`);
const steps = fc.array(fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('set', 'change', 'delete', 'get'), key, value: fc.nat(1e6) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('evict', 'take', 'done', 'failed') }) },
), { maxLength: 120 }) as fc.Arbitrary<{ kind: string; key: string; value: number }[]>;

test('entities come and go like those of a map, through eviction and checkpoints that fail', () => {
  fc.assert(fc.property(steps, (list) => {
    const saved = new Saved();
    const map = makeMap({ capacity: 5, saved });
    const expected = new Map<string, Thing>();
    let flying: EntityCopy[] | null = null;
    const settle = (isDurable: boolean) => {
      if (flying === null) return;
      if (isDurable) saved.apply(flying);
      if (isDurable) map.checkpointDone();
      else map.checkpointFailed();
      flying = null;
    };
    for (const step of list) {
      if (step.kind === 'set') {
        map.set(step.key, { n: step.value });
        expected.set(step.key, { n: step.value });
      } else if (step.kind === 'change') {
        const thing = map.get(step.key);
        if (thing === undefined) continue;
        thing.n = step.value;
        map.set(step.key, thing);
        expected.set(step.key, { n: step.value });
      } else if (step.kind === 'delete') {
        map.delete(step.key);
        expected.delete(step.key);
      } else if (step.kind === 'get') expect(map.get(step.key)).toEqual(expected.get(step.key));
      else if (step.kind === 'evict') map.evict();
      else if (step.kind === 'take') flying ??= map.takeDirty();
      else settle(step.kind === 'done');
    }
    expect([...map.all()]).toEqual([...expected].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    settle(false);
    saved.apply(map.takeDirty());
    map.checkpointDone();
    const fresh = makeMap();
    fresh.load(saved.entities());
    expect([...fresh.all()]).toEqual([...map.all()]);
  }), { numRuns: 300 });
});

test('beyond the capacity the ones nobody asked for leave first, dirty ones stay', () => {
  const saved = new Saved();
  const map = makeMap({ capacity: 2, saved });
  for (const name of ['a', 'b', 'c', 'd']) map.set(name, { n: 1 });
  expect(map.evict()).toBe(0);
  const copies = map.takeDirty();
  expect(map.evict()).toBe(0);
  saved.apply(copies);
  map.checkpointDone();
  map.set('d', { n: 2 });
  map.get('a');
  expect(map.evict()).toBe(2);
  expect(map.size).toBe(2);
  saved.bytes.clear();
  expect(['a', 'b', 'c', 'd'].map((name) => map.get(name)?.n)).toEqual([1, undefined, undefined, 2]);
});

test('another encoding can be given', () => {
  const map = new EntityMap<number>('number', { encode: (value) => Uint8Array.of(value), decode: (bytes) => bytes[0]! });
  map.set('k', 7);
  expect(map.takeDirty()).toEqual([{ kind: 'number', key: 'k', bytes: Uint8Array.of(7) }]);
  map.load([['l', Uint8Array.of(8)]]);
  expect([...map.all()]).toEqual([['k', 7], ['l', 8]]);
});

test('what comes and goes between two checkpoints leaves nothing to be written', () => {
  const map = makeMap();
  map.set('a', { n: 1 });
  map.delete('a');
  expect(map.takeDirty()).toEqual([]);
  map.set('b', { n: 1 });
  map.takeDirty();
  map.delete('b');
  expect(map.takeDirty()).toEqual([{ kind: 'thing', key: 'b', bytes: null }]);
});
