import { connect, type Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { bearer, everyRole, liveServer, login, read, ticketFor, type LiveServer } from './live-support.ts';

async function opening(server: LiveServer, path: string, headers: Record<string, string>): Promise<string> {
  return read(server.url, path, headers).then(({ socket }) => {
    socket.terminate();
    return 'open';
  }, (error: Error) => error.message);
}

/** A connection that speaks the protocol by hand, to send what no client would. */
async function raw(server: LiveServer, headers: readonly string[] = []): Promise<{ socket: Socket; ended: Promise<Buffer>; answered: Promise<void> }> {
  const ticket = await ticketFor(server.url, bearer('viewer'));
  const socket = connect(server.port, '127.0.0.1');
  const lines = [
    `GET /ws?ticket=${ticket} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, `Origin: ${server.url}`, 'Connection: Upgrade', 'Upgrade: websocket',
    'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...headers, '', '',
  ];
  socket.on('error', () => undefined);
  socket.write(lines.join('\r\n'));
  const chunks: Buffer[] = [];
  let first = (): void => undefined;
  const answered = new Promise<void>((resolve) => { first = resolve; });
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    first();
  });
  const ended = new Promise<Buffer>((resolve) => { socket.on('close', () => resolve(Buffer.concat(chunks))); });
  return { socket, ended, answered };
}

/** A masked frame of a client; the mask is zero. */
function frame(firstByte: number, payload: Buffer): Buffer {
  const long = payload.length > 125;
  const head = long ? Buffer.from([firstByte, 0x80 | 126, payload.length >> 8, payload.length & 255]) : Buffer.from([firstByte, 0x80 | payload.length]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

/** Close code of the last frame that was received. */
function closeCode(received: Buffer): number {
  return received.readUInt16BE(received.lastIndexOf(Buffer.from([0x88])) + 2);
}

describe('who may open it', () => {
  test('a page with a ticket, once, and only from our own origin', async () => {
    const told: string[] = [];
    const server = await liveServer({}, { onRefused: (reason) => told.push(reason) });
    const browser = await login(server.url, 'viewer');
    const ticket = () => ticketFor(server.url, browser.headers);
    const { port } = server;
    const wrong = [
      'null', 'http://evil.example', `http://127.0.0.1:${port}.evil.example`, `http://127.0.0.1:${port + 1}`, `https://127.0.0.1:${port}`, 'http://127.0.0.1', `http://127.0.0.1:${port}/`,
      `http://user@127.0.0.1:${port}`, `http://127.1:${port}`, `HTTP://127.0.0.1:${port}`, `http://[::1].evil:${port}`, '',
    ];
    for (const origin of wrong) expect([origin, await opening(server, `/ws?ticket=${await ticket()}`, { origin })]).toEqual([origin, '403']);
    expect(await opening(server, `/ws?ticket=${await ticket()}`, {})).toBe('403');
    const used = await ticket();
    expect(await opening(server, `/ws?ticket=${used}`, { origin: server.url })).toBe('open');
    expect(await opening(server, `/ws?ticket=${used}`, { origin: server.url })).toBe('401');
    expect(await opening(server, `/ws?ticket=${await ticket()}`, { origin: `http://localhost:${port}` })).toBe('open');
    for (const guess of ['', 'x', used.slice(1), `${used}=`, '%00']) expect(await opening(server, `/ws?ticket=${guess}`, { origin: server.url })).toBe('401');
    expect(await opening(server, '/ws', { origin: server.url })).toBe('401');
    expect(await opening(server, '/ws', browser.headers)).toBe('401');
    expect(new Set(server.audit.map(({ route, reason }) => `${route} ${reason}`))).toEqual(new Set(['GET /ws bad_origin', 'GET /ws unauthenticated']));
    expect(told.length).toBe(wrong.length + 1 + 1 + 5 + 2);
  });

  test('a ticket lives 30 seconds', async () => {
    const server = await liveServer();
    const ticket = await ticketFor(server.url, bearer('viewer'));
    const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 31_000);
    expect(await opening(server, `/ws?ticket=${ticket}`, { origin: server.url })).toBe('401');
    now.mockRestore();
  });

  test('a program with its token, whatever its role', async () => {
    const server = await liveServer();
    for (const role of everyRole) expect(await opening(server, '/ws', bearer(role))).toBe('open');
    expect(await opening(server, '/ws', { authorization: 'Bearer wrong' })).toBe('401');
    expect(await opening(server, '/ws', { ...bearer('admin'), origin: 'http://evil.example' })).toBe('403');
    for (const path of ['/', '/wss', '/ws/', '/api/ws', '/healthz']) expect(await opening(server, path, bearer('admin'))).toBe('404');
    for (const cursor of ['-1', 'x', '1.5', '1'.repeat(16), '']) expect(await opening(server, `/ws?cursor=${cursor}`, bearer('admin'))).toBe('400');
  });

  test('ten at once of one account', async () => {
    const server = await liveServer();
    for (let count = 0; count < 10; count++) await read(server.url, '/ws', bearer('viewer'));
    expect(await opening(server, '/ws', bearer('viewer'))).toBe('429');
    expect(await opening(server, '/ws', bearer('analyst'))).toBe('open');
  });

  test('nobody while the lists are not whole', async () => {
    const server = await liveServer();
    server.feed.isReady = false;
    expect(await opening(server, '/ws', bearer('viewer'))).toBe('503');
  });
});

