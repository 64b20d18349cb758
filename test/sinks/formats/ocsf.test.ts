import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyEvent, type TokenEvent } from '../../../src/model/event.ts';
import { factsOf } from '../../../src/sinks/alert-facts.ts';
import { ocsfFinding, ocsfLine } from '../../../src/sinks/formats/ocsf.ts';
import { ocsfFaults } from '../../support/siem/ocsf.ts';
import { facts, fullAlert, fullEvent, hostileTexts, outgoing, outgoingTest, startMs } from '../alerts.ts';

test('a finding with everything', () => {
  const finding = ocsfFinding(facts(), '0.1.0');
  expect(ocsfFaults(finding)).toEqual([]);
  expect(finding).toMatchObject({
    type_uid: 200_401, severity_id: 4, status_id: 1, time: startMs + 1000, confidence_id: 3, risk_score: 81, count: 412,
    finding_info: { uid: 'alert-1', title: 'Token used from an unfamiliar network', analytic: { uid: 'unfamiliar-ip' } },
    cloud: { provider: 'aws', account: { uid: '111122223333' } }, metadata: { version: '1.5.0', profiles: ['cloud'] },
    evidences: [{ actor: { session: { credential_uid: 'AKIAIOSFODNN7EXAMPLE' } }, src_endpoint: { ip: '203.0.113.7', location: { country: 'SE' } } }],
    observables: [{ type_id: 2, value: '203.0.113.7' }, { type_id: 31 }, { type_id: 19, value: 'AKIAIOSFODNN7EXAMPLE' }, { type_id: 8, value: 'a1b2c3' }],
  });
});

test('the test alert, and an alert of which next to nothing is known', () => {
  expect(ocsfFaults(ocsfFinding(factsOf(outgoingTest()), '0.1.0'))).toEqual([]);
  const bare = factsOf(outgoing(fullAlert({ first: emptyEvent('ecs', startMs), tokens: [], resources: [], networks: [], reason: '' })));
  const finding = ocsfFinding(bare, '0.1.0');
  expect(ocsfFaults(finding)).toEqual([]);
  expect(['evidences' in finding, 'cloud' in finding, 'resources' in finding]).toEqual([false, false, false]);
});

test('told again it is updated, closed it is closed, under one id', () => {
  const again = [1, 2].map((at) => ({ timeMs: startMs + at, severity: 73, reason: '', bytesOut: 0 }));
  const states = [facts(), facts({ announced: again }), facts({ status: 'acknowledged' }), facts({ status: 'closed' })];
  const findings = states.map((one) => ocsfFinding(one, '0.1.0'));
  expect(findings.map((one) => [one['activity_id'], one['status_id'], (one['finding_info'] as { uid: string }).uid])).toEqual(
    [[1, 1, 'alert-1'], [2, 1, 'alert-1'], [2, 2, 'alert-1'], [3, 4, 'alert-1']]);
  expect(findings.flatMap(ocsfFaults)).toEqual([]);
});

test('whatever is known and whatever the logs hold, it keeps to the schema', () => {
  const names = Object.keys(fullEvent) as (keyof TokenEvent)[];
  const text = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: 'binary', minLength: 1 }));
  fc.assert(fc.property(fc.subarray(names), text, (absent, hostile) => {
    const without = Object.fromEntries(absent.filter((name) => name in emptyEvent('x', 0)).map((name) => [name, emptyEvent('x', startMs)[name]]));
    const event = { ...fullEvent, identityName: hostile, action: hostile, userEmail: hostile, country: hostile, sourceIp: fullEvent.sourceIp, ...without, category: [], type: [] };
    const finding = ocsfFinding(facts({ reason: hostile }, event as Partial<TokenEvent>), '0.1.0');
    expect(ocsfFaults(JSON.parse(JSON.stringify(finding)) as Record<string, unknown>)).toEqual([]);
  }), { numRuns: 100 });
});

test('on a line that may not be long, what is not required goes first, and no text is torn', () => {
  const whole = ocsfLine(facts(), '0.1.0', 65_000)!;
  for (let maxBytes = Buffer.byteLength(whole); maxBytes > 1200; maxBytes -= 100) {
    const line = ocsfLine(facts(), '0.1.0', maxBytes);
    if (line === null) continue;
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxBytes);
    expect(ocsfFaults(JSON.parse(line) as Record<string, unknown>)).toEqual([]);
  }
  expect(ocsfLine(facts(), '0.1.0', 300)).toBe(null);
});
