import type { Alert, Incident } from '../../src/model/alert.ts';
import { emptyEvent } from '../../src/model/event.ts';
import type { EffectsBatch } from '../../src/store/port.ts';

export function batchOf(part: Partial<EffectsBatch>): EffectsBatch {
  return { alerts: [], incidents: [], refusals: [], counters: {}, journal: [], ...part };
}

export function alertOf(id: string, version: number, part: Partial<Alert> = {}): Alert {
  return {
    id, version, status: 'open', detector: 'egress-spike', severity: 47, riskScore: 10, surpriseBits: 20, confidence: 0.5, reason: 'Much more than usual.',
    baseline: { bytesPerHour: 10 }, observed: { bytesPerHour: 1000 }, startMs: 1000, endMs: 2000, createdMs: 1000, count: 1, bytesOut: 5,
    evidenceFirst: ['e1'], evidenceLast: [], late: false, incidentId: 'i1', mergedInto: null, first: emptyEvent('ecs', 1000),
    tokens: [], handles: [], networks: [], resources: [], provenMs: null, announced: [], ...part,
  };
}

export function incidentOf(id: string, version: number, startMs = 1000): Incident {
  return { id, version, startMs, endMs: startMs, riskScore: 1, alertIds: [], identityIds: [], tokens: [], mergedInto: null };
}