describe('what is told', () => {
  test('who is greeted, then every change once and in order', async () => {
    const server = await liveServer();
    server.feed.last = 5;
    const reading = await read(server.url, '/ws', bearer('analyst'));
    await reading.until(1);
    expect(reading.messages[0]).toMatchObject({ type: 'hello', cursor: 5, account: 'analyst', role: 'analyst' });
    for (let change = 6; change <= 700; change++) {
      server.feed.last = change;
      server.changed();
    }
    await reading.until(1 + 695);
    expect(reading.messages.slice(1).map(({ cursor }) => cursor)).toEqual(Array.from({ length: 695 }, (_, place) => place + 6));
  });

  test('who comes with a cursor misses nothing, while more happens', async () => {
    const server = await liveServer();
    server.feed.last = 3_000;
    const present = await read(server.url, '/ws', bearer('viewer'));
    const behind = await read(server.url, '/ws?cursor=100', bearer('viewer'));
    for (let change = 3_001; change <= 4_000; change++) {
      server.feed.last = change;
      server.changed();
      if (change % 100 === 0) await behind.until(2);
    }
    await behind.until(1 + 3_900);
    await present.until(1 + 1_000);
    expect(behind.messages.slice(1).map(({ cursor }) => cursor)).toEqual(Array.from({ length: 3_900 }, (_, place) => place + 101));
    expect(present.messages.slice(1).map(({ cursor }) => cursor)).toEqual(Array.from({ length: 1_000 }, (_, place) => place + 3_001));
  });

  test('a cursor of another store is answered by "load again"', async () => {
    const server = await liveServer();
    server.feed.last = 7;
    const reading = await read(server.url, '/ws?cursor=9000', bearer('viewer'));
    await reading.until(2);
    expect(reading.messages.map(({ type, cursor }) => [type, cursor])).toEqual([['hello', 7], ['resync', 7]]);
  });

  test('who does not read gets no more, and goes on with the present', async () => {
    const server = await liveServer();
    server.feed.text = 'x'.repeat(20_000);
    const [slow, good] = [await read(server.url, '/ws', bearer('viewer')), await read(server.url, '/ws', bearer('analyst'))];
    slow.socket.pause();
    for (let change = 1; change <= 600; change++) {
      server.feed.last = change;
      server.changed();
      if (change % 20 === 0) await good.until(change);
    }
    slow.socket.resume();
    await expect.poll(() => slow.messages.some(({ type }) => type === 'resync'), { timeout: 8_000 }).toBe(true);
    const resync = slow.messages.find(({ type }) => type === 'resync');
    const before = slow.messages.filter(({ type, cursor }) => type === 'status' && cursor <= 600).map(({ cursor }) => cursor);
    expect(before.length).toBeLessThan(600);
    expect(resync).toMatchObject({ cursor: 600 });
    server.feed.last = 601;
    server.changed();
    await expect.poll(() => slow.messages.at(-1)?.cursor).toBe(601);
    const again = await read(server.url, `/ws?cursor=${(resync as { from: number }).from}`, bearer('viewer'));
    await expect.poll(() => again.messages.at(-1)?.cursor, { timeout: 8_000 }).toBe(601);
    const seen = new Set([...before, ...again.messages.slice(1).map(({ cursor }) => cursor)]);
    expect(seen.size).toBe(601);
  }, 20_000);
});

describe('what ends it', () => {
  test('logout, within seconds', async () => {
    const server = await liveServer();
    const browser = await login(server.url, 'viewer');
    const reading = await read(server.url, `/ws?ticket=${await ticketFor(server.url, browser.headers)}`, { origin: server.url });
    await fetch(`${server.url}/api/session`, { method: 'DELETE', headers: browser.headers });
    expect(await reading.closed).toBe(1008);
  }, 5_000);

  test.each([
    ['a long message', [frame(0x81, Buffer.alloc(17_000))], 1009],
    ['tiny fragments without end', Array.from({ length: 40 }, (_, place) => frame(place === 0 ? 0x01 : 0x00, Buffer.from('x'))), 1008],
    ['empty fragments without end', Array.from({ length: 40 }, (_, place) => frame(place === 0 ? 0x01 : 0x00, Buffer.alloc(0))), 1008],
    ['a compressed frame', [frame(0xc1, Buffer.from('x'))], 1002],
    ['text that is none', [frame(0x81, Buffer.from([0xff, 0xfe]))], 1007],
    ['a hundred messages and more', Array.from({ length: 120 }, () => frame(0x81, Buffer.from('x'))), 1008],
  ])('%s', async (_, frames, code) => {
    const server = await liveServer();
    const { socket, ended, answered } = await raw(server, ['Sec-WebSocket-Extensions: permessage-deflate']);
    await answered;
    socket.write(Buffer.concat(frames));
    const received = await ended;
    expect(String(received)).not.toContain('permessage-deflate');
    expect(closeCode(received)).toBe(code);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  test('a server that stops closes what is open', async () => {
    const server = await liveServer();
    const reading = await read(server.url, '/ws', bearer('viewer'));
    await server.close();
    expect(await reading.closed).toBe(1001);
  });
});
