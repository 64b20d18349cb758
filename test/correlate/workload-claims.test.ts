import { expect, it } from 'vitest';
import type { TokenEvent } from '../../src/model/event.ts';
import { Bench, fingerprint, use } from './support.ts';

const owner = { identityId: 'idp/rates', identityName: 'rates-client', networkBlock: '10.1.0.0/24', tokenHandle: 'jti-1' } as const;
const entry = (workload: string) => ({ match: { client: 'rates-client' }, workload, kind: 'kubernetes', owner: 'team-a' });

function seen(bench: Bench, at: number, workloadId: string | null): void {
  const event = bench.correlator.correlate(use('t', at, { ...owner, workloadId })).event as TokenEvent;
  bench.correlator.dependents.note(event);
}

it('events, registry and inventory that agree contradict nothing', () => {
  const bench = new Bench({ inventory: [entry('rates')] });
  for (const at of [0, 1]) seen(bench, at, 'rates');
  expect(bench.correlator.contradictions(fingerprint('t'))).toEqual([]);
});

it('each that says otherwise is told, the newest use first', () => {
  const bench = new Bench({ inventory: [entry('labels')] });
  for (const [at, workload] of ['rates', 'rates', 'shell'].entries()) seen(bench, at * 60, workload);
  expect(bench.correlator.contradictions(fingerprint('t'))).toEqual([
    { evidence: 'event', id: 'shell' }, { evidence: 'event', id: 'rates' }, { evidence: 'registry', id: 'rates' }, { evidence: 'inventory', id: 'labels' },
  ]);
  expect(bench.correlator.contradictions(fingerprint('nobody'))).toEqual([]);
});

it('an inventory that says otherwise than the only workload seen is told', () => {
  const bench = new Bench({ inventory: [entry('labels')] });
  seen(bench, 0, 'rates');
  expect(bench.correlator.contradictions(fingerprint('t')).map(({ evidence, id }) => `${evidence} ${id}`)).toEqual(['event rates', 'registry rates', 'inventory labels']);
});
