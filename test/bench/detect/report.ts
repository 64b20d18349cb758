import type { Family } from './attacks.ts';
import { answers, type Alarm, type Score, type TheftResult } from './score.ts';

/** Scores of several estates as one. */
export function pooled(scores: readonly Score[]): Score {
  return {
    results: scores.flatMap(({ results }) => results), falseAlarms: scores.flatMap(({ falseAlarms }) => falseAlarms),
    besideAlarms: scores.flatMap(({ besideAlarms }) => besideAlarms),
    identityDays: scores.reduce((sum, { identityDays }) => sum + identityDays, 0),
  };
}

/** Wilson's interval of 95 % for a share. */
export function interval(hits: number, of: number): readonly [number, number] {
  if (of === 0) return [0, 1];
  const z = 1.96, share = hits / of, scale = 1 + z * z / of;
  const middle = (share + z * z / (2 * of)) / scale;
  const half = z * Math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / scale;
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Interval of 95 % for the mean of a Poisson count (Byar's approximation). */
export function countInterval(count: number): readonly [number, number] {
  const low = count === 0 ? 0 : count * (1 - 1 / (9 * count) - 1.96 / (3 * Math.sqrt(count))) ** 3;
  const above = count + 1;
  return [low, above * (1 - 1 / (9 * above) + 1.96 / (3 * Math.sqrt(above))) ** 3];
}

export function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number => one.localeCompare(other, 'en', { numeric: true });
const two = (value: number): string => value.toFixed(2);

export function recall(results: readonly { readonly hit: boolean }[]): string {
  const hits = results.filter(({ hit }) => hit).length;
  const [low, high] = interval(hits, results.length);
  return results.length === 0 ? '-' : `${two(hits / results.length)} (${two(low)}-${two(high)}, ${results.length})`;
}

export const shareOf = <T>(things: readonly T[], holds: (thing: T) => boolean): string => two(things.filter(holds).length / Math.max(1, things.length));

/** A row for each group, by name. */
export function rowsBy<T>(things: readonly T[], keyOf: (thing: T) => string, row: (key: string, group: readonly T[]) => string): string[] {
  return [...Map.groupBy(things, keyOf)].sort(byName).map(([key, group]) => row(key, group));
}

/** Of one thing by others in many columns: a table in Markdown. */
export function table(heads: readonly string[], rows: readonly string[]): string {
  return [`| ${heads.join(' | ')} |`, `|${' --- |'.repeat(heads.length)}`, ...rows].join('\n');
}

function inTime(results: readonly TheftResult[]): string {
  const delays = results.flatMap(({ delayMs }) => (delayMs === null ? [] : [delayMs])).sort((a, b) => a - b);
  const late = delays[Math.floor(delays.length * 0.9)];
  return late === undefined ? '-' : `${(late / 1000).toFixed(1)} s`;
}

/** Share of the loot that was gone. */
function out(results: readonly TheftResult[]): string {
  const shares = results.flatMap(({ share }) => (share === null ? [] : [share]));
  return shares.length === 0 ? '-' : medianOf(shares).toFixed(4);
}

const heads = ['recall (95 %, thefts)', 'seen by any', 'median share out', 'nine of ten within'] as const;
const rowOf = (key: string, group: readonly TheftResult[]): string => `| ${key} | ${recall(group)} | ${shareOf(group, ({ seen }) => seen)} | ${out(group)} | ${inTime(group)} |`;

/** What is found, by family and size. Of drips and thefts of egress `size` is in mean days, of others how many of what they do. */
export function familyTable({ results }: Score): string {
  return table(['family, size', ...heads], rowsBy(results, ({ family, size }) => `${family}, ${size} times`, rowOf));
}

const goal = 0.95;
const shareFound = (results: readonly TheftResult[]): number => results.filter(({ hit }) => hit).length / results.length;
const isBelow = (results: readonly TheftResult[]): boolean => shareFound(results) < goal;

/** Where the goal is missed, and by which ways: a list. */
export function belowGoal({ results }: Score): string {
  const groups = rowsBy(results.filter(isStrong), ({ family, size }) => `${family}, ${size} times`, (key, group) => {
    const ways = [...Map.groupBy(group, ({ way }) => way)].filter(([, some]) => isBelow(some)).map(([way, some]) => `${way} ${two(shareFound(some))} of ${some.length}`);
    return isBelow(group) ? `- ${key} (${two(shareFound(group))}): ${ways.join(', ')}` : '';
  }).filter((line) => line !== '');
  return groups.length === 0 ? `Nothing is below ${goal} at three times and more.` : `Below ${goal} at three times and more, or where there is one size:\n\n${groups.join('\n')}`;
}

export function wayTables({ results }: Score): string {
  const egress = results.filter(({ family }) => family === 'egress');
  return [
    table(['way, size', ...heads], rowsBy(results, ({ way, size }) => `${way}, ${size} times`, rowOf)),
    table(['distance, size (egress)', ...heads], rowsBy(egress, ({ from, size }) => `${from}, ${size} times`, rowOf)),
    table(['profile (egress, 3 times and more)', ...heads], rowsBy(egress.filter(({ size }) => size >= 3), ({ profile }) => profile, rowOf)),
  ].join('\n\n');
}

/** A rate of what comes in vain, per 10,000 identity-days, with its interval. */
export function falseRate(count: number, identityDays: number): string {
  const [low, high] = countInterval(count);
  const [rate, least, most] = [count, low, high].map((value) => (value / identityDays * 10_000).toFixed(1));
  return `${rate} (${least}-${most})`;
}

const ofOneSize: ReadonlySet<string> = new Set(['origin', 'lifecycle', 'forged', 'minting']);
/** At three times and more, or where size is nothing. */
export const isStrong = ({ family, size }: TheftResult): boolean => size >= 3 || ofOneSize.has(family);

/** One line per system and kind of theft: ours and the fixed rules of others, of which each looks for one. */
export function comparison(scores: readonly (readonly [string, Score])[]): string {
  const [ours] = scores;
  const rows: string[] = [];
  for (const family of familiesOf(ours?.[1].results ?? [])) {
    for (const [name, { results, falseAlarms, identityDays }] of scores) {
      const group = results.filter((result) => result.family === family && isStrong(result));
      const wrong = falseAlarms.filter((alarm) => answers(alarm, family)).length;
      if (name !== ours?.[0] && wrong === 0 && !group.some(({ hit }) => hit)) continue;
      rows.push(`| ${family} | ${name} | ${recall(group)} | ${two(wrong / identityDays * 10_000)} |`);
    }
  }
  return table(['family, at three times and more', 'rules', 'recall (95 %, thefts)', 'false of the family per 10,000 identity-days'], rows);
}

export const familiesOf = (results: readonly TheftResult[]): Family[] => [...new Set(results.map(({ family }) => family))].sort();

/** False alerts by detector. */
export function byDetector(alarms: readonly Alarm[]): string {
  const counts = [...Map.groupBy(alarms, ({ text }) => text.slice(0, text.indexOf(':')))].map(([id, group]) => [id, group.length] as const);
  return counts.sort((a, b) => b[1] - a[1]).map(([id, count]) => `${count} \`${id}\``).join(', ') || 'none';
}

export function listed(alarms: readonly Alarm[], most: number): string {
  return alarms.slice(0, most).map(({ text, workload, atMs }) => `  day ${Math.floor(atMs / 86_400_000)} ${workload}: ${text}`).join('\n');
}

/** What was taken at three times and more, or in another way than by bytes, and not found. */
export function missed({ results }: Score): string {
  return results.filter(({ hit, family, size }) => !hit && (family !== 'egress' || size >= 3))
    .map(({ way, size, from, day, workload }) => `  missed: ${workload} ${way}, ${size} times, ${from}, day ${day}`).join('\n');
}
