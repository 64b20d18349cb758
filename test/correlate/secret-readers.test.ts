import { describe, expect, it } from 'vitest';
import type { TokenEvent } from '../../src/model/event.ts';
import { Bench, fingerprint, startMs, use } from './support.ts';

const inventory = [{ match: { handle: 'AKIASTATIC0000000001' }, workload: 'exporter', kind: null, owner: null, storedIn: ['vault:kv/data/export'] }];
const read = (at: number, identityId: string, more: Partial<TokenEvent> = {}): TokenEvent =>
  use(`vault-${identityId}`, at, { identityId, resourceId: 'vault:kv/data/export', resourceKind: 'secret', tokenKind: 'vault', ...more });
const used = (at: number): TokenEvent => use('static', at, { identityId: 'aws:1:AIDA', tokenKind: 'access_key', tokenHandle: 'AKIASTATIC0000000001' });
const readers = ({ correlator }: Bench): [string, number][] => correlator.readersOf(fingerprint('static')).map(({ identityId, lastMs }) => [identityId, (lastMs - startMs) / 1000]);

describe('a secret that holds a static credential', () => {
  it.each([[[0, 1]], [[1, 0]]])('ties its readers to the use, whichever log came first: %j', async (order) => {
    const bench = new Bench({ inventory });
    const events = [read(60, 'vault|exporter', { workloadId: 'exporter' }), used(900)];
    for (const i of order) {
      bench.correlator.correlate(events[i] as TokenEvent);
      await bench.restart();
    }
    expect(readers(bench)).toEqual([['vault|exporter', 60]]);
    expect(bench.correlator.readersOf(fingerprint('static'))[0]).toMatchObject({ workloadId: 'exporter', token: fingerprint('vault-vault|exporter'), reads: 1 });
    expect(bench.correlator.token(fingerprint('static'))?.parent).toBeNull();
  });

  it('with the read missing, refused, unverified or of another secret ties nobody', () => {
    const bench = new Bench({ inventory });
    for (const more of [{ outcome: 'failure' }, { authenticated: null }, { authenticated: false }, { resourceId: 'vault:kv/data/other' }] as const) bench.correlator.correlate(read(60, 'x', more));
    bench.correlator.correlate(used(900));
    expect(readers(bench)).toEqual([]);
  });

  it('names the latest readers first, and no more than there is room for', () => {
    const bench = new Bench({ inventory });
    for (let i = 0; i < 40; i++) bench.correlator.correlate(read(i * 100, `vault|${i}`));
    bench.correlator.correlate(read(5_000, 'vault|20'));
    bench.correlator.correlate(used(9_000));
    expect(readers(bench)).toHaveLength(32);
    expect(readers(bench).slice(0, 2)).toEqual([['vault|20', 5_000], ['vault|39', 3_900]]);
  });
});
