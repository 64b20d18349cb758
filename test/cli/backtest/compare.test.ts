import { describe, expect, test } from 'vitest';
import { compare } from '../../../src/cli/backtest/compare.ts';
import type { AlertLine, Outcome } from '../../../src/cli/backtest/outcome.ts';
import { backtestData, backtestText } from '../../../src/cli/backtest/report.ts';

const hour = 3_600_000;
const startMs = Date.UTC(2026, 2, 1);

function alert(id: string, atHour: number, more: Partial<AlertLine> = {}): AlertLine {
  const atMs = startMs + atHour * hour;
  return {
    id, detector: 'egress-spike', severity: 73, who: 'rates', name: 'rates', token: 'AKIA1', startMs: atMs, endMs: atMs + hour, createdMs: atMs,
    reason: 'rates took much.', hiddenBy: null, ...more,
  };
}

function outcome(...alerts: AlertLine[]): Outcome {
  return { alerts, intents: [], events: 100, firstMs: startMs, lastMs: startMs + 10 * 24 * hour, quarantined: 0 };
}

describe('two runs over one history', () => {
  test('alerts are the same by id, else by detector, identity and time', () => {
    const before = outcome(alert('a', 0), alert('b', 50), alert('c', 100), alert('d', 200));
    const after = outcome(alert('a', 0), alert('b2', 44), alert('c', 100, { severity: 47 }), alert('d2', 100, { who: 'other' }));
    const { appear, vanish, changed, same } = compare(before, after);
    expect(same).toBe(1);
    expect(changed.map((pair) => [pair.before.id, pair.after.id])).toEqual([['c', 'c'], ['b', 'b2']]);
    expect(vanish.map((one) => [one.before.id, one.after])).toEqual([['d', null]]);
    expect(appear.map(({ id }) => id)).toEqual(['d2']);
  });

  test('what is hidden is told to nobody, whichever side it is on', () => {
    const hidden = { hiddenBy: 'move' };
    const { appear, vanish, same, days } = compare(outcome(alert('a', 0), alert('b', 30, hidden), alert('c', 60, hidden)), outcome(alert('a', 0, hidden), alert('b', 30), alert('e', 300, hidden)));
    expect(vanish.map((one) => [one.before.id, one.after?.hiddenBy])).toEqual([['a', 'move']]);
    expect(appear.map(({ id }) => id)).toEqual(['b']);
    expect(same).toBe(0);
    expect(days).toEqual([{ day: '2026-03-01', before: 1, after: 0 }, { day: '2026-03-02', before: 0, after: 1 }]);
  });

  test('each alert answers one other only', () => {
    const { same, changed, vanish } = compare(outcome(alert('a', 0), alert('b', 2)), outcome(alert('x', 1)));
    expect([same, changed.length, vanish.length]).toEqual([0, 1, 1]);
  });
});

describe('the report', () => {
  const before = outcome(alert('a', 0), alert('b', 1, { who: 'labels', name: 'labels', token: null, detector: 'unfamiliar-ip', severity: 47 }));
  const after = outcome(alert('a', 0, { severity: 99 }));
  const backtest = { before, after, comparison: compare(before, after), withResponse: false };

  test('for people', () => {
    expect(backtestText(backtest)).toBe(`2026-03-01T00:00:00Z to 2026-03-11T00:00:00Z: 10 days, 100 events

                      before  after
alerts                2       1
alerts a day          0.2     0.1
busiest day           2       1
hidden by exceptions  0       0
  egress-spike        1       1
  unfamiliar-ip       1       0

days that differ (1)
  2026-03-01  2 -> 1

vanish (1)
  2026-03-01T01:00:00Z  medium    unfamiliar-ip  labels: rates took much.

told otherwise (1)
  2026-03-01T00:00:00Z  high      egress-spike  rates (AKIA1): rates took much.
    now 2026-03-01T00:00:00Z  critical

0 alerts are the same.`);
  });

  test('for programs', () => {
    expect(backtestData(backtest)).toMatchObject({
      from: '2026-03-01T00:00:00Z', days: 10, events: 100, alerts: { before: 2, after: 1 }, alerts_per_day: { before: 0.2, after: 0.1 },
      by_severity: { before: { high: 1, medium: 1 }, after: { critical: 1 } }, appear: [], vanish: [{ id: 'b', identity: 'labels', hidden_by: null }],
      changed: [{ before: { severity: 73 }, after: { severity: 99 } }],
    });
  });
});
