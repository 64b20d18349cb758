import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ExceptionPage, HealthView, HiddenPage, IdentityDetail, ReadinessPage } from '../../src/server/api/shapes-insight.ts';
import type { AlertDetail, AlertPage, IncidentDetail } from '../../src/server/api/shapes.ts';
import { promised, sizes } from '../../src/service/health.ts';
import { HiddenBook } from '../../src/service/hidden.ts';
import { emptyEvent } from '../../src/model/event.ts';
import { temporaryFolder } from '../end-to-end/support.ts';
import { bearer } from '../server/live-support.ts';
import { alertOf, batchOf, incidentOf } from '../store/alerts.ts';
import { root } from '../support/source.ts';
import { companyLife } from './company-life.ts';
import { liveLife, proposalOf } from './live-support.ts';

const dayMs = 86_400_000;

async function get<T>(url: string, path: string): Promise<T> {
  const answer = await fetch(`${url}${path}`, { headers: bearer('viewer') });
  expect([path, answer.status]).toEqual([path, 200]);
  return await answer.json() as T;
}

test('an identity is told with its tokens, users by week, networks, alerts and what was issued', async () => {
  const { url, assembly } = await companyLife();
  const alert = [...assembly.store.effects.alerts()].find(({ first, tokens }) => tokens.length > 0 && first.identityName === 'service-0')!;
  const id = alert.first.identityId!;
  const detail = await get<IdentityDetail>(url, `/api/identity?id=${encodeURIComponent(id)}`);
  expect(detail.identity).toMatchObject({ id, name: 'service-0', owner: null });
  expect(detail.alerts.map((one) => one.identityId)).toEqual(detail.alerts.map(() => id));
  expect(detail.alertTotal).toBe((await get<AlertPage>(url, `/api/alerts?identity=${encodeURIComponent(id)}`)).total);
  expect(detail.tokens.map(({ fingerprint }) => fingerprint)).toContain(alert.tokens[0]);
  expect(detail.life.some(({ kind }) => kind === 'issued')).toBe(true);
  const [thief, owner] = [true, false].map((isThief) => detail.uses.filter(({ suspect }) => suspect === isThief));
  expect(thief!.map(({ network }) => network?.block)).toEqual(alert.networks);
  expect(owner!.map(({ network }) => network?.block)).toEqual(['10.70.0.0/24']);
  expect(owner!.reduce((sum, { calls }) => sum + calls, 0)).toBeGreaterThan(50);
  for (const { weeks, firstMs, lastMs } of detail.uses) {
    expect(weeks.at(-1)! <= lastMs && lastMs < weeks.at(-1)! + 7 * dayMs).toBe(true);
    expect(weeks[0]! <= firstMs && firstMs < weeks[0]! + 7 * dayMs).toBe(true);
  }
  const incident = await get<IncidentDetail>(url, `/api/incidents/${alert.incidentId}`);
  expect(incident.identities.map((one) => one.id)).toContain(id);
  expect(incident.why.map(({ alertId }) => alertId).sort()).toEqual(incident.alerts.map((one) => one.id).sort());
  const story = incident.timeline.map(({ kind }) => kind);
  expect(story.indexOf('touched')).toBeGreaterThan(story.indexOf('started'));
  expect(incident.timeline.filter(({ kind }) => kind === 'touched').every(({ text }) => text.includes('staging.freight.example') || text.includes('arn:aws:s3'))).toBe(true);
});

test('what people wrote stands beside the alert and beside the identity alike, "it was me" as well', async () => {
  const { url, assembly: { store: { effects } } } = await companyLife();
  const alert = [...effects.alerts()].find(({ first }) => first.identityName === 'service-0')!;
  const said = { claims: [{ atMs: 7, by: 'oli', text: 'I moved it.' }], notes: [{ atMs: 9, by: 'ann', text: 'Asked.' }] };
  effects.commit(batchOf({ alerts: [{ ...alert, ...said, version: alert.version + 1 }] }));
  const { notes } = await get<AlertDetail>(url, `/api/alerts/${alert.id}`);
  expect(notes).toEqual([{ atMs: 7, by: 'oli', text: 'It was me: I moved it.' }, { atMs: 9, by: 'ann', text: 'Asked.' }]);
  const { notes: ofIdentity } = await get<IdentityDetail>(url, `/api/identity?id=${encodeURIComponent(alert.first.identityId!)}`);
  expect(ofIdentity, 'the newest first').toEqual(notes.toReversed().map((note) => ({ ...note, alertId: alert.id })));
});

