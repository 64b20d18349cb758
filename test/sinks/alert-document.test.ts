import { expect, test } from 'vitest';
import egressSpike from '../../detectors/egress-spike.ts';
import type { Incident } from '../../src/model/alert.ts';
import { alertDocument } from '../../src/sinks/alert-document.ts';
import { alertOf, incidentOf } from '../store/alerts.ts';

interface Told { readonly incident_id: string; readonly merged_into?: string; readonly incident?: object }
const told = (incident: Incident | null): Told =>
  (alertDocument(alertOf('a1', 1), egressSpike, incident, [])['tokenward'] as { readonly alert: Told }).alert;

test('an alert tells what its incident is and how far it has come', () => {
  const stages = [{ stage: 'use', timeMs: 1000, alertId: 'a1', detector: 'unfamiliar-ip', identityId: 'a' }] as const;
  const story = { kind: 'campaign', name: 'Tor', severity: 99, stages } as const;
  expect(told({ ...incidentOf('i1', 1), alertIds: ['a1', 'a2'], identityIds: ['a', 'b'], story }).incident).toEqual({
    kind: 'campaign', name: 'Tor', severity: 99, risk_score: 1, alerts: 2, identities: 2,
    stages: [{ stage: 'use', at: '1970-01-01T00:00:01.000Z', detector: 'unfamiliar-ip', alert: 'a1' }],
  });
});

test('one of an older store is no more than its alerts; where it was joined to another, that one is named', () => {
  expect(told(incidentOf('i1', 1))).toMatchObject({ incident_id: 'i1', incident: { kind: 'single', risk_score: 1, alerts: 0, identities: 0 } });
  expect(told(incidentOf('i1', 1)).merged_into).toBe(undefined);
  expect(told(incidentOf('older', 1))).toMatchObject({ incident_id: 'i1', merged_into: 'older' });
  expect(told(null).incident).toBe(undefined);
});
