import { expect, test } from 'vitest';
import egressSpike from '../../detectors/egress-spike.ts';
import { emptyEvent } from '../../src/model/event.ts';
import { alertDocument } from '../../src/sinks/alert-document.ts';
import { linksOf } from '../../src/sinks/links.ts';
import { alertOf } from '../store/alerts.ts';

const alert = alertOf('a-1', 1, { first: { ...emptyEvent('ecs', 1000), identityId: 'ann&x=1/..', sourceIp: '203.0.113.7' } });

test('an alert leads to the page, the runbook and the SIEM; what logs say stays a value', () => {
  const links = linksOf(alert, {
    publicUrl: 'https://tokens.example/desk/', runbookUrl: 'https://wiki.example/run/{detector}', siemUrl: 'https://siem.example/?who={identity}&ip={address}&from={start}&x={other}',
  });
  expect(links).toEqual({
    page: 'https://tokens.example/desk/#/alerts/a-1', runbook: 'https://wiki.example/run/egress-spike',
    siem: 'https://siem.example/?who=ann%26x%3D1%2F..&ip=203.0.113.7&from=1970-01-01T00%3A00%3A01.000Z&x={other}',
  });
  expect(alertDocument(alert, egressSpike, null, [], links)).toMatchObject({ event: { url: links.page }, rule: { reference: links.runbook } });
});

test('without addresses there are no links', () => {
  const links = linksOf(alert, { publicUrl: null, runbookUrl: null, siemUrl: null });
  expect(links).toEqual({ page: null, runbook: null, siem: null });
  const document = alertDocument(alert, egressSpike, null, [], links) as { event: object; rule: object };
  expect(['url' in document.event, 'reference' in document.rule]).toEqual([false, false]);
});

test('who says that it was he stands in the document', () => {
  const claims = [{ atMs: Date.UTC(2026, 10, 22), by: 'oli', text: 'The audit.' }];
  expect(alertDocument({ ...alert, claims }, egressSpike, null, [])).toMatchObject({ tokenward: { alert: { claims: [{ at: '2026-11-22T00:00:00.000Z', by: 'oli', text: 'The audit.' }] } } });
  expect('claims' in (alertDocument(alert, egressSpike, null, []) as { tokenward: { alert: object } }).tokenward.alert).toBe(false);
});

test('who looks after it and as what it was closed stand in the document', () => {
  expect(alertDocument({ ...alert, owner: 'ann', closedAs: 'theft' }, egressSpike, null, [])).toMatchObject({ tokenward: { alert: { owner: 'ann', closed_as: 'theft' } } });
});
