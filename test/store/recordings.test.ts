import { expect, test } from 'vitest';
import type { RecordedUse } from '../../src/model/recorded.ts';
import { Connection } from '../../src/store/connection.ts';
import { recordingTables, SqliteRecordings } from '../../src/store/recordings.ts';
import { batchOf, opened } from './support.ts';

function use(eventId: string, part: Partial<RecordedUse> = {}): RecordedUse {
  return {
    incidentId: 'i', eventId, timeMs: 10, isHop: false, vantage: 'gateway', token: 't', address: '203.0.113.9', network: '203.0.113.0/24', action: 'GET',
    resource: 'shop/orders', object: '1', bytesOut: 100, outcome: 'success', issued: null, issuedHandle: null, issuedKind: null, ...part,
  };
}

test('objects are told by network and log, what took most first', () => {
  const { effects } = opened(null);
  effects.commit(batchOf({ uses: [
    use('a'), use('b', { timeMs: 30, bytesOut: null, outcome: 'failure' }), use('c', { object: '2', bytesOut: 500 }),
    use('d', { network: '10.0.0.0/8' }), use('e', { isHop: true, vantage: 'resource', bytesOut: 90 }), use('z', { incidentId: 'other' }),
  ] }));
  effects.commit(batchOf({ uses: [use('a')] }));
  const { recordings } = effects;
  expect(recordings.touched(['i', 'none'], 10)).toEqual([
    { resource: 'shop/orders', object: '2', network: '203.0.113.0/24', vantage: 'gateway', isHop: false, token: 't', events: 1, refused: 0, bytesOut: 500, firstMs: 10, lastMs: 10 },
    { resource: 'shop/orders', object: '1', network: '10.0.0.0/8', vantage: 'gateway', isHop: false, token: 't', events: 1, refused: 0, bytesOut: 100, firstMs: 10, lastMs: 10 },
    { resource: 'shop/orders', object: '1', network: '203.0.113.0/24', vantage: 'gateway', isHop: false, token: 't', events: 2, refused: 1, bytesOut: 100, firstMs: 10, lastMs: 30 },
    { resource: 'shop/orders', object: '1', network: '203.0.113.0/24', vantage: 'resource', isHop: true, token: 't', events: 1, refused: 0, bytesOut: 90, firstMs: 10, lastMs: 10 },
  ]);
  expect(recordings.touched(['i'], 1)).toHaveLength(1);
  expect(recordings.totals(['i'])).toEqual({ events: 5, lines: 4, missedEvents: 0, missedBytes: 0, endedMs: null });
});

test('what was issued comes in the order of time', () => {
  const { effects } = opened(null);
  const issued = { issued: 'f', issuedHandle: 'AKIA', issuedKind: 'access_key' } as const;
  effects.commit(batchOf({ uses: [use('a', { ...issued, timeMs: 20 }), use('b', { ...issued, issued: 'g', issuedHandle: null }), use('c')] }));
  expect(effects.recordings.minted(['i'], 10).map(({ issued: one, issuedHandle, timeMs }) => [one, issuedHandle, timeMs])).toEqual([['g', null, 10], ['f', 'AKIA', 20]]);
});

test('it has ended when all of it has', () => {
  const { effects } = opened(null);
  const totals = { missedEvents: 2, missedBytes: 7, endedMs: null };
  effects.commit(batchOf({ recordings: [{ ...totals, incidentId: 'i', endedMs: 50 }, { ...totals, incidentId: 'j' }] }));
  expect(effects.recordings.totals(['i', 'j'])).toEqual({ events: 0, lines: 0, missedEvents: 4, missedBytes: 14, endedMs: null });
  effects.commit(batchOf({ recordings: [{ ...totals, incidentId: 'j', endedMs: 70 }] }));
  expect(effects.recordings.totals(['i', 'j']).endedMs).toBe(70);
});

test('what ended first makes room; what goes on stays', () => {
  const connection = new Connection(':memory:');
  connection.execute(recordingTables);
  const recordings = new SqliteRecordings(connection, 5);
  const three = (incidentId: string): RecordedUse[] => ['1', '2', '3'].map((event) => use(event, { incidentId }));
  recordings.put(three('going'), []);
  recordings.put(three('ended'), [{ incidentId: 'ended', missedEvents: 0, missedBytes: 0, endedMs: 9 }]);
  expect(['going', 'ended'].map((id) => recordings.totals([id]).events)).toEqual([3, 0]);
  recordings.put(three('more'), []);
  expect(recordings.totals(['going', 'more']).events).toBe(6);
});
