/**
 * The scoring of the Numenta Anomaly Benchmark (Lavin and Ahmad, 2015), written from its description: each window of a labelled anomaly
 * earns at most once, more the earlier in it the first detection lies; detections outside cost, less the closer they follow a window; a first
 * part of each file does not count. One threshold serves all files, the best there is for the profile.
 */
export interface Series {
  readonly name: string;
  readonly scores: readonly number[];
  /** First and last row of each labelled window, in order. */
  readonly windows: readonly (readonly [number, number])[];
}

export interface Profile { readonly name: string; readonly falsePositive: number; readonly falseNegative: number }

export const profiles: readonly Profile[] = [
  { name: 'standard', falsePositive: 0.11, falseNegative: 1 },
  { name: 'low FP', falsePositive: 0.22, falseNegative: 1 },
  { name: 'low FN', falsePositive: 0.11, falseNegative: 2 },
];

export interface Result { readonly score: number; readonly threshold: number; readonly windowsFound: number; readonly windows: number; readonly falseRows: number }

/** A row that counts: in a window (by its place among all windows) or not (-1), and what a detection there is worth. */
interface Row { readonly score: number; readonly window: number; readonly worth: number }

const probationShare = 0.15;
const longestProbation = 750;

/** Value of a detection by its place: -1 the start of a window, 0 its end, beyond that so many windows late. */
function placeValue(place: number): number {
  return place > 3 ? -1 : 2 / (1 + Math.exp(5 * place)) - 1;
}

function rowsOf({ scores, windows }: Series, firstWindow: number): Row[] {
  const probation = Math.min(Math.floor(probationShare * scores.length), longestProbation);
  const rows: Row[] = [];
  let next = 0;
  for (const [index, score] of scores.entries()) {
    while (next < windows.length && index > (windows[next]?.[1] ?? 0)) next += 1;
    if (index < probation) continue;
    const [start, end] = windows[next] ?? [Infinity, Infinity];
    if (index >= start) rows.push({ score, window: firstWindow + next, worth: placeValue(-(end - index + 1) / (end - start + 1)) / placeValue(-1) });
    else rows.push({ score, window: -1, worth: worthAfter(windows[next - 1], index) });
  }
  return rows;
}

function worthAfter(before: readonly [number, number] | undefined, index: number): number {
  return before === undefined ? -1 : placeValue((index - before[1]) / (before[1] - before[0]));
}

/** Points of all series together, from 0 for finding nothing to 100 for finding all at once and nothing else. */
export function scoreOf(all: readonly Series[], { falsePositive, falseNegative }: Profile): Result {
  let windows = 0;
  const rows: Row[] = [];
  for (const series of all) {
    rows.push(...rowsOf(series, windows));
    windows += series.windows.length;
  }
  rows.sort((a, b) => b.score - a.score);
  const earned = new Map<number, number>();
  let points = -falseNegative * windows;
  let falseRows = 0;
  let best: Result = { score: points, threshold: Infinity, windowsFound: 0, windows, falseRows };
  for (const [place, { score, window, worth }] of rows.entries()) {
    if (window < 0) {
      points += worth * falsePositive;
      falseRows += 1;
    } else {
      const before = earned.get(window) ?? -falseNegative;
      points += Math.max(0, worth - before);
      earned.set(window, Math.max(before, worth));
    }
    if (rows[place + 1]?.score !== score && points > best.score) best = { score: points, threshold: score, windowsFound: earned.size, windows, falseRows };
  }
  const nothing = -falseNegative * windows;
  return { ...best, score: 100 * (best.score - nothing) / (windows - nothing) };
}
