import { expect, test } from 'vitest';
import { open } from '../../src/engine/episode.ts';
import type { Alert } from '../../src/model/alert.ts';
import { incidentsInMemory } from '../support/incidents.ts';
import { use } from './harness.ts';

test('what no authenticator vouched for is no evidence until somebody does', () => {
  const incidents = incidentsInMemory();
  const raise = (detector: string, authenticated: boolean | null): Alert => {
    const event = use(1, 100, { id: detector, identityId: 'a', token: 't', authenticated });
    const { alert } = open(detector, 'a', event, { severity: 73, surpriseBits: 20, confidence: 1, reason: 'odd', baseline: {}, observed: {}, deviates: 'token' }, false);
    incidents.add(alert, 'a', 't');
    return alert;
  };
  const [unchecked, proven] = [raise('egress-spike', null), raise('unfamiliar-ip', true)];
  expect([unchecked, proven].map((alert) => incidents.of(alert)!.detectors)).toEqual([['unfamiliar-ip'], ['unfamiliar-ip']]);
  unchecked.provenMs = unchecked.endMs;
  incidents.add(unchecked, 'a', 't');
  expect(incidents.of(proven)!.detectors).toEqual(['egress-spike', 'unfamiliar-ip']);
});
