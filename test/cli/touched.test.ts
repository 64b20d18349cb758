import { expect, test } from 'vitest';
import type { Known } from '../../src/cli/known.ts';
import { touchedLines } from '../../src/cli/touched.ts';
import type { RecordedUse } from '../../src/model/recorded.ts';
import { alertOf, batchOf, opened } from '../store/support.ts';

const use: RecordedUse = {
  incidentId: 'i1', eventId: 'e1', timeMs: Date.UTC(2026, 0, 5), isHop: false, vantage: 'gateway', token: 't', address: '203.0.113.9', network: '203.0.113.0/24', action: 'GET',
  resource: 'shop/orders', object: '4711', bytesOut: 2_000_000, outcome: 'success', issued: null, issuedHandle: null, issuedKind: null,
};

function lines(uses: readonly RecordedUse[]): string[] {
  const { effects } = opened(null);
  effects.commit(batchOf({ uses, recordings: [{ incidentId: 'i1', missedEvents: 3, missedBytes: 5_000, endedMs: null }] }));
  const correlator = { token: (fingerprint: string) => (fingerprint === 't' ? { handle: 'AKIA1', revokedAtMs: null } : null) };
  return touchedLines(alertOf('a', 1, { networks: ['203.0.113.0/24'] }), { store: { effects }, correlator } as unknown as Known).join('\n').split('\n');
}

test('each object is told with its network, bytes and times; the owner\'s are told from what deviates', () => {
  const [, theirs = '', own = '', hop = ''] = lines([
    use, { ...use, eventId: 'e2', network: '10.0.0.0/8', bytesOut: 10 }, { ...use, eventId: 'e3', network: null, isHop: true, vantage: 'resource', bytesOut: 0 },
  ]);
  expect(theirs).toMatch(/^2\.0 MB\s+1\s+203\.0\.113\.0\/24\s+deviates\s+gateway\s+shop\/orders\s+4711\s+2026-01-05T00:00:00\.000Z\s+2026-01-05T00:00:00\.000Z\s+AKIA1$/);
  expect(own).toMatch(/10\.0\.0\.0\/8\s+gateway/);
  expect(hop).toContain('resource (same requests)');
});

test('what was minted is told, what did not fit is counted', () => {
  const text = lines([{ ...use, issued: 'new', issuedHandle: 'AKIA2', issuedKind: 'access_key', action: 'CreateAccessKey' }]).join('\n');
  expect(text).toMatch(/1 events; 3 more with 5\.0 kB did not fit/);
  expect(text).toMatch(/Issued to it\n.*\n.*AKIA2\s+access_key\s+CreateAccessKey\s+203\.0\.113\.0\/24\s+deviates\s+not known to be revoked/);
  expect(lines([use]).join('\n')).toContain('Nothing was issued to it.');
});

test('of an alert of an older version nothing was recorded', () => {
  expect(lines([])).toEqual(['Nothing was recorded of this alert.']);
});
