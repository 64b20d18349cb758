import type { SeedResult } from './one-seed.ts';
import { cutOffOf, type Verdict } from './oracle.ts';
import { belowGoal, byDetector, falseRate, familyTable, isStrong, listed, missed, pooled, recall, rowsBy, table, wayTables } from './report.ts';
import type { Score, TheftResult } from './score.ts';

const scoreOf = ({ scores }: SeedResult): Score => (scores[0] as readonly [string, Score])[1];
const seedsOf = (results: readonly SeedResult[]): string => results.map(({ seed }) => seed).join(', ');
const many = (count: number): string => Math.round(count).toLocaleString('en');
const recordsOf = (results: readonly SeedResult[]): number => results.reduce((sum, { events }) => sum + events, 0);

export interface Runs {
  readonly identities: number;
  readonly days: number;
  readonly thefts: readonly SeedResult[];
  readonly quiet: readonly SeedResult[];
}

/** What is found and what comes in vain, as the page on detection has it. */
export function foundText({ identities, days, thefts, quiet }: Runs): string {
  const all = pooled(thefts.map(scoreOf));
  const verdicts = thefts.flatMap(({ seed, verdicts: some, scores }) => withOurs(seed, some, scores[0]?.[1].results ?? []));
  const runs = [...thefts.length === 0 ? [] : [falseRow(`${all.results.length} thefts: seeds ${seedsOf(thefts)}`, thefts)],
    ...quiet.length === 0 ? [] : [falseRow(`nothing stolen: seeds ${seedsOf(quiet)}`, quiet)]];
  return [
    `Seeds ${seedsOf(thefts)}, ${many(identities)} identities each, ${days} days: ${many(recordsOf(thefts))} records, ${many(all.results.length)} thefts, `
    + `${many(all.identityDays)} identity-days.`,
    familyTable(all), belowGoal(all),
    ...verdicts.length === 0 ? [] : [oracleTable(verdicts)],
    table(['run', 'false alerts', 'identity-days', 'per 10,000 (95 %)', 'by detector', 'moves of vendors'], runs),
  ].join('\n\n');
}

/** What is for whoever works on detectors, and not for the page. */
export function detailText({ thefts, quiet }: Runs, isVerbose: boolean): string {
  const all = pooled(thefts.map(scoreOf));
  const alarms = [...all.falseAlarms, ...pooled(quiet.map(scoreOf)).falseAlarms];
  const beside = `${all.besideAlarms.length} more were raised by a thief's call in another family, before a token was there to name, or when a drip's last week was over`;
  return [wayTables(all), beside, `false alerts:\n${listed(alarms, isVerbose ? 10_000 : 40)}`, ...isVerbose ? [missed(all)] : []].join('\n\n');
}

function falseRow(name: string, results: readonly SeedResult[]): string {
  const { falseAlarms, identityDays } = pooled(results.map(scoreOf));
  const moves = results.reduce((sum, result) => sum + result.moves, 0);
  return `| ${name} | ${falseAlarms.length} | ${many(identityDays)} | ${falseRate(falseAlarms.length, identityDays)} | ${byDetector(falseAlarms)} | ${moves} |`;
}

interface Compared extends Verdict { readonly ours: TheftResult }

function withOurs(seed: number, verdicts: readonly Verdict[], results: readonly TheftResult[]): Compared[] {
  const byNumber = new Map(results.map((result) => [result.number, result]));
  return verdicts.map((verdict) => {
    const ours = byNumber.get(verdict.number);
    if (ours === undefined) throw new Error(`seed ${seed} has no theft ${verdict.number}`);
    return { ...verdict, ours };
  });
}

/** Beside somebody who knows the workloads, and somebody who must learn them: the same thefts. */
function oracleTable(verdicts: readonly Compared[]): string {
  const cutOff = cutOffOf(verdicts);
  const row = (key: string, group: readonly Compared[]): string => {
    const seen = group.filter(({ ours, seen: bySomebody }) => bySomebody && ours.hit).length;
    const couldSee = group.filter(({ seen: bySomebody }) => bySomebody).length;
    const shares = [group.map(({ ours: { hit } }) => ({ hit })), group.map(({ score }) => ({ hit: score > cutOff })), group.map(({ seen: hit }) => ({ hit }))];
    return `| ${key} | ${shares.map(recall).join(' | ')} | ${(seen / Math.max(1, couldSee)).toFixed(2)} |`;
  };
  const strong = verdicts.filter(({ ours }) => isStrong(ours));
  return table(['egress', 'recall (95 %, thefts)', 'of who must learn the workload', 'of who knows it', 'ours of what he sees'], [
    ...rowsBy(verdicts, ({ size }) => `${size} times`, row), ...rowsBy(strong, ({ way }) => `${way}, 3 times and more`, row),
    ...rowsBy(strong, ({ from }) => `${from}, 3 times and more`, row),
  ]);
}
