/**
 * `npm run bench:detect [-- --identities N --days N --history N --seeds N --seed N --attacks N --quiet N --oracle N --rules --verbose]`: how much of
 * what is stolen in generated estates is found, how soon, and how often nothing was stolen. Each seed has a process of its own, as many at once as
 * there are cores (`--at-once N`). Five seeds that are new in each run, and one estate more in which nothing is stolen (`--quiet N`); where a seed is
 * given that alone. `--oracle N`: so many thefts of each seed are shown to somebody who knows the workloads. `--rules`: the fixed rules of others look on, and that alone is told.
 * `--without all` or `--without FAMILY,FAMILY`: what each family of detectors is worth, by engines that do not have it.
 * `--calibrate [--budget N --out FILE --from FILE,FILE]`: writes `detectors/calibration.ts` from quiet estates, for N false alerts per 10,000
 * identity-days; tables that other runs wrote for the same cut-offs count as well.
 * `--publish`: writes what was measured to its place in docs/detection.md.
 */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { calibrate } from './calibrate.ts';
import { detailText, foundText } from './found.ts';
import { runJobs } from './jobs.ts';
import { publish } from './publish.ts';
import { comparison, pooled } from './report.ts';
import { worthOf } from './worth.ts';

const { values: options } = parseArgs({
  options: {
    identities: { type: 'string', default: '300' }, days: { type: 'string', default: '60' }, history: { type: 'string', default: '90' },
    seeds: { type: 'string' }, seed: { type: 'string' }, attacks: { type: 'string', default: '2' }, quiet: { type: 'string' },
    oracle: { type: 'string', default: '60' }, rules: { type: 'boolean', default: false }, without: { type: 'string' },
    'at-once': { type: 'string', default: String(availableParallelism()) }, verbose: { type: 'boolean', default: false }, publish: { type: 'boolean', default: false },
    calibrate: { type: 'boolean', default: false }, budget: { type: 'string', default: '1' }, from: { type: 'string', default: '' },
    out: { type: 'string', default: join(import.meta.dirname, '../../../detectors/calibration.ts') },
  },
});

const firstSeed = options.seed === undefined ? Date.now() % 1_000_000 : Number(options.seed);
const seedsFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, turn) => first + turn);
const isGiven = options.seed !== undefined;
const seeds = seedsFrom(firstSeed, Number(options.seeds ?? (isGiven ? 1 : 5)));
const sizes = { identities: Number(options.identities), days: Number(options.days), historyDays: Number(options.history) };
const atOnce = Number(options['at-once']);
const attacksEach = Number(options.attacks);

function show(part: Parameters<typeof publish>[0], text: string): void {
  process.stdout.write(`\n${text}\n`);
  if (options.publish) publish(part, text);
}

async function measure(): Promise<void> {
  const thefts = seeds.map((seed) => ({ ...sizes, seed, attacksEach, rules: options.rules, oracle: Number(options.oracle) }));
  const quiet = seedsFrom(firstSeed + seeds.length, Number(options.quiet ?? (isGiven ? 0 : 1))).map((seed) => ({ ...sizes, seed, attacksEach: 0, rules: false, oracle: 0 }));
  const results = await runJobs([...thefts, ...quiet], atOnce);
  const runs = { ...sizes, thefts: results.slice(0, thefts.length), quiet: results.slice(thefts.length) };
  if (!options.rules) show('found', foundText(runs));
  process.stdout.write(`\n${detailText(runs, options.verbose)}\n`);
  if (options.rules) show('rules', rulesText(runs.thefts));
}

function rulesText(results: Awaited<ReturnType<typeof runJobs>>): string {
  return `Seeds ${seeds.join(', ')}, ${sizes.identities} identities each, ${sizes.days} days, ${attacksEach} thefts each.\n\n${comparison(pooledByName(results))}`;
}

function pooledByName(results: Awaited<ReturnType<typeof runJobs>>): [string, ReturnType<typeof pooled>][] {
  const byName = Map.groupBy(results.flatMap(({ scores }) => scores), ([name]) => name);
  return [...byName].map(([name, scores]) => [name, pooled(scores.map(([, score]) => score))]);
}

async function setCutOffs(): Promise<void> {
  const from = options.from === '' ? [] : options.from.split(',').map((file) => resolve(file));
  process.stdout.write(`${await calibrate({ ...sizes, seeds, atOnce, budget: Number(options.budget), file: options.out, from, verbose: options.verbose })}\n`);
}

async function showWorth(families: string): Promise<void> {
  show('without', await worthOf(seeds, { ...sizes, attacksEach }, families === 'all' ? [] : families.split(','), atOnce));
}

if (options.calibrate) await setCutOffs();
else await (options.without === undefined ? measure() : showWorth(options.without));
