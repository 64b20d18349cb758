import { fastify } from 'fastify';
import { describe, expect, test } from 'vitest';
import { reaches } from '../../src/server/accounts.ts';
import { routes } from '../../src/server/api/routes.ts';
import { Credentials } from '../../src/server/credentials.ts';
import { addLive } from '../../src/server/live.ts';
import { accounts, bearer, bodies, everyRole, hashOf, liveServer, login, queries, reader, TestFeed, tokenOf } from './live-support.ts';

/** What needs no account: showing a token, and the description. */
const open = ['POST /api/session', 'GET /api/openapi.json'];

async function ask(url: string, method: string, path: string, headers: Record<string, string>): Promise<number> {
  const body = method === 'GET' ? null : JSON.stringify(bodies[path] ?? {});
  const answer = await fetch(`${url}${path.replace(':id', 'x1')}${queries[path] ?? ''}`, { method, headers: { ...headers, ...(body === null ? {} : { 'content-type': 'application/json' }) }, body });
  await answer.arrayBuffer();
  return answer.status;
}

describe('role by route', () => {
  const table = routes.flatMap((route) => [null, ...everyRole].map((role) => [route.method, route.path, role, route.least] as const));
  test.each(table)('%s %s as %s, least %s', async (method, path, role, least) => {
    const { url, audit, decided } = await liveServer();
    const answered = await ask(url, method, path, role === null ? {} : bearer(role));
    if (role !== null && reaches(role, least)) expect([200, 404]).toContain(answered);
    else {
      expect(answered).toBe(role === null ? 401 : 403);
      const reason = role === null ? 'unauthenticated' : 'role';
      expect(audit).toMatchObject([{ reason, status: answered, route: `${method} ${path}`, account: role ?? 'nobody', count: 1 }]);
      expect(decided).toEqual([]);
    }
  });

  test('every route of the API asks who comes, and what is not in the table does not exist', async () => {
    const added: string[] = [];
    const server = fastify({ exposeHeadRoutes: false });
    server.addHook('onRoute', ({ method, url }) => { if (url.startsWith('/api/')) added.push(...[method].flat().map((one) => `${one} ${url}`)); });
    addLive(server, {
      version: '1', reader, desk: {} as never, triage: {} as never, feed: new TestFeed(), accounts, publicUrl: null, pageDir: null, audit: () => undefined,
    }, null, (reply, code, reason) => reply.code(code).send({ error: reason }), () => undefined);
    await server.ready();
    expect(added.length).toBeGreaterThan(routes.length);
    for (const route of added) {
      const [method = '', url = ''] = route.split(' ');
      const { statusCode } = await server.inject({ method: method as 'GET', url: url.replace(':id', 'x1') });
      expect([route, statusCode]).toEqual([route, route === 'GET /api/openapi.json' ? 200 : 401]);
      if (open.includes(route)) continue;
      const wrong = { authorization: 'Bearer wrong', cookie: 'tokenward_session=wrong' };
      expect((await server.inject({ method: method as 'GET', url: url.replace(':id', 'x1'), headers: wrong })).statusCode).toBe(401);
    }
    await server.close();
    const { url } = await liveServer();
    for (const path of ['/api', '/api/', '/api/secrets', '/api/alerts/x1/reopen', '/api/intents/x1', '/API/alerts']) expect(await ask(url, 'GET', path, bearer('admin'))).toBe(404);
    for (const method of ['PUT', 'DELETE', 'PATCH']) expect(await ask(url, method, '/api/alerts', bearer('admin'))).toBe(404);
  });
});

