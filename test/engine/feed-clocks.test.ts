import { expect, test } from 'vitest';
import { FeedClocks, type FeedClock } from '../../src/engine/feed-clocks.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { EntityMap } from '../../src/state/entities.ts';

const minuteMs = 60_000;
const at = (path: string | null, minutes: number, source = 'gateway'): TokenEvent => Object.assign(emptyEvent('test', minutes * minuteMs), { source, path });

function clocks(): { clocks: FeedClocks; saved: EntityMap<FeedClock> } {
  const saved = new EntityMap<FeedClock>('feed-clock');
  return { clocks: new FeedClocks(saved), saved };
}

test('each feed has its own clock, of which the newest counts', () => {
  const { clocks: all } = clocks();
  expect(all.behindMs(at('a/0', 5))).toBe(Number.NEGATIVE_INFINITY);
  for (const minutes of [10, 300, 20]) all.see(at('a/0', minutes));
  all.see(at('a/1', 40));
  all.see(at(null, 50));
  const behind = [at('a/0', 100), at('a/1', 100), at(null, 100), at('a/0', 100, 'realm')].map((event) => all.behindMs(event) / minuteMs);
  expect(behind).toEqual([200, -60, -50, Number.NEGATIVE_INFINITY]);
});

test('it goes forward in steps of a minute, so that few events have to be saved', () => {
  const { clocks: all, saved } = clocks();
  for (let second = 0; second < 600; second++) {
    saved.takeDirty();
    all.see(at('a/0', second / 60));
    expect(saved.dirtyCount).toBe(second % 60 === 0 ? 1 : 0);
  }
  expect(all.behindMs(at('a/0', 0))).toBe(9 * minuteMs);
});

test('more feeds than keys are remembered for keep their clocks', () => {
  const { clocks: all } = clocks();
  for (let feed = 0; feed < 25_000; feed++) all.see(at(`files/${feed}`, feed));
  for (const feed of [0, 9_999, 10_000, 24_999]) expect(all.behindMs(at(`files/${feed}`, 0))).toBe(feed * minuteMs);
});
