import { describe, expect, test } from 'vitest';
import { Feeds, type Parcel } from '../../src/service/feeds.ts';

const minuteMs = 60_000;
const parcel = (feed: string, minute: number): Parcel => ({ feed, position: String(minute), events: [], refusals: [], ignored: 0, timeMs: minute * minuteMs });

function feedsWith(...parcels: Parcel[]): Feeds {
  const feeds = new Feeds();
  for (const one of parcels) feeds.add(one);
  return feeds;
}

describe('the order in which feeds are taken', () => {
  test('the earliest first, each feed in its own order', () => {
    const feeds = feedsWith(parcel('a', 5), parcel('a', 1), parcel('b', 2), parcel('b', 9));
    const order = [1, 2, 3, 4].map(() => feeds.take(true)?.position);
    expect(order).toEqual(['2', '5', '1', '9']);
    expect(feeds.take(true)).toBeNull();
  });

  test('none runs more than five minutes ahead of a feed that is behind and has more to come', () => {
    const feeds = feedsWith(parcel('a', 0), parcel('b', 1));
    feeds.take(true);
    feeds.take(true);
    feeds.add(parcel('a', 10));
    expect(feeds.take(true)).toBeNull();
    expect(feeds.take(false)?.position).toBe('10');
  });

  test('nobody waits for a feed that was read to its end, or is gone', () => {
    const feeds = feedsWith(parcel('a', 0), parcel('b', 1), parcel('c', 1));
    for (let i = 0; i < 3; i++) feeds.take(true);
    feeds.caughtUp('b');
    feeds.gone('c');
    feeds.add(parcel('a', 100));
    expect(feeds.take(true)?.position).toBe('100');
  });

  test('a feed that delivers again is behind again', () => {
    const feeds = feedsWith(parcel('a', 0));
    feeds.caughtUp('b');
    feeds.add(parcel('b', 0));
    feeds.take(true);
    feeds.take(true);
    feeds.add(parcel('a', 100));
    expect(feeds.take(true)).toBeNull();
  });

  test('one feed can be asked for by name, whatever the others have', () => {
    const feeds = feedsWith(parcel('a', 5), parcel('b', 2));
    expect(feeds.takeOf('a')?.position).toBe('5');
    expect(feeds.takeOf('a')).toBeNull();
    expect(feeds.takeOf('nobody')).toBeNull();
  });

  test('idle means everything was read to its end and taken', () => {
    const feeds = feedsWith(parcel('a', 0));
    expect(feeds.idle).toBe(false);
    feeds.take(true);
    expect(feeds.idle).toBe(false);
    feeds.caughtUp('a');
    expect(feeds.idle).toBe(true);
  });
});
