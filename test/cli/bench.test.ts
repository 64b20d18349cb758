import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { scored } from '../../src/cli/bench.ts';
import { run } from '../../src/cli/run.ts';
import * as bench from '../../src/cli/bench.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

const series = (last: number): string => ['timestamp,value', ...Array.from({ length: 200 }, (_, row) => (
  `2014-04-01 ${String(Math.floor(row / 12)).padStart(2, '0')}:${String(row % 12 * 5).padStart(2, '0')}:00,${row === 199 ? last : 10 + row % 7}`))].join('\n');

test('a row for each row, in order, scored between 0 and 1 by what came before', () => {
  const rows = scored(series(500)).trim().split('\n').map((line) => line.split(','));
  expect(rows[0]).toEqual(['timestamp', 'value', 'anomaly_score']);
  expect(rows.slice(1).map(([time, value]) => `${time},${value}`)).toEqual(series(500).split('\n').slice(1));
  const scores = rows.slice(1).map(([, , score]) => Number(score));
  expect(Math.min(...scores)).toBe(0);
  expect(scores.at(-1)).toBe(Math.max(...scores));
  expect(scores.at(-1)).toBeLessThanOrEqual(1);
  expect(scored(series(12)).split('\n').slice(0, 200)).toEqual(scored(series(500)).split('\n').slice(0, 200));
});

test('what is no number scores nothing and teaches nothing', () => {
  const broken = series(12).replace(/,10$/gm, ',x');
  expect(scored(broken).trim().split('\n')).toHaveLength(201);
  expect(scored(broken)).not.toContain('NaN');
});

test('writes one file for each series, in folders of the same names', async () => {
  mkdirSync(join(folder, 'in', 'web'), { recursive: true });
  writeFileSync(join(folder, 'in', 'web', 'calls.csv'), series(500));
  expect(await run(['node', 'tokenward', 'bench', 'nab', '--data', join(folder, 'in'), '--out', join(folder, 'out')], [bench])).toBe(0);
  expect(readFileSync(join(folder, 'out', 'web', 'tokenward_calls.csv'), 'utf8')).toBe(scored(series(500)));
});
