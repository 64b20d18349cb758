import { describe, expect, test } from 'vitest';
import { Feeds, patienceMs, type Parcel } from '../../src/service/feeds.ts';

const minuteMs = 60_000;
const parcel = (feed: string, minute: number): Parcel => ({ feed, position: String(minute), events: [], refusals: [], ignored: 0, bytes: 0, capped: 0, timeMs: minute * minuteMs, taken: null });

const opened = (one: Parcel): Parcel => one;

function feedsWith(...parcels: Parcel[]): Feeds<Parcel> {
  const feeds = new Feeds(opened);
  for (const one of parcels) feeds.add(one);
  return feeds;
}

describe('the order in which feeds are taken', () => {
  test('the earliest first, each feed in its own order', () => {
    const feeds = feedsWith(parcel('a', 5), parcel('a', 1), parcel('b', 2), parcel('b', 9));
    const order = [1, 2, 3, 4].map(() => feeds.take(0)?.position);
    expect(order).toEqual(['2', '5', '1', '9']);
    expect(feeds.take(0)).toBeNull();
  });

  test('none runs more than five minutes ahead of a feed that is behind and has more to come', () => {
    const feeds = feedsWith(parcel('a', 0), parcel('b', 1));
    feeds.take(0);
    feeds.take(0);
    feeds.add(parcel('a', 10));
    expect(feeds.take(0)).toBeNull();
    expect(feeds.take(patienceMs)?.position).toBe('10');
  });

  test('nobody waits for a feed that was read to its end, or is gone', () => {
    const feeds = feedsWith(parcel('a', 0), parcel('b', 1), parcel('c', 1));
    for (let i = 0; i < 3; i++) feeds.take(0);
    feeds.caughtUp('b');
    feeds.gone('c');
    feeds.add(parcel('a', 100));
    expect(feeds.take(0)?.position).toBe('100');
  });

  test('a feed that delivers again is behind again', () => {
    const feeds = feedsWith(parcel('a', 0));
    feeds.caughtUp('b');
    feeds.add(parcel('b', 0));
    feeds.take(0);
    feeds.take(0);
    feeds.add(parcel('a', 100));
    expect(feeds.take(0)).toBeNull();
  });

  test('a feed that has just begun may have the earliest parcels of all', () => {
    const feeds = feedsWith(parcel('a', 100));
    feeds.begun('b', 0);
    expect(feeds.take(0)).toBeNull();
    feeds.add(parcel('b', 1));
    expect([feeds.take(1)?.position, feeds.take(1)]).toEqual(['1', null]);
    feeds.caughtUp('b');
    expect(feeds.take(1)?.position).toBe('100');
  });

  test('one that was waited for in vain holds up nobody until it delivers again', () => {
    const feeds = feedsWith(parcel('a', 100), parcel('a', 200));
    feeds.begun('b', 0);
    feeds.take(0);
    expect([feeds.take(patienceMs)?.position, feeds.take(patienceMs)?.position]).toEqual(['100', '200']);
    feeds.add(parcel('b', 1));
    feeds.add(parcel('a', 300));
    expect([feeds.take(patienceMs)?.position, feeds.take(patienceMs)]).toEqual(['1', null]);
  });

  test('silence counts once a feed has had time to begin', () => {
    const feeds = new Feeds(opened);
    feeds.begun('a', 0);
    expect([feeds.isIdle(0), feeds.isIdle(patienceMs)]).toEqual([false, true]);
  });

  test('a feed that has gone is forgotten when all of it is taken, unless it comes back', () => {
    const feeds = feedsWith(parcel('a', 1), parcel('b', 2), parcel('c', 3));
    for (const name of ['a', 'b', 'nobody']) feeds.gone(name);
    feeds.begun('b', 0);
    for (let i = 0; i < 3; i++) feeds.take(0);
    expect(feeds.size).toBe(2);
    feeds.gone('b');
    expect(feeds.size).toBe(1);
  });

  test('one feed can be asked for by name, whatever the others have', () => {
    const feeds = feedsWith(parcel('a', 5), parcel('b', 2));
    expect(feeds.takeOf('a')?.position).toBe('5');
    expect(feeds.takeOf('a')).toBeNull();
    expect(feeds.takeOf('nobody')).toBeNull();
  });

  test('idle means everything was read to its end and taken', () => {
    const feeds = feedsWith(parcel('a', 0));
    expect(feeds.isIdle(0)).toBe(false);
    feeds.take(0);
    expect(feeds.isIdle(0)).toBe(false);
    feeds.caughtUp('a');
    expect(feeds.isIdle(0)).toBe(true);
  });
});
