import unfamiliarIp from '../../detectors/unfamiliar-ip.ts';
import type { Alert } from '../../src/model/alert.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { alertDocument } from '../../src/sinks/alert-document.ts';
import { factsOf, type AlertFacts } from '../../src/sinks/alert-facts.ts';
import type { Outgoing } from '../../src/sinks/sink.ts';
import { testAlert, testRule } from '../../src/sinks/test-alert.ts';
import { alertOf } from '../store/alerts.ts';

export const startMs = Date.UTC(2026, 10, 22, 2, 14);

/** Of an alert in whose event nearly everything is known. */
export const fullEvent: TokenEvent = {
  ...emptyEvent('aws.cloudtrail', startMs), id: 'e1', identityId: 'arn:aws:iam::111122223333:user/billing', identityKind: 'service', identityName: 'svc-billing',
  userEmail: 'billing@example.com', workloadId: 'invoices', token: 'a1b2c3', tokenHandle: 'AKIAIOSFODNN7EXAMPLE', tokenKind: 'access_key', tokenIssuer: 'aws',
  expiresAtMs: startMs + 3_600_000, sourceIp: '203.0.113.7', asNumber: 64500, asOrganization: 'Example Hosting', country: 'SE', action: 'GetObject', method: 'GET',
  outcome: 'success', urlPath: '/v1/export', urlDomain: 'api.example.com', service: 's3', cloudProvider: 'aws', cloudAccount: '111122223333', cloudRegion: 'eu-west-1',
  resourceId: 'arn:aws:s3:::invoices', userAgent: 'curl/8.0',
};

export function fullAlert(part: Partial<Alert> = {}): Alert {
  return alertOf('alert-1', 2, {
    detector: 'unfamiliar-ip', severity: 73, riskScore: 81.4, confidence: 0.9, startMs, endMs: startMs + 60_000, createdMs: startMs + 1000, count: 412, bytesOut: 84_700_000,
    reason: 'svc-billing was used from 203.0.113.7; in 29 days all uses came from one other block.', first: fullEvent, tokens: ['a1b2c3'],
    handles: ['AKIAIOSFODNN7EXAMPLE'], networks: ['203.0.113.0/24'], resources: ['arn:aws:s3:::invoices'], incidentId: 'incident-1',
    announced: [{ timeMs: startMs + 1000, severity: 73, reason: 'x', bytesOut: 0 }], ...part,
  });
}

export function outgoing(alert: Alert = fullAlert(), url?: string): Outgoing {
  const document = alertDocument(alert, unfamiliarIp, null, []);
  if (url !== undefined) (document['event'] as Record<string, unknown>)['url'] = url;
  return { id: alert.id, version: alert.version, messageId: `${alert.id}.${alert.version}`, identityId: null, createdMs: alert.createdMs, document };
}

/** As `sinks test` sends it. */
export function outgoingTest(): Outgoing {
  const alert = testAlert(startMs);
  const document = { ...alertDocument(alert, testRule, null, []), tags: ['tokenward-test'] };
  return { id: alert.id, version: 1, messageId: alert.id, identityId: null, createdMs: alert.createdMs, document };
}

export function facts(part: Partial<Alert> = {}, event: Partial<TokenEvent> = {}): AlertFacts {
  return factsOf(outgoing(fullAlert({ ...part, first: { ...fullEvent, ...event } })));
}

/** Strings of a log as somebody would write them who wants to be read as more than a string. */
export const hostileTexts = [
  'a|b', 'a=b', 'a\\b', 'a\\', '\\', '\\\\=', 'a\nCEF:0|x|y|z|1|n|10|', 'a\r\nsrc=1.2.3.4', 'a\tsrc=1.2.3.4', ' cs1=evil', 'x outcome=failure', '\u0000\u001b[31m', '\u2028', '\ud800',
  '<!channel> <https://evil.example|click>', '[click](https://evil.example)', '[code]<script>alert(1)</script>[/code]', '"} , {"', '𝕏'.repeat(600), '='.repeat(2000), '^active=true',
];
