import { severityWord } from '../severity.ts';
import { table } from '../table.ts';
import { isTold, type Comparison } from './compare.ts';
import type { AlertLine, Outcome } from './outcome.ts';
import { summarizeResponse, type ResponseSummary } from './response.ts';

const dayMs = 86_400_000;
/** Of each list so many lines are for people; `--json` has all. */
const maxLines = 40;

export interface Backtest {
  readonly before: Outcome;
  readonly after: Outcome;
  readonly comparison: Comparison;
  readonly withResponse: boolean;
}

/** The whole as one JSON object; the names are what scripts go by. */
export function backtestData({ before, after, comparison, withResponse }: Backtest): object {
  const { appear, vanish, changed, same, days } = comparison;
  return {
    from: time(before.firstMs), to: time(before.lastMs), days: daysBetween(before), events: before.events,
    alerts: both(before, after, (outcome) => told(outcome).length),
    alerts_per_day: both(before, after, perDay),
    hidden: both(before, after, ({ alerts }) => alerts.length - alerts.filter(isTold).length),
    by_detector: both(before, after, (outcome) => counts(outcome, ({ detector }) => detector)),
    by_severity: both(before, after, (outcome) => counts(outcome, ({ severity }) => severityWord(severity))),
    by_day: days, same, appear: appear.map(alertData),
    vanish: vanish.map(({ before: alert, after: now }) => ({ ...alertData(alert), hidden_by: now?.hiddenBy ?? null })),
    changed: changed.map((pair) => ({ before: alertData(pair.before), after: alertData(pair.after) })),
    ...withResponse ? { response: both(before, after, ({ intents }) => responseData(summarizeResponse(intents))) } : {},
  };
}

function both<T>(before: Outcome, after: Outcome, of: (outcome: Outcome) => T): { readonly before: T; readonly after: T } {
  return { before: of(before), after: of(after) };
}

function alertData({ id, detector, severity, who, name, token, startMs, createdMs, reason }: AlertLine): object {
  return { id, detector, severity, identity: who, name, token, start: time(startMs), created: time(createdMs), reason };
}

function responseData({ steps, tokens, byMode, byRule, byAction, reasons, cutOff }: ResponseSummary): object {
  return { steps, tokens, by_mode: byMode, by_rule: byRule, by_action: byAction, reasons, cut_off: cutOff };
}

/** The same for people. */
export function backtestText(backtest: Backtest): string {
  const { before, after, comparison: { appear, vanish, changed, same, days }, withResponse } = backtest;
  const names = [...new Set([...Object.keys(counts(before, detectorOf)), ...Object.keys(counts(after, detectorOf))])].toSorted();
  const row = (name: string, of: (outcome: Outcome) => number): string[] => [name, String(of(before)), String(of(after))];
  return [
    `${time(before.firstMs)} to ${time(before.lastMs)}: ${daysBetween(before)} days, ${before.events} events`,
    '',
    table(['', 'before', 'after'], [
      row('alerts', (outcome) => told(outcome).length), row('alerts a day', perDay), row('busiest day', busiest),
      row('hidden by exceptions', ({ alerts }) => alerts.length - alerts.filter(isTold).length),
      ...names.map((name) => row(`  ${name}`, (outcome) => counts(outcome, detectorOf)[name] ?? 0)),
    ]),
    ...list('days that differ', days.filter((day) => day.before !== day.after).map((day) => `${day.day}  ${day.before} -> ${day.after}`)),
    ...list('appear', appear.map(line)),
    ...list('vanish', vanish.map(({ before: alert, after: now }) => (now === null ? line(alert) : `${line(alert)} (hidden by ${now.hiddenBy})`))),
    ...list('told otherwise', changed.map((pair) => `${line(pair.before)}\n    now ${time(pair.after.createdMs)}  ${severityWord(pair.after.severity)}`)),
    '', `${same} alerts are the same.`,
    ...withResponse ? ['', responseText(summarizeResponse(before.intents), summarizeResponse(after.intents))] : [],
  ].join('\n');
}

function detectorOf({ detector }: AlertLine): string {
  return detector;
}

function list(heading: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length > maxLines ? [`  and ${lines.length - maxLines} more: --json has all`] : [];
  return ['', `${heading} (${lines.length})`, ...lines.slice(0, maxLines).map((text) => `  ${text}`), ...rest];
}

function line({ createdMs, severity, detector, name, token, reason }: AlertLine): string {
  return `${time(createdMs)}  ${severityWord(severity).padEnd(8)}  ${detector}  ${name}${token === null ? '' : ` (${token})`}: ${reason}`;
}

function responseText(before: ResponseSummary, after: ResponseSummary): string {
  const rows = (heading: string, of: (summary: ResponseSummary) => Readonly<Record<string, number>>): string[][] => {
    const names = [...new Set([...Object.keys(of(before)), ...Object.keys(of(after))])];
    return names.map((name) => [`  ${heading} ${name}`, String(of(before)[name] ?? 0), String(of(after)[name] ?? 0)]);
  };
  return [
    table(['what policy would have done', 'before', 'after'], [
      ['steps proposed', String(before.steps), String(after.steps)], ['tokens', String(before.tokens), String(after.tokens)],
      ...rows('mode', ({ byMode }) => byMode), ...rows('rule', ({ byRule }) => byRule), ...rows('step', ({ byAction }) => byAction),
      ...rows('held back:', ({ reasons }) => reasons),
    ]),
    ...list('others whom it would have cut off, before', before.cutOff.map(userLine)),
    ...list('others whom it would have cut off, after', after.cutOff.map(userLine)),
    ...after.cutOff.length === 0 ? ['', 'After: nobody else would have been cut off.'] : [],
  ].join('\n');
}

function userLine({ name, tokens }: ResponseSummary['cutOff'][number]): string {
  return `${name}: ${tokens.join(', ')}`;
}

function told({ alerts }: Outcome): readonly AlertLine[] {
  return alerts.filter(isTold);
}

function counts(outcome: Outcome, of: (alert: AlertLine) => string): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(told(outcome), of)].map(([name, alerts]) => [name, alerts.length]));
}

function daysBetween({ firstMs, lastMs }: Outcome): number {
  return Math.max(0, Math.round((lastMs - firstMs) / dayMs * 10) / 10);
}

/** A period of less than a day counts as one. */
function perDay(outcome: Outcome): number {
  return Math.round(told(outcome).length / Math.max(1, daysBetween(outcome)) * 100) / 100;
}

function busiest(outcome: Outcome): number {
  return Math.max(0, ...Object.values(counts(outcome, ({ createdMs }) => time(createdMs).slice(0, 10))));
}

function time(ms: number): string {
  return Number.isFinite(ms) ? `${new Date(ms).toISOString().slice(0, 19)}Z` : 'none';
}
