import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { findScenarios, readExpectation, type Expectation } from '../../src/cli/scenario/scenario.ts';
import { root } from '../support/source.ts';

/** Cases are counted from 1 to this. */
const cases = 86;
const inOrder = (one: string, other: string): number => (one < other ? -1 : 1);
const page = readFileSync(join(root, 'detectors/README.md'), 'utf8');
const rows = new Map([...page.matchAll(/^\| (C\d\d) \| [^|]+ \| ([^|]+) \|$/gm)].map(([, id, by]) => [id!, by!]));

test('every case is in the catalogue: with the detectors that declare it, with incidents, or with the reason why it is uncovered', () => {
  const declared = new Map<string, string[]>();
  for (const detector of detectors) {
    for (const id of new Set(detector.cases.map((text) => /^C\d\d(?= )/.exec(text)?.[0] ?? ''))) declared.set(id, [...declared.get(id) ?? [], detector.id]);
  }
  const ids = Array.from({ length: cases }, (_, each) => `C${String(each + 1).padStart(2, '0')}`);
  expect([...rows.keys()]).toEqual(ids);
  const told = ids.map((id) => [id, [...(rows.get(id) ?? '').split(/; |: /)[0]!.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!).sort(inOrder)]);
  expect(told).toEqual(ids.map((id) => [id, (declared.get(id) ?? []).sort(inOrder)]));
  for (const [id, by] of rows) if (!declared.has(id)) expect(by).toMatch(/^(?:uncovered: .{20,}|incidents: .+)$/);
});

describe('stories', () => {
  const stories = findScenarios(join(root, 'test/scenarios'))
    .map((log) => ({ isQuiet: basename(log).startsWith('quiet-'), ...readExpectation(log.replace(/ndjson$/, 'expect.json')) }));
  const told = [...rows].filter(([, by]) => !by.startsWith('uncovered'));
  const namesIn = (by: string): string[] => [...by.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!);
  /** Raised by one of those who answer for the case, or part of an incident of the kind that does. */
  const answers = ({ alerts }: Expectation, by: readonly string[]): boolean => alerts.some(({ detector, incident }) => by.includes(detector) || by.includes(incident ?? ''));

  test('name only cases of the catalogue that are covered', () => {
    const known = told.map(([id]) => id);
    expect(stories.flatMap(({ cases: ids = [] }) => ids.filter((id) => !known.includes(id)))).toEqual([]);
  });

  test.each(told)('of %s: one that fires, two that could be taken for it and are quiet', (id, by) => {
    const own = stories.filter(({ cases: ids = [] }) => ids.includes(id));
    expect(own.filter((story) => !story.isQuiet && answers(story, namesIn(by))).length).toBeGreaterThanOrEqual(1);
    expect(own.filter((story) => story.isQuiet && !answers(story, namesIn(by))).length).toBeGreaterThanOrEqual(2);
  });
});
