/**
 * `npm run bench:detect [-- --identities N --days N --history N --seeds N --seed N --attacks N --without ID,ID --verbose --alone]`: how much of what is stolen
 * in a generated estate is found, how soon, and how often nothing was stolen. Seeds are new in each run unless given;
 * `--alone` leaves the fixed rules of others out, which take longer than all of ours.
 * `--calibrate [--budget N --out FILE --from FILE,FILE]`: writes `detectors/calibration.ts` from quiet estates, for N false alerts per 10,000
 * identity-days; tables that other runs wrote for the same cut-offs count as well.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { calibrate } from './calibrate.ts';
import { besideLine, comparison, falseLine, listed, missed, pooled, profileTable, recallTables } from './report.ts';
import { alarmsOf, score, type Score } from './score.ts';
import { makePeers } from './peers.ts';
import { runEstate } from './stream.ts';

const { values: options } = parseArgs({
  options: {
    identities: { type: 'string', default: '300' }, days: { type: 'string', default: '60' }, history: { type: 'string', default: '90' },
    seeds: { type: 'string', default: '1' }, seed: { type: 'string' }, attacks: { type: 'string', default: '2' }, without: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false }, alone: { type: 'boolean', default: false },
    calibrate: { type: 'boolean', default: false }, budget: { type: 'string', default: '1' }, from: { type: 'string', default: '' },
    out: { type: 'string', default: join(import.meta.dirname, '../../../detectors/calibration.ts') },
  },
});

const firstSeed = options.seed === undefined ? Date.now() % 1_000_000 : Number(options.seed);
const sizes = { seed: firstSeed, identities: Number(options.identities), days: Number(options.days), historyDays: Number(options.history) };

async function measure(): Promise<void> {
  const ours: Score[] = [];
  const theirs = new Map<string, Score[]>();
  for (let turn = 0; turn < Number(options.seeds); turn += 1) {
    const startedMs = performance.now();
    const peers = options.alone ? [] : makePeers();
    const outcome = await runEstate({
      ...sizes, seed: firstSeed + turn, attacksEach: Number(options.attacks), without: options.without === '' ? [] : options.without.split(','),
    }, peers.map(({ observe }) => observe));
    ours.push(score(outcome, alarmsOf(outcome.raised[0] ?? [])));
    for (const peer of peers) theirs.set(peer.name, [...theirs.get(peer.name) ?? [], score(outcome, peer.alarms)]);
    process.stderr.write(`seed ${firstSeed + turn}: ${outcome.events} events, ${Math.round((performance.now() - startedMs) / 1000)} s\n`);
  }
  const all = pooled(ours);
  process.stdout.write(`${recallTables(all)}\n${profileTable(all)}\n`);
  process.stdout.write(`${comparison([['tokenward', all], ...[...theirs].map(([name, scores]) => [name, pooled(scores)] as const)])}\n`);
  process.stdout.write(`\n${falseLine('tokenward', all)}\n${besideLine(all)}\n${listed(all.falseAlarms, options.verbose ? 1_000 : 20)}\n`);
  if (options.verbose) process.stdout.write(`${missed(all)}\n`);
}

async function setCutOffs(): Promise<void> {
  const from = options.from === '' ? [] : options.from.split(',').map((file) => resolve(file));
  const told = await calibrate({ ...sizes, seeds: Number(options.seeds), budget: Number(options.budget), file: options.out, from, verbose: options.verbose });
  process.stdout.write(`${told}\n`);
}

await (options.calibrate ? setCutOffs() : measure());
