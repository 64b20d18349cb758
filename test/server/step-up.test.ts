import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role, Session } from '../../src/server/api/shapes.ts';
import { routes } from '../../src/server/api/routes.ts';
import { reaches } from '../../src/server/accounts.ts';
import { stalenessOf, type StepUp } from '../../src/server/step-up.ts';
import { bearer, bodies, everyRole, liveServer, login, type LiveServer } from './live-support.ts';
import { Browser, loginWith, publicUrl } from './oidc/browser.ts';
import { startPeopleServer, type PeopleServer } from './oidc/real-provider.ts';

/** What lets something be done. That actions stop is never made hard. */
const deciding = ['/api/intents/:id/approve', '/api/intents/:id/undo', '/api/incidents/:id/approve', '/api/enforcement'];
const groupOf: Readonly<Record<Role, string>> = { viewer: 'staff', analyst: 'soc', responder: 'soc-lead', admin: 'soc-admin' };

let people: PeopleServer;
beforeAll(async () => { people = await startPeopleServer(`${publicUrl}/login/callback`); });
afterAll(() => people.stop());

type Ways = 'fresh login' | 'old login' | 'login without a time' | 'API token' | 'API token in a browser';
const start = (stepUp: Partial<StepUp> = {}): Promise<LiveServer> => (
  liveServer({ publicUrl, login: loginWith(people, { stepUp: { withinMs: 300_000, acrValues: [], apiTokens: 'allowed', ...stepUp } }) }));

async function headersOf(way: Ways, role: Role, server: LiveServer): Promise<Record<string, string>> {
  if (way === 'API token') return bearer(role);
  if (way === 'API token in a browser') return { ...(await login(server.url, role)).headers, origin: publicUrl };
  people.person = { id: `${role}.person`, groups: [groupOf[role]] };
  const browser = new Browser();
  await browser.visit(await browser.answerOf(server, way === 'login without a time' ? '/login/provider' : '/login/provider?again'));
  const { csrf } = await (await browser.visit(`${server.url}/api/session`)).json() as Session;
  const cookie = browser.set.findLast((one) => one.startsWith('tokenward_session='))!.split(';')[0]!;
  return { cookie, 'x-csrf-token': csrf!, origin: publicUrl };
}

async function ask(server: LiveServer, method: string, path: string, given: Record<string, string>, body = bodies[path] ?? {}) {
  const headers = { ...given, ...(method === 'GET' ? {} : { 'content-type': 'application/json' }) };
  const answer = await fetch(`${server.url}${path.replace(':id', 'x1')}`, { method, headers, body: method === 'GET' ? null : JSON.stringify(body) });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() as Record<string, unknown> };
}

describe.each([
  ['fresh login', {}, null], ['old login', { withinMs: 0 }, 'step_up'], ['login without a time', {}, 'step_up'], ['fresh login', { acrValues: ['a way that it is not'] }, 'step_up'],
  ['API token', {}, null], ['API token in a browser', {}, null], ['API token', { apiTokens: 'refused' }, 'api_token'], ['API token in a browser', { apiTokens: 'refused' }, 'api_token'],
] as const)('%s, %j', (way, stepUp, refusal) => {
  test.each(everyRole)('each route as %s', async (role) => {
    const server = await start(stepUp);
    const headers = await headersOf(way, role, server);
    for (const { method, path, least } of routes) {
      const { status, body } = await ask(server, method, path, headers);
      const expected = !reaches(role, least) ? 'role' : refusal !== null && method === 'POST' && deciding.includes(path) ? refusal : null;
      if (expected === null) expect([method, path, status]).not.toEqual([method, path, 403]);
      else expect([method, path, status, body['error']]).toEqual([method, path, 403, expected]);
    }
    const decided = server.decided.map(({ what }) => what.replace(/ x1.*| r h| on .*/, ''));
    expect(decided.some((what) => ['approve', 'undo', 'approve all', 'agree'].includes(what))).toBe(refusal === null && reaches(role, 'responder'));
  });

  test('actions may always be stopped; to let them go on is a decision', async () => {
    const server = await start(stepUp);
    const headers = await headersOf(way, 'admin', server);
    const turn = async (on: boolean) => (await ask(server, 'POST', '/api/kill-switch', headers, { on, reason: 'drill' })).body['error'] ?? null;
    expect([await turn(true), await turn(false)]).toEqual([null, refusal]);
  });
});

test('the refusal says what to do, stands in the audit, and the login that it leads to lets the same be decided', async () => {
  const server = await start();
  const old = await headersOf('login without a time', 'responder', server);
  const { status, type, body } = await ask(server, 'POST', '/api/intents/:id/approve', old);
  expect([status, type]).toEqual([403, 'application/problem+json; charset=utf-8']);
  expect(body).toEqual({
    error: 'step_up', status: 403, title: 'Log in again to decide', detail: 'Whoever lets something be done must have logged in within the last 5 minutes.',
    login: '/login/provider?again',
  });
  expect(server.audit).toMatchObject([{ reason: 'step_up', status: 403, route: 'POST /api/intents/:id/approve', account: 'responder.person' }]);
  const asked = new URL((await new Browser().visit(server.url + String(body['login']))).headers.get('location')!);
  expect(['prompt', 'max_age', 'acr_values'].map((name) => asked.searchParams.get(name))).toEqual(['login', '300', null]);
  expect((await ask(server, 'POST', '/api/intents/:id/approve', await headersOf('fresh login', 'responder', server))).status).toBe(200);
});

test('the description of the API says so', async () => {
  const { url } = await start();
  const { paths } = await (await fetch(`${url}/api/openapi.json`)).json() as { paths: Record<string, { post?: { responses: Record<string, { content: object }> } }> };
  const told = Object.entries(paths).filter(([, { post }]) => Object.keys(post?.responses['403']?.content ?? {}).includes('application/problem+json')).map(([path]) => path);
  expect(told.toSorted()).toEqual([...deciding.map((path) => path.replace(':id', '{id}')), '/api/kill-switch'].toSorted());
});

test('where ways of logging in are named, they are asked for', async () => {
  const server = await start({ acrValues: ['urn:passkey', 'urn:otp'], withinMs: 60_000 });
  const asked = new URL((await new Browser().visit(`${server.url}/login/provider?again`)).headers.get('location')!);
  expect(['max_age', 'acr_values'].map((name) => asked.searchParams.get(name))).toEqual(['60', 'urn:passkey urn:otp']);
});

describe('how fresh a login is', () => {
  const nowMs = 1e12;
  const rule: StepUp = { withinMs: 300_000, acrValues: ['gold'], apiTokens: 'allowed' };
  test.each([
    [0, 'gold', null], [300_000, 'gold', null], [300_001, 'gold', 'step_up'], [-60_000, 'gold', null], [-60_001, 'gold', 'step_up'],
    [0, 'silver', 'step_up'], [0, null, 'step_up'], [null, 'gold', 'step_up'],
  ] as const)('%s ms ago by %s: %s', (agoMs, acr, expected) => {
    const proof = { authenticatedMs: agoMs === null ? null : nowMs - agoMs, acr };
    expect(stalenessOf({ session: { proof } }, rule, nowMs)).toBe(expected);
  });
});
