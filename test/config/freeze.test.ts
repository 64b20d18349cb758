import { expect, test } from 'vitest';
import { freezeSchema, frozenBy, makeFreeze } from '../../src/config/freeze.ts';

const windows = (...raw: readonly object[]) => freezeSchema.parse(raw).map(makeFreeze);
const at = (time: string): number => Date.parse(time);

test('a window holds from its beginning until its end, and no longer', () => {
  const freeze = windows({ name: 'year end', from: '2026-12-20T18:00:00+01:00', to: '2027-01-02T06:00:00Z' });
  expect(['2026-12-20T16:59:59Z', '2026-12-20T17:00:00Z', '2027-01-02T05:59:59Z', '2027-01-02T06:00:00Z'].map((time) => frozenBy(freeze, at(time))))
    .toEqual([null, 'year end', 'year end', null]);
});

test('a weekly one goes over the end of the week, by the clocks of its zone in summer and winter', () => {
  const freeze = windows({ name: 'weekend', from: 'fri 16:00', to: 'mon 08:00', timezone: 'Europe/Berlin' });
  const times = ['2026-07-03T13:59:00Z', '2026-07-03T14:00:00Z', '2026-07-05T12:00:00Z', '2026-07-06T05:59:00Z', '2026-07-06T06:00:00Z', '2026-12-04T14:59:00Z', '2026-12-04T15:00:00Z'];
  expect(times.map((time) => frozenBy(freeze, at(time)))).toEqual([null, 'weekend', 'weekend', 'weekend', null, null, 'weekend']);
});

test('a nightly one of one day begins and ends that day', () => {
  const freeze = windows({ name: 'close', from: 'tue 01:30', to: 'tue 03:00' });
  expect(['2026-06-02T01:29:00Z', '2026-06-02T01:30:00Z', '2026-06-02T03:00:00Z', '2026-06-03T02:00:00Z'].map((time) => frozenBy(freeze, at(time))))
    .toEqual([null, 'close', null, null]);
});

test.each([
  [{ name: 'x', from: '2026-12-20T18:00:00Z', to: '2026-12-19T18:00:00Z' }], [{ name: 'x', from: 'fri 25:00', to: 'mon 08:00' }],
  [{ name: 'x', from: 'fri 16:00', to: 'fri 16:00' }], [{ name: 'x', from: 'fri 16:00', to: 'mon 08:00', timezone: 'Europe/Nowhere' }],
])('%o is no window', (raw) => {
  expect(freezeSchema.safeParse([raw]).success).toBe(false);
});
