import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { openApiDocument } from '../../src/server/api/openapi.ts';
import { routes } from '../../src/server/api/routes.ts';
import * as schemas from '../../src/server/api/schemas.ts';
import type { AlertDetail, AlertPage, EventPage, TokenPage, TouchedPage } from '../../src/server/api/shapes.ts';
import { temporaryFolder } from '../end-to-end/support.ts';
import { bearer, read, type Reading } from '../server/live-support.ts';
import { alertOf, batchOf, incidentOf } from '../store/alerts.ts';
import { companyLife } from './company-life.ts';
import { liveLife, proposalOf } from './live-support.ts';
import { giveWay } from './support.ts';

async function get<T>(url: string, path: string): Promise<T> {
  const answer = await fetch(`${url}${path}`, { headers: bearer('viewer') });
  expect([path, answer.status]).toEqual([path, 200]);
  return await answer.json() as T;
}

/** As a reader does who is told "not now" while the service looks through its store. */
async function following(url: string, cursor: number): Promise<Reading> {
  for (;;) {
    try {
      return await read(url, `/ws?cursor=${cursor}`, bearer('viewer'));
    } catch (error) {
      if ((error as Error).message !== '503') throw error;
      await giveWay();
    }
  }
}

describe('over what was found', () => {
  test('every answer is as the description says', async () => {
    const { url, assembly } = await companyLife();
    const alert = [...assembly.store.effects.alerts()].find(({ tokens }) => tokens.length > 0)!;
    const ids: Readonly<Record<string, string>> = { alerts: alert.id, incidents: alert.incidentId, intents: 'n1' };
    const bodies: Readonly<Record<string, object>> = {
      'close': { as: 'theft' }, 'close-lineage': { as: 'benign' }, 'note': { text: 'x' }, 'claim': { text: 'x' }, 'assign': { owner: null }, 'quiet': { hours: 1, reason: 'x' },
      'kill-switch': { on: true, reason: 'drill' }, approve: { seen: 's' }, enforcement: { rule: 'r', seen: 'h' }, 'enforcement/withdraw': { rule: 'r' } };
    const { identityId } = alert.first;
    const queries: Readonly<Record<string, string>> = { '/api/identity': `?id=${encodeURIComponent(identityId!)}` };
    const answered: [method: string, path: string, status: number][] = [];
    for (const { method, path, answer } of routes) {
      const [, , group = '', , act] = path.split('/');
      const body = method === 'GET' ? null : JSON.stringify(bodies[act ?? path.slice('/api/'.length)] ?? {});
      const address = `${url}${path.replace(':id', ids[group] ?? '')}${queries[path] ?? ''}`;
      const given = await fetch(address, { method, body, headers: { ...bearer('admin'), ...(body === null ? {} : { 'content-type': 'application/json' }) } });
      const schema: z.ZodType = given.status === 200 ? answer : schemas.refused;
      expect([path, schema.safeParse(await given.json()).error]).toEqual([path, undefined]);
      expect([200, 404, 409]).toContain(given.status);
      answered.push([method.toLowerCase(), path.replace(':id', '{id}'), given.status]);
    }
    const described = await get<{ paths: Record<string, Record<string, { responses: object }>> }>(url, '/api/openapi.json');
    for (const [method, path, status] of answered) expect([path, Object.keys(described.paths[path]![method]!.responses)]).toEqual([path, expect.arrayContaining([String(status)])]);
    expect(described).toEqual(JSON.parse(JSON.stringify(openApiDocument('0.1.0'))));
    expect(Object.keys(described.paths)).toEqual(expect.arrayContaining(routes.map(({ path }) => path.replace(':id', '{id}'))));
  });

  test('an alert tells whose token it is, what is usual, what happened, what is planned', async () => {
    const { url, assembly } = await companyLife();
    const page = await get<AlertPage>(url, '/api/alerts?sort=risk');
    expect(page.total).toBe([...assembly.store.effects.alerts()].length);
    const stored = [...assembly.store.effects.alerts()].find(({ tokens }) => tokens.length > 0)!;
    const detail = await get<AlertDetail>(url, `/api/alerts/${stored.id}`);
    expect(detail).toMatchObject({
      summary: { id: stored.id, response: { state: 'proposed', steps: 1, waiting: 0, verified: 0 } }, baseline: stored.baseline, observed: stored.observed,
      tokens: [{ fingerprint: stored.tokens[0], identity: { id: stored.first.identityId } }], identity: { id: stored.first.identityId }, incident: { id: stored.incidentId },
    });
    expect(detail.networks.map(({ block }) => block)).toEqual(expect.arrayContaining(stored.networks));
    expect(detail.intents).toMatchObject([{ id: 'n1', because: null, actionFacts: { name: 'gateways', type: 'deny_list' }, can: { approve: false, reject: true, undo: false } }]);
    expect(detail.activity!.hours.calls.reduce((sum, calls) => sum + calls, 0)).toBeGreaterThan(50);
    expect(detail.dependents.some(({ suspect }) => suspect)).toBe(true);
    const proof = await get<EventPage>(url, `/api/events?alert=${stored.id}`);
    expect(proof.events.map((event) => (event['event'] as { id: string }).id).sort()).toEqual([...detail.evidence].sort());
    const tokens = await get<TokenPage>(url, `/api/tokens?identity=${encodeURIComponent(stored.first.identityId!)}&limit=500`);
    expect(tokens.tokens.map(({ fingerprint }) => fingerprint)).toContain(stored.tokens[0]);
    expect(tokens.activity!.hours).toEqual(detail.activity!.hours);
    expect((await get<TokenPage>(url, `/api/tokens?text=${stored.tokens[0]}`)).tokens[0]!.openAlerts).toBeGreaterThan(0);
    const { total, tokens: seen } = await get<TokenPage>(url, `/api/tokens?text=${stored.first.sourceIp}&limit=500`);
    expect([total > 0, seen.some(({ fingerprint }) => fingerprint === stored.tokens[0])]).toEqual([true, true]);
    expect((await get<TokenPage>(url, '/api/tokens?text=192.0.2.1')).total).toBe(0);
    const touched = await get<TouchedPage>(url, `/api/alerts/${stored.id}/touched`);
    expect(touched.events).toBeGreaterThanOrEqual(stored.count);
    expect(touched.objects.filter(({ suspect, isHop }) => suspect && !isHop).reduce((sum, { bytesOut }) => sum + bytesOut, 0)).toBeGreaterThanOrEqual(stored.bytesOut);
  });
});

