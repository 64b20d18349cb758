import type { Alert } from '../model/alert.ts';
import type { Exception } from '../model/exception.ts';
import type { Known } from './known.ts';
import { table } from './table.ts';

/** Shown at most: the ones that began last. */
const maxRows = 1_000;

/** What exceptions hid, the oldest first, and how much each of them did. */
export function hiddenTable({ store }: Known): string {
  const alerts = [...store.effects.hiddenAlerts()];
  if (alerts.length === 0) return 'No exception has hidden anything.';
  const rows = alerts.slice(-maxRows).map(({ id, hiddenBy = '', detector, first, startMs, endMs, count }) => (
    [id, hiddenBy, detector, first.identityName ?? first.identityId ?? '', first.tokenHandle ?? '', day(startMs), day(endMs), String(count)]));
  const left = alerts.length - rows.length;
  const sums = Map.groupBy(alerts, ({ hiddenBy = '' }) => hiddenBy);
  return [
    table(['alert', 'exception', 'detector', 'identity', 'token', 'first', 'last', 'events'], rows), ...left === 0 ? [] : [`and ${left} older ones`], '',
    table(['exception', 'alerts', 'events'], Array.from(sums, ([name, own]) => [name, String(own.length), String(events(own))])),
  ].join('\n');
}

/** Why nobody was told of an alert; empty for one that was told. */
export function hiddenLines({ hiddenBy }: Alert, exceptions: readonly Exception[]): [string, string][] {
  if (hiddenBy === undefined) return [];
  const exception = exceptions.find(({ name }) => name === hiddenBy);
  if (exception === undefined) {
    return [['exception', isQuiet(hiddenBy) ? `one person wanted it quiet for some hours: ${hiddenBy}` : `${hiddenBy} (no longer configured)`]];
  }
  const { kind, reason, author, approver, fromMs, untilMs } = exception;
  return [
    ['exception', `${hiddenBy} (${kind})`], ['reason', reason], ['asked for', `by ${author}, agreed by ${approver}`],
    ['holds', `from ${new Date(fromMs).toISOString()} to ${new Date(untilMs).toISOString()}`],
  ];
}

/** Of an alert whose further hits somebody wanted to be quiet; its audit says who, and why. */
function isQuiet(name: string): boolean {
  return name.startsWith('quiet-');
}

function events(alerts: readonly Alert[]): number {
  return alerts.reduce((sum, { count }) => sum + count, 0);
}

function day(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');
}
