import { expect, test } from 'vitest';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Activity } from '../../src/service/activity.ts';

const minuteMs = 60_000;
const startMs = 30_000_000 * minuteMs;

function use(atMs: number, bytes: number): TokenEvent {
  return Object.assign(emptyEvent('envoy.access', atMs), { identityId: 'shop', orderMs: atMs, bytesOut: bytes });
}

function minutesOf(activity: Activity, untilMs: number): { bytesOut: readonly number[]; calls: readonly number[] } {
  return activity.of('shop', startMs, untilMs)!.minutes;
}

test('each event counts in its own minute, also one that comes late, and looking changes nothing', () => {
  const activity = new Activity();
  for (const [minute, bytes] of [[0, 5], [0, 7], [2, 11], [1, 3], [2, 1], [3, 2]] as const) activity.note(use(startMs + minute * minuteMs, bytes));
  const first = minutesOf(activity, startMs + 3 * minuteMs);
  expect(first.bytesOut.slice(0, 4)).toEqual([12, 3, 12, 2]);
  expect(first.calls.slice(0, 4)).toEqual([2, 1, 2, 1]);
  expect(minutesOf(activity, startMs + 3 * minuteMs)).toEqual(first);
  activity.note(use(startMs + 3 * minuteMs, 4));
  expect(minutesOf(activity, startMs + 3 * minuteMs).bytesOut.slice(0, 4)).toEqual([12, 3, 12, 6]);
});

test('what was refused is no use, and a pause longer than the picture leaves nothing of before', () => {
  const activity = new Activity();
  activity.note(use(startMs, 5));
  activity.note({ ...use(startMs, 5), authenticated: false });
  expect(minutesOf(activity, startMs).bytesOut[0]).toBe(5);
  activity.note(use(startMs + 300 * minuteMs, 9));
  const { bytesOut } = activity.of('shop', startMs + 200 * minuteMs, startMs + 300 * minuteMs)!.minutes;
  expect(bytesOut.filter((bytes) => bytes > 0)).toEqual([9]);
});
