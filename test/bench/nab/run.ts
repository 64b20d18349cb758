/** `node test/bench/nab/run.ts DATA RESULTS`: points of the results that `tokenward bench nab` wrote, under the labels beside the data. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { profiles, scoreOf, type Series } from './score.ts';

const [data, results] = process.argv.slice(2);
if (data === undefined || results === undefined) throw new Error('usage: run.ts DATA RESULTS');

/** `2014-04-10 07:15:00.000000` and `2014-04-10 07:15:00` are one time. */
const second = (time: string): string => time.slice(0, 19);

function seriesOf(name: string, windows: readonly (readonly [string, string])[]): Series {
  const [category = '', file = ''] = name.split('/');
  const rows = readFileSync(join(results as string, category, `tokenward_${file}`), 'utf8').trim().split('\n').slice(1).map((line) => line.split(','));
  const placeOf = new Map(rows.map(([time = ''], index) => [second(time), index]).toReversed() as [string, number][]);
  return {
    name, scores: rows.map((row) => Number(row[2])),
    windows: windows.map(([start, end]) => [placeOf.get(second(start)) ?? 0, placeOf.get(second(end)) ?? 0] as const),
  };
}

const labels = JSON.parse(readFileSync(join(data, 'labels', 'windows_dev.json'), 'utf8')) as Record<string, [string, string][]>;
const all = Object.entries(labels).map(([name, windows]) => seriesOf(name, windows));
for (const profile of profiles) {
  const { score, windowsFound, windows, falseRows } = scoreOf(all, profile);
  process.stdout.write(`${profile.name.padEnd(9)} ${score.toFixed(1)}  (${windowsFound} of ${windows} windows, ${falseRows} rows outside)\n`);
}
