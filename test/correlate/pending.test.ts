import { describe, expect, it } from 'vitest';
import { Bench, fingerprint, startMs, use } from './support.ts';

const alice = { identityId: 'idp/alice', identityKind: 'service', identityName: 'Alice' } as const;

describe('an identity learned late', () => {
  it('brings back what was observed, in order and whole', () => {
    const { correlator } = new Bench();
    const first = structuredClone(correlator.correlate(use('t', 0, { sourceIp: '192.0.2.1', bytesOut: 5, scopes: ['read'] })).event);
    correlator.correlate(use('t', 1, { outcome: 'failure' }));
    const { bound } = correlator.correlate(use('t', 7200, alice));
    expect(bound).toHaveLength(1);
    expect(bound[0]).toMatchObject({ provisionalId: `token:${fingerprint('t')}`, identityId: 'idp/alice', token: fingerprint('t') });
    expect(bound[0]?.observations[0]).toEqual({ ...first, ...alice });
    expect(bound[0]?.observations.map(({ timeMs }) => timeMs - startMs)).toEqual([0, 1000]);
    expect(correlator.correlate(use('t', 7201)).bound).toEqual([]);
  });

  it('brings back a hundred at most', () => {
    const { correlator } = new Bench();
    for (let i = 0; i < 150; i++) correlator.correlate(use('t', i));
    const { bound } = correlator.correlate(use('t', 200, alice));
    expect(bound[0]?.observations.map(({ timeMs }) => (timeMs - startMs) / 1000)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('drops the token that waits longest when there is no room, and says how many; a binding without observations remains', () => {
    const { correlator } = new Bench({ pending: { tokens: 2, characters: 1e6 } });
    for (const name of ['a', 'b', 'a', 'c']) correlator.correlate(use(name, 0));
    expect(correlator.counts().observationsDropped).toBe(1);
    correlator.correlate(use('a', 1));
    expect(correlator.correlate(use('a', 2, alice)).bound).toMatchObject([{ token: fingerprint('a'), observations: [] }]);
    expect(correlator.correlate(use('b', 3, alice)).bound[0]?.observations).toHaveLength(1);
  });

  it('is bounded in characters as well', () => {
    const { correlator } = new Bench({ pending: { tokens: 100, characters: 2000 } });
    for (let i = 0; i < 50; i++) correlator.correlate(use(`t${i}`, i));
    expect(correlator.counts().observationsDropped).toBeGreaterThan(35);
    expect(correlator.correlate(use('t49', 60, alice)).bound[0]?.observations).toHaveLength(1);
  });

  it('forgets in the order of arrival after a restart too', async () => {
    const bench = new Bench({ pending: { tokens: 3, characters: 1e6 } });
    for (const name of ['c', 'a', 'b']) bench.correlator.correlate(use(name, 0));
    await bench.restart();
    for (const name of ['d', 'e']) bench.correlator.correlate(use(name, 1));
    const kept = ['a', 'b', 'c', 'd', 'e'].map((name) => bench.correlator.correlate(use(name, 2, alice)).bound[0]?.observations.length);
    expect(kept).toEqual([0, 1, 0, 1, 1]);
  });
});