describe('the live stream', () => {
  test('its messages are as described, with the incident of a step that changed', async () => {
    const { url, assembly } = await liveLife(temporaryFolder());
    const { effects } = assembly.store;
    effects.commit(batchOf({ incidents: [{ ...incidentOf('i1', 1), alertIds: ['a1'] }], alerts: [alertOf('a1', 1)] }));
    const reading = await read(url, '/ws?cursor=0', bearer('viewer'));
    await reading.until(3);
    effects.commit(batchOf({ proposals: [proposalOf('n1')] }));
    await reading.until(5);
    expect(reading.messages.map(({ type }) => type)).toEqual(['hello', 'alert', 'incident', 'incident', 'intent']);
    for (const message of reading.messages) expect(schemas.message.safeParse(message).error).toBeUndefined();
    expect(reading.messages.map(({ cursor }) => cursor)).toEqual([0, 0, 1, 1, 2]);
  });

  test('goes on without a gap after a restart in the middle of a flood', async () => {
    const folder = temporaryFolder();
    const known = new Map<string, number>();
    let cursor = 0;
    let number = 0;
    const take = ({ messages }: Reading): void => {
      for (const message of messages.splice(0)) {
        if (message.type === 'alert') known.set(message.alert.id, Math.max(message.alert.version, known.get(message.alert.id) ?? 0));
        cursor = message.cursor;
      }
    };
    for (let life = 0; life < 3; life++) {
      const { url, assembly: { store: { effects } }, end } = await liveLife(folder);
      let reading = await following(url, cursor);
      for (let commit = 0; commit < 60; commit++) {
        const alerts = Array.from({ length: 20 }, () => alertOf(`a${number++}`, 1));
        effects.commit(batchOf({ alerts: [...alerts, alertOf(`a${commit}`, 2 + life)] }));
        await giveWay();
        if (commit % 25 === 24) {
          // The reader is cut off anywhere.
          reading.socket.terminate();
          take(reading);
          reading = await following(url, cursor);
        }
      }
      if (life === 2) await expect.poll(() => { take(reading); return cursor; }).toBe(effects.lastChange());
      else take(reading);
      if (life === 2) expect(known).toEqual(new Map(Array.from(effects.alerts(), ({ id, version }) => [id, version])));
      await end();
    }
    expect(known.size).toBe(3 * 60 * 20);
  }, 20_000);
});
