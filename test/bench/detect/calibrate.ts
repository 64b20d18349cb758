import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { CutOff as ShippedCutOff } from '../../../detectors/cut-off.ts';
import { detectors } from '../../../detectors/index.ts';
import { settingName } from '../../../src/config/schema.ts';
import type { ParameterTexts } from '../../../src/config/parameters.ts';
import { atMost, fewestAlerts, lowestCutOff, type CutOff, type Tried } from './cut-offs.ts';
import { runJobs } from './jobs.ts';
import type { SeedResult } from './one-seed.ts';
import { listed } from './report.ts';
import type { Alarm } from './score.ts';
import type { Settings } from './stream.ts';

/** Of the generator and of the way in which cut-offs are found: another one asks for new cut-offs. */
const benchVersion = 2;
/** So many bits from the cut-offs as they are. Each has an engine of its own over the same records, so that what a finding changes is in it. */
const offsets = [-4, -2, 0];
/** Of what is left of the budget: thefts of volume are told by nothing else, and volumes scatter most. */
const shares: Readonly<Record<string, number>> = { 'egress-spike': 0.75 };

/** Their stories in test/scenarios ask for the cut-offs that they have: these stay, and what they cost comes off the budget. */
const held: ReadonlySet<string> = new Set(['probing', 'unfamiliar-action']);

interface Judged { readonly id: string; readonly bits: number }
interface Row extends Judged { readonly basis: 'measured' | 'held' | 'set'; readonly tried: readonly Tried[]; readonly expected: number | null; readonly atMost: number }
/** False alerts by engine and detector, and in how much. */
interface Tally { readonly seeds: number[]; identityDays: number; readonly counts: readonly Map<string, number>[] }

export interface CalibrationSettings extends Omit<Settings, 'seed' | 'attacksEach' | 'engines'> {
  readonly seeds: readonly number[];
  /** Processes. */
  readonly atOnce: number;
  /** False alerts per 10,000 identity-days of all detectors together. */
  readonly budget: number;
  /** The table to write. */
  readonly file: string;
  /** Tables that were written for the same cut-offs elsewhere: what they rest on is added. */
  readonly from: readonly string[];
  readonly verbose: boolean;
}

/** Statistical detectors and the cut-offs that they have. */
function judgedByBits(): Judged[] {
  return detectors.flatMap(({ id, parameters: { thresholdBits } }) => (thresholdBits === undefined ? [] : [{ id, bits: Number(thresholdBits.default) }]));
}

/** Runs quiet estates with lower cut-offs, and writes those that keep the budget; after each seed anew, so that a run may be stopped. */
export async function calibrate(settings: CalibrationSettings): Promise<string> {
  const { seeds, identities, days, historyDays, atOnce, verbose } = settings;
  const judged = judgedByBits();
  const tally: Tally = { seeds: [], identityDays: 0, counts: offsets.map(() => new Map<string, number>()) };
  for (const file of settings.from) await addTable(tally, judged, file);
  let told = write(judged, tally, settings);
  const engines = offsets.map((offset) => ({ name: `${offset} bits`, parameters: shifted(judged, offset), without: [] }));
  const jobs = seeds.map((seed) => ({ seed, identities, days, historyDays, attacksEach: 0, engines, rules: false, oracle: 0 }));
  await runJobs(jobs, atOnce, (result) => {
    add(tally, result, verbose);
    told = write(judged, tally, settings);
  });
  return told;
}

function add(tally: Tally, { seed, scores }: SeedResult, verbose: boolean): void {
  for (const [engine, [name, { falseAlarms }]] of scores.entries()) {
    count(tally.counts[engine] as Map<string, number>, falseAlarms);
    if (verbose) process.stderr.write(`${name}\n${listed(falseAlarms, 1_000)}\n`);
  }
  tally.identityDays += scores[0]?.[1].identityDays ?? 0;
  tally.seeds.push(seed);
}

/** Throws where the table is of other cut-offs. */
async function addTable(tally: Tally, judged: readonly Judged[], file: string): Promise<void> {
  const { calibration, cutOffs } = await import(pathToFileURL(file).href) as typeof import('../../../detectors/calibration.ts');
  const rows = new Map<string, ShippedCutOff>(Object.entries(cutOffs));
  for (const { id, bits } of judged) {
    for (const [at, offset] of offsets.entries()) {
      const alerts = rows.get(id)?.tried.find(([tried]) => tried === bits + offset)?.[1];
      if (alerts === undefined) throw new Error(`${file}: ${id} was not tried at ${bits + offset} bits`);
      tally.counts[at]?.set(id, (tally.counts[at].get(id) ?? 0) + alerts);
    }
  }
  tally.seeds.push(...calibration.seeds);
  tally.identityDays += calibration.identityDays;
}

