import type { Alert } from '../model/alert.ts';
import { emptyEvent } from '../model/event.ts';
import type { AlertRule } from './alert-document.ts';

export const testRule: AlertRule = { id: 'test', title: 'A test of this sink', alertTitle: 'Test alert of Tokenward', attack: [], owaspNhi: [] };

/** An alert that says of itself that it is a test. About nobody; closed from the start. */
export function testAlert(nowMs: number): Alert {
  const reason = 'This is a test: nothing happened.';
  const first = { ...emptyEvent('tokenward.test', nowMs), id: `test-${nowMs}`, identityId: 'tokenward-test', identityName: 'tokenward-test' };
  return {
    id: `test-${nowMs}`, version: 1, status: 'closed', detector: 'test', severity: 21, riskScore: 0, surpriseBits: 0, confidence: 1, reason,
    baseline: {}, observed: {}, startMs: nowMs, endMs: nowMs, createdMs: nowMs, count: 1, bytesOut: 0, evidenceFirst: [first.id], evidenceLast: [],
    late: false, incidentId: `test-${nowMs}`, mergedInto: null, first, tokens: [], handles: [], networks: [], resources: [],
    provenMs: null, announced: [{ timeMs: nowMs, severity: 21, reason, bytesOut: 0 }],
  };
}