describe('a browser', () => {
  test('has a session in a cookie and changes something only with its token, from our own page', async () => {
    const { url, decided } = await liveServer();
    const { headers, session } = await login(url, 'responder');
    expect(session).toMatchObject({ account: 'responder', role: 'responder' });
    const { cookie = '', 'x-csrf-token': csrf = '' } = headers;
    const approve = (given: Record<string, string>) => ask(url, 'POST', '/api/intents/:id/approve', given);
    expect(await approve({ cookie })).toBe(403);
    expect(await approve({ cookie, 'x-csrf-token': 'wrong' })).toBe(403);
    for (const origin of ['null', 'http://evil.example', `${url}.evil.example`, 'http://127.0.0.1', url.replace('http', 'https')]) {
      expect(await approve({ cookie, 'x-csrf-token': csrf, origin })).toBe(403);
    }
    expect(decided).toEqual([]);
    expect(await approve(headers)).toBe(200);
    expect(decided).toEqual([{ what: 'approve x1', by: 'responder' }]);
    // Without a word of its own, the header wins: nobody falls back to a cookie.
    expect(await approve({ ...headers, authorization: 'Bearer wrong' })).toBe(401);
    expect(await ask(url, 'GET', '/api/alerts', { cookie: `${cookie}; ${cookie}` })).toBe(401);
  });

  test('gets its cookie by strict rules, loses it with logout', async () => {
    const { url } = await liveServer();
    const answer = await fetch(`${url}/api/session`, { method: 'POST', body: JSON.stringify({ token: 'token-of-the-viewer' }), headers: { 'content-type': 'application/json' } });
    expect(answer.headers.get('set-cookie')).toMatch(/^tokenward_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43\d\d\d$/);
    const { headers } = await login(url, 'viewer');
    expect(await ask(url, 'GET', '/api/session', headers)).toBe(200);
    expect(await ask(url, 'DELETE', '/api/session', headers)).toBe(204);
    expect(await ask(url, 'GET', '/api/session', headers)).toBe(401);
  });

  test('may guess only so often', async () => {
    const { url } = await liveServer();
    const guess = async (token: unknown) => (await fetch(`${url}/api/session`, { method: 'POST', body: JSON.stringify({ token }), headers: { 'content-type': 'application/json' } })).status;
    for (const token of ['wrong', '', 7, null, {}, ...Array.from({ length: 15 }, (_, place) => `guess ${place}`)]) expect(await guess(token)).toBe(401);
    expect(await guess('token-of-the-admin')).toBe(429);
  });

  test('is let in once by a link', async () => {
    const server = await liveServer();
    const path = server.openSession({ name: 'demo', role: 'responder' });
    const answer = await fetch(`${server.url}${path}`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect(await (await fetch(`${server.url}/api/session`, { headers: { cookie } })).json()).toMatchObject({ account: 'demo', role: 'responder' });
    expect((await fetch(`${server.url}${path}`, { redirect: 'manual' })).status).toBe(401);
    expect((await fetch(`${server.url}/login?code=guess`, { redirect: 'manual' })).status).toBe(401);
  });
});

describe('without accounts', () => {
  test('everybody on this machine may look and nobody may change anything', async () => {
    const { url, decided } = await liveServer({ accounts: null });
    expect(await (await fetch(`${url}/api/session`)).json()).toEqual({ account: 'anybody', role: 'viewer', csrf: null, expiresMs: null });
    for (const { method, path, least } of routes) expect([200, 404].includes(await ask(url, method, path, {}))).toBe(least === 'viewer' && method === 'GET');
    expect(await ask(url, 'POST', '/api/session', {})).toBe(409);
    expect(decided).toEqual([]);
    const named = await fetch(`${url}/api/alerts`, { headers: { origin: 'http://evil.example' } });
    expect(named.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('from elsewhere, one must show the credentials of the server', async () => {
    const credentials = new Credentials([hashOf('scrape')]);
    const { port } = await liveServer({ accounts: null }, { host: '0.0.0.0', credentials });
    const url = `http://127.0.0.1:${port}`;
    expect(await ask(url, 'GET', '/api/alerts', {})).toBe(401);
    expect(await ask(url, 'GET', '/api/alerts', { authorization: 'Bearer scrape' })).toBe(200);
    expect(await ask(url, 'POST', '/api/kill-switch', { authorization: 'Bearer scrape' })).toBe(403);
  });
});

test('while the store is looked through, lists are not shown; whoever wants to stop everything can', async () => {
  const { url, decided } = await liveServer({ reader: { ...reader, isReady: false } });
  for (const { method, path } of routes) expect([path, await ask(url, method, path, bearer('admin'))]).toEqual([path, method === 'GET' && path !== '/api/status' ? 503 : 200]);
  expect(decided.map(({ what }) => what)).toContain('kill switch on a drill');
});

describe('where it listens', () => {
  test('nobody authenticates: refused; accounts are enough', async () => {
    await expect(liveServer({ accounts: null }, { host: '0.0.0.0' })).rejects.toThrow(/nothing authenticates them/);
    const { port } = await liveServer({}, { host: '0.0.0.0' });
    const url = `http://127.0.0.1:${port}`;
    expect(await ask(url, 'GET', '/metrics', {})).toBe(401);
    expect(await ask(url, 'GET', '/metrics', bearer('viewer'))).toBe(200);
  });
});

test('under another name, that of a proxy: its origin counts and cookies go over TLS only', async () => {
  const { url } = await liveServer({ publicUrl: 'https://tokenward.example.org/' });
  const post = (origin: string) => fetch(`${url}/api/session`, { method: 'POST', body: JSON.stringify({ token: tokenOf('viewer') }), headers: { 'content-type': 'application/json', origin } });
  const answer = await post('https://tokenward.example.org');
  expect([answer.status, answer.headers.get('set-cookie')?.endsWith('; Secure')]).toEqual([200, true]);
  for (const origin of ['http://tokenward.example.org', 'https://tokenward.example.org.evil.example', 'https://tokenward.example.org:8443']) expect((await post(origin)).status).toBe(403);
});

test('only an admin lets calls go on again', async () => {
  const { url, decided } = await liveServer();
  const turn = async (on: boolean, role: 'responder' | 'admin') => {
    const headers = { ...bearer(role), 'content-type': 'application/json' };
    return (await fetch(`${url}/api/kill-switch`, { method: 'POST', body: JSON.stringify({ on, reason: 'drill' }), headers })).status;
  };
  expect([await turn(true, 'responder'), await turn(false, 'responder'), await turn(false, 'admin')]).toEqual([200, 403, 200]);
  expect(decided).toEqual([{ what: 'kill switch on drill', by: 'responder' }, { what: 'kill switch off drill', by: 'admin' }]);
});

test.each([
  ['/api/alerts?limit=0'], ['/api/alerts?limit=501'], ['/api/alerts?status=new'], ['/api/alerts?sort=name'], ['/api/alerts?severity=x'], ['/api/alerts?since=-1'], ['/api/alerts?limit=1&limit=2'],
  ['/api/alerts?__proto__=1'], ['/api/intents?state=gone'], [`/api/events?text=${'x'.repeat(201)}`], ['/api/status?limit=1&x=2'],
])('%s', async (path) => {
  const { url } = await liveServer();
  expect(await ask(url, 'GET', path, bearer('viewer'))).toBe(path.startsWith('/api/status') ? 200 : 400);
});
