import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { findHostFault, streamClient, type StreamAnswer, type StreamOptions } from '../../src/outbound/stream.ts';

const signal = new AbortController().signal;

/** A server that does with each connection what the test says. */
async function listen(connected: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    connected(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function send(port: number, part: Partial<StreamOptions> = {}, texts: readonly string[] = ['one', 'two']): Promise<StreamAnswer> {
  return streamClient({ host: '127.0.0.1', port, protocol: 'tcp', allowPrivate: true, ...part })(texts.map((text) => Buffer.from(text)), signal);
}

test('sent is what the other side has read to the end', async () => {
  let read = '';
  const port = await listen((socket) => { socket.on('data', (part) => { read += part.toString(); }).on('end', () => socket.end()); });
  expect(await send(port)).toEqual({ kind: 'sent' });
  expect(read).toBe('onetwo');
});

test('one that never ends the connection is believed after a while', async () => {
  let read = '';
  const port = await listen((socket) => { socket.on('data', (part) => { read += part.toString(); }); });
  expect(await send(port, { lingerMs: 50 })).toEqual({ kind: 'sent' });
  expect(read).toBe('onetwo');
});

test('a receiver that dies while it reads has not got it', async () => {
  const port = await listen((socket) => { socket.on('data', () => socket.resetAndDestroy()); });
  expect(await send(port, {}, ['x'.repeat(4 << 20)])).toEqual({ kind: 'failed', reason: 'unreachable' });
});

test('nobody there, silence, and a place where nothing may be sent', async () => {
  const port = await listen((socket) => { socket.pause(); });
  expect(await send(port, { timeoutMs: 100 }, ['x'.repeat(32 << 20)])).toEqual({ kind: 'failed', reason: 'timeout' });
  expect(await send(1)).toEqual({ kind: 'failed', reason: 'unreachable' });
  expect(await send(port, { allowPrivate: false })).toEqual({ kind: 'failed', reason: 'address_not_allowed' });
  const resolve = (): Promise<{ address: string; family: number }[]> => Promise.resolve([{ address: '192.0.2.1', family: 4 }, { address: '10.0.0.1', family: 4 }]);
  expect(await send(port, { host: 'siem.example', allowPrivate: false, resolve })).toEqual({ kind: 'failed', reason: 'address_not_allowed' });
  expect(await send(port, { host: 'siem.example', timeoutMs: 50, resolve: () => new Promise(() => undefined) })).toEqual({ kind: 'failed', reason: 'timeout' });
});

test('a plain server is no TLS server', async () => {
  const port = await listen((socket) => { socket.on('data', () => socket.end('plain\r\n')); });
  expect(await send(port, { protocol: 'tls' })).toMatchObject({ kind: 'failed' });
});

test('by UDP each message is a datagram', async () => {
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  const received: string[] = [];
  const both = new Promise<void>((resolve) => {
    socket.on('message', (message) => {
      received.push(message.toString());
      if (received.length === 2) resolve();
    });
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  expect(await send(socket.address().port, { protocol: 'udp' })).toEqual({ kind: 'sent' });
  await both;
  expect(received).toEqual(['one', 'two']);
});

test('who stops waits for nobody', async () => {
  const port = await listen((socket) => { socket.pause(); });
  const abort = new AbortController();
  const sent = streamClient({ host: '127.0.0.1', port, protocol: 'tcp', allowPrivate: true })([Buffer.alloc(32 << 20)], abort.signal);
  abort.abort();
  expect(await sent).toEqual({ kind: 'failed', reason: 'aborted' });
});

test('hosts that are none are told at once', () => {
  expect(['siem.example', '10.0.0.1', '2001:db8::1', 'localhost'].map(findHostFault)).toEqual([null, null, null, null]);
  for (const host of ['', 'a b', 'a/b', 'user@host', 'http://x', 'x?y', 'x#y']) expect([host, findHostFault(host)]).toEqual([host, 'is no name of a host and no address']);
});
