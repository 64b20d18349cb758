import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scored } from '../../../src/cli/bench.ts';
import { profiles, scoreOf, type Profile, type Series } from './score.ts';

const [standard, lowFalsePositive, lowFalseNegative] = profiles as [Profile, Profile, Profile];
const flat = (at: readonly number[]): number[] => Array.from({ length: 1000 }, (_, row) => (at.includes(row) ? 1 : 0));
const series = (at: readonly number[]): Series => ({ name: 'one', scores: flat(at), windows: [[400, 499], [700, 799]] });
const points = (at: readonly number[], profile = standard): number => scoreOf([series(at)], profile).score;

describe('the scoring', () => {
  it('gives 100 for the first row of every window, 0 for nothing, half for half', () => {
    expect(points([400, 700])).toBeCloseTo(100, 6);
    expect(points([])).toBe(0);
    expect(points([400])).toBeCloseTo(50, 6);
  });

  it('counts a window once, by its earliest detection, and the later the less', () => {
    expect(points([400, 450, 499, 700])).toBeCloseTo(100, 6);
    expect(points([450, 700])).toBeLessThan(100);
    expect(points([450, 700])).toBeGreaterThan(points([490, 700]));
  });

  it('charges what lies outside, more for those who dislike it, less shortly after a window', () => {
    expect(points([300, 400, 700])).toBeCloseTo(100 - 100 * 0.11 / 4, 6);
    expect(points([300, 400, 700], lowFalsePositive)).toBeCloseTo(100 - 100 * 0.22 / 4, 6);
    expect(points([400, 505, 700])).toBeGreaterThan(points([400, 600, 700]));
    expect(points([400], lowFalseNegative)).toBeCloseTo(50, 6);
  });

  it('leaves the first part of a file out', () => {
    expect(points([100, 400, 700])).toBeCloseTo(100, 6);
  });
});

const data = join(import.meta.dirname, '../../../../shared/data/nab');

describe.skipIf(!existsSync(data))('the shared series (skipped where they are absent)', () => {
  it('score above what the project promises', { timeout: 30_000 }, () => {
    const labels = JSON.parse(readFileSync(join(data, 'labels/windows_dev.json'), 'utf8')) as Record<string, [string, string][]>;
    const all = Object.entries(labels).map(([name, windows]): Series => {
      const rows = scored(readFileSync(join(data, 'data', name), 'utf8')).trim().split('\n').slice(1).map((line) => line.split(','));
      const placeOf = (time: string): number => rows.findIndex(([at = '']) => at.slice(0, 19) === time.slice(0, 19));
      return { name, scores: rows.map(([, , score]) => Number(score)), windows: windows.map(([start, end]) => [placeOf(start), placeOf(end)] as const) };
    });
    const [usual, fewAlarms, fewMisses] = profiles.map((profile) => scoreOf(all, profile).score) as [number, number, number];
    expect(usual).toBeGreaterThanOrEqual(78);
    expect(fewAlarms).toBeGreaterThanOrEqual(72);
    expect(fewMisses).toBeGreaterThanOrEqual(82);
  });
});
