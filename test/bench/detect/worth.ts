import { runJobs } from './jobs.ts';
import { familiesOf, falseRate, isStrong, pooled, recall, shareOf, table } from './report.ts';
import { families, type Score } from './score.ts';
import { shipped, type Settings } from './stream.ts';

/** What each family of detectors is worth: engines side by side over the same records, each without one family, really without. */
export async function worthOf(seeds: readonly number[], settings: Omit<Settings, 'seed' | 'engines'>, only: readonly string[], atOnce: number): Promise<string> {
  const known = [...new Set(Object.values(families))].sort();
  const wrong = only.find((family) => !known.some((one) => one === family));
  if (wrong !== undefined) throw new Error(`${wrong} is no family: there are ${known.join(', ')}`);
  const chosen = known.filter((family) => only.length === 0 || only.includes(family));
  const without = (family: string): string[] => Object.keys(families).filter((id) => families[id] === family);
  const engines = [shipped, ...chosen.map((family) => ({ name: family, parameters: {}, without: without(family) }))];
  const results = await runJobs(seeds.map((seed) => ({ ...settings, seed, engines, rules: false, oracle: 0 })), atOnce);
  const scoreOf = (name: string): Score => pooled(results.flatMap(({ scores }) => scores.filter(([one]) => one === name).map(([, score]) => score)));
  const all = scoreOf(shipped.name);
  const rows = chosen.filter((family) => familiesOf(all.results).includes(family)).map((family) => row(family, all, scoreOf(family)));
  const text = `Seeds ${seeds.join(', ')}, ${settings.identities} identities each, ${settings.days} days, ${all.results.length} thefts.`;
  return `${text}\n\n${table(['switched off', 'recall (95 %, thefts)', 'without', 'seen by any', 'without', 'false per 10,000', 'without'], rows)}`;
}

function row(family: string, all: Score, less: Score): string {
  const [before, after] = [all, less].map(({ results }) => results.filter((result) => result.family === family && isStrong(result)));
  const columns = [recall(before ?? []), recall(after ?? []), shareOf(before ?? [], ({ seen }) => seen), shareOf(after ?? [], ({ seen }) => seen),
    falseRate(all.falseAlarms.length, all.identityDays), falseRate(less.falseAlarms.length, less.identityDays)];
  return `| ${family} | ${columns.join(' | ')} |`;
}
