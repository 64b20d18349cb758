import { expect, test } from 'vitest';
import { filesBelow, importsOf } from '../support/source.ts';

const sources = ['src', 'detectors', 'dashboards/live/src'].flatMap((folder) => [...filesBelow(folder, '.ts'), ...filesBelow(folder, '.tsx')]);
const paths = new Set(sources.map(({ path }) => path));
const imports = new Map(sources.map((file) => [file.path, importsOf(file).filter((target) => paths.has(target))]));

/** Files that can be reached from one that they import, directly or not: the way back to it, else `null`. */
function wayBack(start: string): string[] | null {
  const cameFrom = new Map<string, string>();
  const waiting = [start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const target of imports.get(path) ?? []) {
      if (target === start) return trail(path, start, cameFrom);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, path);
      waiting.push(target);
    }
  }
  return null;
}

function trail(last: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const steps = [start];
  for (let path = last; path !== start; path = cameFrom.get(path) ?? start) steps.unshift(path);
  return [start, ...steps];
}

test('no file imports itself by way of others, not for types either', () => {
  expect(sources.map(({ path }) => wayBack(path)).filter((way) => way !== null).map((way) => way.join(' -> '))).toEqual([]);
});

test('a way back would be found', () => {
  const [from, to] = [...imports].find(([, targets]) => targets.length > 0) as [string, string[]];
  const target = to[0] as string;
  imports.set(target, [...imports.get(target) ?? [], from]);
  expect(wayBack(from)?.[0]).toBe(from);
  expect(wayBack(target)?.at(-1)).toBe(target);
});
