import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../../src/server/api/shapes.ts';
import { liveServer, login, read, ticketFor, tokenOf } from '../live-support.ts';
import { Browser, loginWith, publicUrl } from './browser.ts';
import { startPeopleServer, type PeopleServer } from './real-provider.ts';

let people: PeopleServer;
beforeAll(async () => { people = await startPeopleServer(`${publicUrl}/login/callback`); });
afterAll(() => people.stop());

const start = (changes: Parameters<typeof loginWith>[1] = {}) => liveServer({ publicUrl, login: loginWith(people, changes) });

test('whoever the provider vouches for has a session with the role of his groups', async () => {
  people.person = { id: 'Ann', groups: ['other', 'soc-lead', 'soc'] };
  const server = await start();
  expect(await (await fetch(`${server.url}/login/ways`)).json()).toEqual({ provider: true });
  const browser = new Browser();
  const back = await browser.answerOf(server);
  const answer = await browser.visit(back);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
  expect(await (await browser.visit(`${server.url}/api/session`)).json()).toMatchObject({ account: 'ann', role: 'responder' });
  const [ours, session] = ['tokenward_login=', 'tokenward_session='].map((name) => browser.set.find((cookie) => cookie.startsWith(name)));
  expect(ours).toMatch(/; Path=\/login; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/);
  expect(session).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/);
  expect((await browser.visit(back)).status).toBe(401);
  expect(server.audit).toMatchObject([{ reason: 'unknown_login', status: 401, route: 'GET /login/callback' }]);
});

test('who logs out loses the live stream within seconds', async () => {
  people.person = { id: 'ann', groups: ['soc'] };
  const server = await start();
  const browser = new Browser();
  await browser.visit(await browser.answerOf(server));
  const { csrf } = await (await browser.visit(`${server.url}/api/session`)).json() as Session;
  const cookie = browser.set.find((one) => one.startsWith('tokenward_session='))!.split(';')[0]!;
  const headers = { cookie, 'x-csrf-token': csrf!, origin: publicUrl };
  const reading = await read(server.url, `/ws?ticket=${await ticketFor(server.url, headers)}`, { origin: publicUrl });
  expect(reading.messages[0] ?? await reading.until(1).then(() => reading.messages[0])).toMatchObject({ type: 'hello', account: 'ann', role: 'analyst' });
  expect((await fetch(`${server.url}/api/session`, { method: 'DELETE', headers })).status).toBe(204);
  expect(await reading.closed).toBe(1008);
}, 5_000);

test('whoever logs in anew has one session: that of before has ended, in every copy and on the live stream', async () => {
  people.person = { id: 'ann', groups: ['soc'] };
  const server = await start();
  const [browser, elsewhere] = [new Browser(), new Browser()];
  await browser.visit(await browser.answerOf(server), true);
  await elsewhere.visit(await elsewhere.answerOf(server), true);
  const cookies = (of: Browser): string[] => of.set.filter((one) => one.startsWith('tokenward_session=')).map((one) => one.split(';')[0]!);
  const status = async (cookie: string): Promise<number> => (await fetch(`${server.url}/api/session`, { headers: { cookie } })).status;
  const { csrf } = await (await browser.visit(`${server.url}/api/session`)).json() as Session;
  const headers = { cookie: cookies(browser)[0]!, 'x-csrf-token': csrf!, origin: publicUrl };
  const reading = await read(server.url, `/ws?ticket=${await ticketFor(server.url, headers)}`, { origin: publicUrl });
  const back = await browser.answerOf(server, '/login/provider?again');
  expect(await status(cookies(browser)[0]!), 'not before the provider vouched for the new one').toBe(200);
  await browser.visit(back, true);
  const [former, now] = cookies(browser) as [string, string];
  expect([await status(former), await status(now), await status(cookies(elsewhere)[0]!)], 'that of another browser goes on').toEqual([401, 200, 200]);
  expect(await reading.closed).toBe(1008);
}, 10_000);

