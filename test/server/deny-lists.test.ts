import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { Credentials } from '../../src/server/credentials.ts';
import type { ServedList } from '../../src/server/deny-lists.ts';
import { startServer, type RunningServer } from '../../src/server/http.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

interface Rig { readonly url: string; readonly held: string[]; readonly refused: string[]; change(): void }

function listNamed(name: string, tokens: readonly string[], held: string[], current: ServedList['current']): ServedList {
  const gateways = tokens.map((token) => ({ name: `gateway-${token}`, credentials: new Credentials([digest(token)]) }));
  return { name, gateways, current, acknowledge: (gateway, number) => { held.push(`${name} ${gateway} ${number}`); } };
}

function serverWith(denyLists: readonly ServedList[], refused: string[] = []): Promise<RunningServer> {
  return startServer({
    host: '127.0.0.1', port: 0, credentials: null, push: [], readiness: () => ({}) as never, denyLists,
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }), onRefused: (reason) => { refused.push(reason); },
  });
}

async function start(): Promise<Rig> {
  const [held, refused]: [string[], string[]] = [[], []];
  let number = 7;
  const current = (): ReturnType<ServedList['current']> => ({ number, etag: `"${number}-x"`, body: `list ${number}` });
  const server = await serverWith([listNamed('edge', ['one', 'two'], held, current), listNamed('inner', ['three'], held, current)], refused);
  onTestFinished(() => server.close());
  return { url: `http://127.0.0.1:${server.port}/deny-lists`, held, refused, change: () => { number++; } };
}

function get(url: string, token: string | null, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers } });
}

test('what a gateway fetches is its acknowledgement, by its own credential', async () => {
  const { url, held } = await start();
  const answer = await get(`${url}/edge`, 'two');
  expect([answer.status, answer.headers.get('etag'), answer.headers.get('content-type'), await answer.text()]).toEqual([200, '"7-x"', 'application/jose', 'list 7']);
  expect(held).toEqual(['edge gateway-two 7']);
});

test('who has the present list gets no copy of it, and has acknowledged it', async () => {
  const { url, held, change } = await start();
  const statusWith = async (tag: string): Promise<number> => (await get(`${url}/edge`, 'one', { 'if-none-match': tag })).status;
  expect([await statusWith('"7-x"'), await statusWith('W/"7-x"'), await statusWith('"1-x", "7-x"')]).toEqual([304, 304, 304]);
  change();
  expect([await statusWith('"7-x"'), await statusWith('*'), await statusWith('"8-x')]).toEqual([200, 200, 200]);
  expect(held).toEqual([...Array<string>(3).fill('edge gateway-one 7'), ...Array<string>(3).fill('edge gateway-one 8')]);
});

test('who says what it has in force is believed that, and not what it fetches', async () => {
  const { url, held } = await start();
  for (const said of ['none', '5', '8', '-1', 'x', '99999999999999999']) expect((await get(`${url}/edge?in_force=${said}`, 'one')).status).toBe(200);
  expect(held).toEqual(['edge gateway-one 5']);
  expect((await get(`${url}/edge?in_force=7`, 'one', { 'if-none-match': '"7-x"' })).status).toBe(304);
  expect(held).toEqual(['edge gateway-one 5', 'edge gateway-one 7']);
});

test('nobody else learns anything, not even which lists there are', async () => {
  const { url, held, refused } = await start();
  const attempts = [get(`${url}/edge`, null), get(`${url}/edge`, 'four'), get(`${url}/edge`, 'three'), get(`${url}/none`, 'one'), get(`${url}/constructor`, 'one')];
  const answers = await Promise.all(attempts);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  expect(new Set(await Promise.all(answers.map((answer) => answer.text())))).toEqual(new Set(['{"error":"unauthenticated"}']));
  expect([held, refused]).toEqual([[], Array(5).fill('unauthenticated')]);
  expect((await fetch(`${url}/edge`, { method: 'POST', headers: { authorization: 'Bearer one' } })).status).toBe(404);
});

test('gateways that share a token could not be told apart', async () => {
  const list = listNamed('edge', ['one', 'one'], [], () => ({ number: 1, etag: '"1"', body: '' }));
  await expect(serverWith([list])).rejects.toThrow('the gateways gateway-one and gateway-one share a token');
});