function write(judged: readonly Judged[], { seeds, identityDays, counts }: Tally, { identities, budget, file }: CalibrationSettings): string {
  const rows = rowsOf(judged, counts, identityDays, budget);
  const date = new Date().toISOString().slice(0, 10);
  if (seeds.length > 0) writeFileSync(file, fileText({ benchVersion, date, seeds, identities, identityDays, falseAlertsPer10000IdentityDays: budget }, rows));
  return table(rows, counts, identityDays);
}

function count(counts: Map<string, number>, alarms: readonly Alarm[]): void {
  for (const { text: told } of alarms) {
    const id = told.slice(0, told.indexOf(':'));
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
}

function shifted(judged: readonly Judged[], offset: number): ParameterTexts {
  return Object.fromEntries(judged.map(({ id, bits }) => [id, { [settingName('thresholdBits')]: bits + offset }]));
}

/** A detector of which these estates tell too little keeps the cut-off that was set; the others share what that leaves of the budget. */
function rowsOf(judged: readonly Judged[], counts: readonly Map<string, number>[], identityDays: number, budget: number): Row[] {
  const triedOf = ({ id, bits }: Judged): Tried[] => offsets.map((offset, at) => ({ bits: bits + offset, alerts: counts[at]?.get(id) ?? 0 }));
  const nowOf = (one: Judged): number => triedOf(one).at(-1)?.alerts ?? 0;
  const perDays = (alerts: number): number => alerts / identityDays * 10_000;
  const isTold = (one: Judged): boolean => !held.has(one.id) && (triedOf(one)[0]?.alerts ?? 0) >= fewestAlerts;
  const told = judged.filter(isTold);
  const left = budget - judged.filter((one) => !isTold(one)).reduce((sum, one) => sum + perDays(nowOf(one)), 0);
  const given = told.reduce((sum, { id }) => sum + (shares[id] ?? 0), 0);
  const others = told.filter(({ id }) => shares[id] === undefined).length;
  return judged.map((one) => {
    const tried = triedOf(one);
    const kept = { ...one, tried, atMost: atMost(nowOf(one), identityDays) };
    if (held.has(one.id)) return { ...kept, basis: 'held', expected: perDays(nowOf(one)) };
    const found: CutOff | null = isTold(one) ? lowestCutOff(tried, identityDays, left * (shares[one.id] ?? (1 - given) / Math.max(1, others))) : null;
    return found === null ? { ...kept, basis: 'set', expected: null } : { ...one, ...found, basis: 'measured', tried };
  });
}

const three = (value: number): number => Math.round(value * 1000) / 1000;

function fileText(head: object, rows: readonly Row[]): string {
  const lines = rows.map(({ id, bits, basis, tried, expected, atMost: most }) => (
    `  ${id.includes('-') ? `'${id}'` : id}: { bits: ${bits}, basis: '${basis}', expected: ${expected === null ? 'null' : three(expected)}, atMost: ${three(most)}, `
    + `tried: [${tried.map((one) => `[${one.bits}, ${one.alerts}]`).join(', ')}] },`));
  return `${preface}export const calibration = {\n${Object.entries(head).map(([key, value]) => `  ${key}: ${text(value)},`).join('\n')}\n} as const;\n
/** By detector that judges by surprise. */
export const cutOffs = {\n${lines.join('\n')}\n} as const satisfies Readonly<Record<string, CutOff>>;\n`;
}

function text(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : typeof value === 'string' ? `'${value}'` : String(value);
}

const preface = `import type { CutOff } from './cut-off.ts';

/**
 * From how many bits of surprise a detector alerts. Written by \`node test/bench/detect/run.ts --calibrate\`, which runs estates in which nothing
 * is stolen: do not edit. A release ships it, and nothing moves it at run time; an operator may set \`thresholdBits\` of each.
 */

/** What it rests on. */
`;

function table(rows: readonly Row[], counts: readonly Map<string, number>[], identityDays: number): string {
  const lines = rows.map(({ id, bits, basis, tried, expected, atMost: most }) => (
    `| ${id} | ${tried.map((one) => `${one.alerts} at ${one.bits}`).join(', ')} | ${bits} | ${basis} | ${expected === null ? '-' : three(expected)} | ${three(most)} |`));
  const known = new Set(rows.map(({ id }) => id));
  const others = offsets.map((offset, at) => `${offset}: ${[...counts[at] ?? []].filter(([id]) => !known.has(id)).map(([id, count]) => `${count} ${id}`).join(', ') || 'none'}`);
  return ['| detector | false alerts | cut-off | basis | per 10,000 | at most |', '| --- | --- | --- | --- | --- | --- |', ...lines,
    '', `${identityDays} identity-days; false alerts of detectors without a cut-off in bits: ${others.join('; ')}`].join('\n');
}