test('a token that is shown in a browser with a session ends that session too', async () => {
  const server = await start();
  const first = await login(server.url, 'viewer');
  const second = await fetch(`${server.url}/api/session`, {
    method: 'POST', headers: { ...first.headers, 'content-type': 'application/json', origin: publicUrl }, body: JSON.stringify({ token: tokenOf('analyst') }),
  });
  const now = second.headers.getSetCookie()[0]!.split(';')[0]!;
  const status = async (cookie: string): Promise<number> => (await fetch(`${server.url}/api/session`, { headers: { cookie } })).status;
  expect([second.status, await status(first.headers['cookie']!), await status(now)]).toEqual([200, 401, 200]);
});

test('the code is worth nothing in another browser, with another state, or twice', async () => {
  people.person = { id: 'ann', groups: ['soc'] };
  const server = await start();
  const [victim, thief] = [new Browser(), new Browser()];
  const back = await victim.answerOf(server);
  expect((await thief.visit(back)).status).toBe(401);
  const own = new URL(await thief.answerOf(server));
  own.searchParams.set('code', new URL(back).searchParams.get('code')!);
  const stolen = await thief.visit(own.href);
  expect([stolen.status, await stolen.json()]).toEqual([401, { error: 'login_denied' }]);
  const changed = new URL(await victim.answerOf(server));
  changed.searchParams.set('state', 'x'.repeat(43));
  expect((await victim.visit(changed.href)).status).toBe(401);
  for (const browser of [victim, thief]) expect((await browser.visit(`${server.url}/api/session`)).status).toBe(401);
});

test.each([
  ['no group of ours', { id: 'ann', groups: ['sales'] }, 403, 'no_role'],
  ['the name of an account of the file', { id: 'Admin', groups: ['soc'] }, 401, 'name_taken'],
  ['one of our own names', { id: 'executor', groups: ['soc'] }, 401, 'no_name'],
  ['a name that is none', { id: 'a b', groups: ['soc'] }, 401, 'no_name'],
])('%s: nobody is let in', async (_, person, status, error) => {
  people.person = person;
  const server = await start();
  const browser = new Browser();
  const answer = await browser.visit(await browser.answerOf(server));
  expect([answer.status, await answer.json()]).toEqual([status, { error }]);
  expect(browser.set.some((cookie) => cookie.startsWith('tokenward_session='))).toBe(false);
});

test('a browser is told in a page why it is not let in, everybody else by a fixed word', async () => {
  const { url } = await start();
  const ask = (accept: string) => fetch(`${url}/login/callback?state=x`, { headers: { accept } });
  const page = await ask('text/html,application/xhtml+xml;q=0.9');
  expect([page.status, page.headers.get('content-type'), page.headers.get('content-security-policy')]).toEqual([401, 'text/html; charset=utf-8', expect.stringContaining("default-src 'none'")]);
  expect(await page.text()).toContain('begun in another browser');
  expect(await (await ask('application/json')).json()).toEqual({ error: 'unknown_login' });
  expect(await (await fetch(`${url}/api/alerts`, { headers: { accept: 'text/html' } })).json()).toEqual({ error: 'unauthenticated' });
});

test('with the wrong secret of the client nobody gets in, and guessing ends', async () => {
  people.person = { id: 'ann', groups: ['soc'] };
  const server = await start({ clientSecretFile: null });
  const browser = new Browser();
  const answer = await browser.visit(await browser.answerOf(server));
  expect([answer.status, await answer.json()]).toEqual([401, { error: 'login_denied' }]);
  const statuses = [];
  for (let guess = 0; guess < 20; guess++) statuses.push((await fetch(`${server.url}/login/callback?code=${guess}&state=x`)).status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(19);
  expect(statuses.at(-1)).toBe(429);
});

test('while the provider is away or speaks of another issuer, nobody is sent there', async () => {
  const away = await start({ issuer: 'http://127.0.0.1:1' });
  const other = await start({ issuer: `${people.issuer}/` });
  for (const { url } of [away, other]) expect((await fetch(`${url}/login/provider`, { redirect: 'manual' })).status).toBe(503);
  const without = await liveServer();
  expect(await (await fetch(`${without.url}/login/ways`)).json()).toEqual({ provider: false });
  expect((await fetch(`${without.url}/login/provider`)).status).toBe(404);
});
