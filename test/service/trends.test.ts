import { expect, test } from 'vitest';
import type { Alert } from '../../src/model/alert.ts';
import { noShares, withCredential } from '../../src/service/shares.ts';
import { trendWeeks, type Told } from '../../src/service/trends.ts';
import { alertSummary } from '../../src/service/views.ts';
import { alertOf, incidentOf } from '../store/alerts.ts';

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;
/** A Monday. */
const mondayMs = Date.UTC(2026, 5, 1);
const now = mondayMs + 5 * hourMs;

function told(id: string, startMs: number, parts: readonly Partial<Alert>[], containedMs: number | null = null): Told {
  const alerts = parts.map((part, place) => alertSummary(alertOf(`${id}-${place}`, 1, { startMs, createdMs: startMs, ...part }), () => 'T', null));
  return { incident: { ...incidentOf(id, 1, startMs), endMs: startMs + 6 * hourMs }, alerts, containedMs };
}

test('weeks are told by when incidents began; what was found to be false is counted and no more', () => {
  const weeks = trendWeeks([
    told('theft', now - hourMs, [{ closedAs: 'theft', createdMs: now - hourMs + 60_000, bytesOut: 500 }, { bytesOut: 300, createdMs: now }], now),
    told('open', now - 2 * hourMs, [{ bytesOut: 50 }]),
    told('false', now - 3 * hourMs, [{ closedAs: 'false_alarm', bytesOut: 1e9 }]),
    told('before', now - 2 * weekMs, [{ bytesOut: 7 }]), told('long-ago', now - 40 * weekMs, [{}]),
    { ...told('joined', now, [{}]), incident: { ...incidentOf('joined', 1, now), mergedInto: 'theft' } },
  ], now);
  expect(weeks).toHaveLength(12);
  expect(weeks[11]).toEqual({
    startMs: mondayMs, alerts: 4, incidents: 3, thefts: 1, falseAlerts: 1, bytesOut: 550, detectMs: 0, containMs: hourMs, exposureMs: hourMs,
  });
  expect(weeks[9]).toMatchObject({ incidents: 1, bytesOut: 7, containMs: null });
  expect(weeks[10]).toMatchObject({ incidents: 0, detectMs: null, exposureMs: null });
});

test('credentials that have ended are none; the others are counted by what is right about them', () => {
  const token = { fingerprint: 't', handle: 'AKIA', kind: 'access_key', revokedAtMs: null, expiresAtMs: null };
  const credential = (part: object, more: object = {}) => ({ token: { ...token, ...part }, identity: { id: 'i', kind: 'service', workloadId: null }, uses: [], entry: null, ...more }) as never;
  const flaw = (kind: string) => ({ kind, isFact: true, detail: '' }) as never;
  const attested = { uses: [{ traits: 4 }] };
  let shares = withCredential(noShares, credential({}, attested), [], 10);
  shares = withCredential(shares, credential({}), [flaw('no-owner'), flaw('over-ttl')], 10);
  shares = withCredential(shares, credential({}), [flaw('shared')], 10);
  expect(shares).toEqual({ total: 3, owned: 2, withinTtl: 2, attested: 1, ready: 1 });
  for (const ended of [{ revokedAtMs: 5 }, { expiresAtMs: 5 }, { kind: 'none' }]) expect(withCredential(shares, credential(ended), [], 10)).toBe(shares);
});
