import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { freshRate } from '../../detectors/egress-rate.ts';
import { learnTold, newsBits } from '../stats/rate.ts';
import { UsageError } from './usage-error.ts';

/** Bits that count as half way to certain. */
const halfBits = 4;

interface Options { readonly data: string; readonly out: string }

export function register(program: Command): void {
  program.command('bench')
    .description('the rate detector of egress-spike, as it ships, over the series of a Numenta Anomaly Benchmark folder')
    .argument('<what>', 'nab')
    .requiredOption('--data <dir>', 'folder with <category>/<file>.csv, or with such a folder in data')
    .requiredOption('--out <dir>', 'where <category>/tokenward_<file>.csv is written')
    .action((what: string, { data, out }: Options) => {
      if (what !== 'nab') throw new UsageError(`bench knows nab, not ${what}`);
      const root = existsSync(join(data, 'data')) ? join(data, 'data') : data;
      if (!existsSync(root)) throw new UsageError(`${data}: no such folder`);
      for (const category of foldersOf(root)) writeCategory(join(root, category), join(out, category));
    });
}

function foldersOf(root: string): string[] {
  return readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
}

function writeCategory(from: string, to: string): void {
  const files = readdirSync(from).filter((name) => name.endsWith('.csv')).sort();
  if (files.length === 0) return;
  mkdirSync(to, { recursive: true });
  for (const file of files) writeFileSync(join(to, `tokenward_${file}`), scored(readFileSync(join(from, file), 'utf8')));
}

/** Each row with its score between 0 and 1: rarer is higher. One pass; a row is judged before it is learned. */
export function scored(csv: string): string {
  const rate = freshRate();
  const lines = ['timestamp,value,anomaly_score'];
  for (const line of csv.split('\n').slice(1)) {
    const [time = '', value = ''] = line.trim().split(',');
    if (time === '') continue;
    lines.push(`${time},${value},${score(rate, Date.parse(`${time.replace(' ', 'T')}Z`), Number(value)).toFixed(9)}`);
  }
  return `${lines.join('\n')}\n`;
}

function score(rate: ReturnType<typeof freshRate>, timeMs: number, value: number): number {
  if (!Number.isFinite(timeMs) || !Number.isFinite(value)) return 0;
  const bits = newsBits(rate, timeMs, value);
  learnTold(rate, timeMs, value);
  return 1 - 2 ** (-bits / halfBits);
}
