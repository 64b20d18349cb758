import type { Alarm, AttackResult, Score } from './score.ts';

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

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number => (one < other ? -1 : 1);
const two = (value: number): string => value.toFixed(2);

function recall(results: readonly AttackResult[]): string {
  const hits = results.filter(({ hit }) => hit).length;
  const [low, high] = interval(hits, results.length);
  return results.length === 0 ? '-' : `${two(hits / results.length)} (${two(low)}-${two(high)}, ${results.length})`;
}

/** Tables in Markdown: recall by family, way, size and distance. */
export function recallTables({ results }: Score): string {
  const lines: string[] = [];
  const table = (title: string, keyOf: (result: AttackResult) => string): void => {
    lines.push(`\n| ${title} | recall (95 %, attacks) | seen by any | by others alone | median share out | p90 delay |`, '| --- | --- | --- | --- | --- | --- |');
    for (const [key, group] of Object.entries(Object.groupBy(results, keyOf)).sort(byName)) {
      const some = group ?? [];
      const delays = some.flatMap(({ delayMs }) => (delayMs === null ? [] : [delayMs])).sort((a, b) => a - b);
      const shareOf = (holds: (result: AttackResult) => boolean): string => two(some.filter(holds).length / Math.max(1, some.length));
      const shares = some.flatMap(({ share }) => (share === null ? [] : [share]));
      const late = ((delays[Math.floor(delays.length * 0.9)] ?? 0) / 1000).toFixed(1);
      const others = shareOf(({ seenByOthers }) => seenByOthers);
      lines.push(`| ${key} | ${recall(some)} | ${shareOf(({ seen }) => seen)} | ${others} | ${medianOf(shares).toFixed(4)} | ${late} s |`);
    }
  };
  table('family, size', ({ attack: { way, size } }) => `${way.family}, ${sizeName(size)}`);
  table('way, size', ({ attack: { way, size } }) => `${way.name}, ${sizeName(size)}`);
  table('distance, size (egress)', ({ attack: { way, size, from } }) => (way.family === 'egress' ? `${from}, ${sizeName(size)}` : 'others'));
  return lines.join('\n');
}

/** Recall of egress at three times and more by profile: where the weak spots are. */
export function profileTable({ results }: Score): string {
  const strong = results.filter(({ attack: { way, size } }) => way.family === 'egress' && size >= 3);
  const rows = Object.entries(Object.groupBy(strong, ({ attack }) => attack.workload.profile)).sort(byName);
  return ['\n| profile (egress, 3 times and more) | recall |', '| --- | --- |', ...rows.map(([profile, group]) => `| ${profile} | ${recall(group ?? [])} |`)].join('\n');
}

export function falseLine(name: string, { falseAlarms, identityDays }: Score): string {
  const [low, high] = countInterval(falseAlarms.length);
  const rate = (count: number): string => two(count / identityDays * 10_000);
  return `${name}: ${falseAlarms.length} false alerts in ${identityDays} identity-days: ${rate(falseAlarms.length)} per 10,000 (${rate(low)}-${rate(high)})`;
}

/** What a reader by the letter counts as false as well. */
export function besideLine({ besideAlarms, falseAlarms, identityDays }: Score): string {
  const rate = two((falseAlarms.length + besideAlarms.length) / identityDays * 10_000);
  return `besides, ${besideAlarms.length} were raised by a thief's call but are no hit; with them ${rate}`;
}

/** One line per system and kind of theft: ours and the fixed rules of others, of which each looks for one. */
export function comparison(scores: readonly (readonly [string, Score])[]): string {
  const [ours] = scores;
  const lines = ['\n| family, at three times and more | rules | recall (95 %, attacks) | false of the family per 10,000 identity-days |', '| --- | --- | --- | --- |'];
  const families = [...new Set(ours?.[1].results.map(({ attack }) => attack.way.family) ?? [])].sort();
  for (const family of families) {
    for (const [name, { results, falseAlarms, identityDays }] of scores) {
      const group = results.filter(({ attack: { way, size } }) => way.family === family && (size >= 3 || way.family === 'origin' || way.family === 'lifecycle' || way.family === 'forged'));
      const wrong = falseAlarms.filter((alarm) => alarm.family === family).length;
      if (name !== ours?.[0] && wrong === 0 && !group.some(({ hit }) => hit)) continue;
      lines.push(`| ${family} | ${name} | ${recall(group)} | ${two(wrong / identityDays * 10_000)} |`);
    }
  }
  return lines.join('\n');
}

export function listed(alarms: readonly Alarm[], most: number): string {
  return alarms.slice(0, most).map(({ text, workload, atMs }) => `  day ${Math.floor(atMs / 86_400_000)} ${workload}: ${text}`).join('\n');
}

function sizeName(size: number): string {
  return `${String(size).padStart(4)} times`;
}

/** What was taken at three times and more, or in another way than by bytes, and not found. */
export function missed({ results }: Score): string {
  return results.filter(({ hit, attack: { way, size } }) => !hit && (way.family !== 'egress' || size >= 3))
    .map(({ attack: { way, size, from, day, workload: { name } } }) => `  missed: ${name} ${way.name}, ${size} times, ${from}, day ${day}`).join('\n');
}
