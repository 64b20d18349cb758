import { expect, test } from 'vitest';
import { bearer, liveServer, login, read, ticketFor, tokenOf } from './live-support.ts';
import { wrongHandshakes } from './handshakes.ts';

test('of two thousand handshakes with something wrong none opens the stream, and each is in the audit', async () => {
  const server = await liveServer();
  const browser = await login(server.url, 'viewer');
  const ticket = () => ticketFor(server.url, browser.headers);
  const used = await ticket();
  (await read(server.url, `/ws?ticket=${used}`, { origin: server.url })).socket.terminate();
  const door = { port: server.port, cookie: browser.headers['cookie']!, used, token: tokenOf('viewer'), ticket };
  const statuses = await wrongHandshakes(door, 2_000, 1);
  expect(Object.keys(statuses).toSorted()).toEqual(['401', '403']);
  expect(statuses['401']! + statuses['403']!).toBe(2_000);
  // None of it was counted against who is in order.
  (await read(server.url, '/ws', bearer('viewer'))).socket.terminate();
  await server.close();
  const kept = server.audit.filter(({ route }) => route === 'GET /ws');
  expect(kept.reduce((sum, { count }) => sum + count, 0)).toBe(2_000);
}, 60_000);