describe('what exceptions hide', () => {
  const yaml = `exceptions:
  - { name: later, kind: legacy, match: { identity: a }, detectors: [unfamiliar-ip], reason: r, author: ann, approver: ben, from: 2096-01-01, expires: 2096-02-01 }
`;

  test('stands in no list of alerts, is counted by exception and found by identity, in its newest state', async () => {
    const { url, assembly } = await liveLife(temporaryFolder(), 0, {}, yaml);
    const { effects } = assembly.store;
    const hidden = (id: string, version: number, identityId: string, hiddenBy: string) => (
      alertOf(id, version, { hiddenBy, count: version, startMs: Number(id.slice(1)) * 1_000, first: { ...emptyEvent('ecs', 1_000), identityId } }));
    effects.commit(batchOf({ hidden: [hidden('h1', 1, 'a', 'gone'), hidden('h2', 1, 'b', 'gone'), hidden('h3', 1, 'a', 'quiet-x')] }));
    expect((await get<AlertPage>(url, '/api/alerts')).total).toBe(0);
    const ids = async (query: string) => (await get<HiddenPage>(url, `/api/hidden?${query}`)).alerts.map(({ summary }) => summary.id);
    expect([await ids(''), await ids('identity=a'), await ids('exception=gone'), await ids('identity=nobody')]).toEqual([['h3', 'h2', 'h1'], ['h3', 'h1'], ['h2', 'h1'], []]);
    const first = await get<HiddenPage>(url, '/api/hidden?limit=2');
    expect([first.total, await ids(`limit=2&after=${first.next}`)]).toEqual([3, ['h1']]);
    expect(first.alerts.map(({ hiddenBy, terms }) => [hiddenBy, terms])).toEqual([['quiet-x', null], ['gone', null]]);
    const { exceptions } = await get<ExceptionPage>(url, '/api/exceptions');
    expect(exceptions.map(({ name, state, alerts, events }) => [name, state, alerts, events])).toEqual([
      ['gone', 'removed', 2, 2], ['quiet-x', 'ended', 1, 1], ['later', 'waits', 0, 0]]);
    expect(exceptions[2]!.terms).toMatchObject({ author: 'ann', approver: 'ben', isQuiet: false });
  });

  test('counts a hidden alert once, however often it grew', async () => {
    let nowMs = 1_000;
    const { assembly } = await liveLife(temporaryFolder());
    const { effects } = assembly.store;
    const book = new HiddenBook({ effects, exceptions: () => [], titleOf: (id) => id, nowMs: () => nowMs });
    for (const version of [1, 2, 3]) {
      effects.commit(batchOf({ hidden: [alertOf('h1', version, { hiddenBy: 'x', count: version })] }));
      nowMs += 10_000;
      expect((await book.exceptions(0)).map(({ alerts, events }) => [alerts, events])).toEqual([[1, version]]);
    }
  });
});

test('a detector is ready by what people said of its proposals', async () => {
  const { url, assembly } = await liveLife(temporaryFolder());
  const { effects } = assembly.store;
  const at = 100 * dayMs;
  const alert = alertOf('a1', 1, { tokens: ['t'], startMs: at, endMs: at, createdMs: at, status: 'closed', closedAs: 'theft' });
  const newer = alertOf('a2', 1, { incidentId: 'i2', detector: 'unfamiliar-ip', startMs: at + 20 * dayMs, endMs: at + 20 * dayMs, createdMs: at + 20 * dayMs });
  effects.commit(batchOf({ alerts: [alert, newer], incidents: [{ ...incidentOf('i1', 1), alertIds: ['a1'] }, { ...incidentOf('i2', 1), alertIds: ['a2'] }] }));
  effects.commit(batchOf({ proposals: [proposalOf('n1')], audit: [{ timeMs: at, kind: 'alert.close', actor: 'ann', subject: 'a1', detail: { as: 'theft' } }] }));
  const page = await get<ReadinessPage>(url, '/api/readiness?days=14');
  expect(page.detectors.map(({ detector, verdict, days, right }) => [detector, verdict, days, right])).toEqual([
    ['egress-spike', 'ready', 20, 1], ['unfamiliar-ip', 'never_proposed', 0, 0]]);
});

describe('health', () => {
  test('tells what is promised beside what was measured', async () => {
    const { url } = await liveLife(temporaryFolder(), 0, {}, '', { measures: { p99Ms: (what) => Promise.resolve(what === 'commit' ? 250 : null) } });
    const { budgets, tables, versions } = await get<HealthView>(url, '/api/health');
    expect(budgets.find(({ name }) => name === 'commit')).toEqual({ name: 'commit', unit: 'ms', promised: 100, measured: 250 });
    expect(budgets.find(({ name }) => name === 'event_delay')!.measured).toBeNull();
    for (const name of ['memory', 'disk']) expect(budgets.find((one) => one.name === name)!.measured).toBeGreaterThan(0);
    expect(tables[0]!.builtMs).toBeGreaterThan(Date.UTC(2025, 0, 1));
    expect(versions.map(({ name }) => name)).toEqual(['Tokenward', 'Node.js', 'SQLite']);
  });

  test('promises what the rules for Prometheus call for and the documentation plans with', () => {
    const rules = readFileSync(join(root, 'dashboards/prometheus/rules.yml'), 'utf8');
    expect(rules).toContain(`tokenward_event_delay_seconds_bucket[10m]))) > ${promised.eventDelayMs / 1000}\n`);
    expect(rules).toContain(`tokenward_outbox_age_seconds > ${promised.outboxAgeMs / 1000}\n`);
    const planned = readFileSync(join(root, 'docs/run-for-years.md'), 'utf8');
    for (const { identities, memoryBytes, diskBytes } of sizes) {
      expect(planned).toMatch(new RegExp(`up to ${identities.toLocaleString('en')} identities.*${memoryBytes / 2 ** 30} GiB of memory, ${diskBytes / 2 ** 30} GiB of disk`));
    }
  });
});
