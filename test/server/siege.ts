import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Accounts } from '../../src/server/accounts.ts';
import { startStream } from './crowd.ts';
import { hashOf } from './live-support.ts';

export interface SiegeOptions {
  /** Sockets that each send so many tiny fragments of one message. */
  readonly senders: number;
  readonly fragments: number;
  /** Sockets that begin a request and never end it, as many at once. */
  readonly slow: number;
  readonly atOnce: number;
}

export interface SiegeReport {
  /** Close code -> how many senders were told it; `0`: cut without a word. */
  readonly codes: Readonly<Record<number, number>>;
  /** Slow ones that were still open after all had been waited for. */
  readonly left: number;
  readonly isAlive: boolean;
  readonly growthBytes: number;
}

const longestWaitMs = 12_000;
const perAccount = 10;

/** What strangers and a known reader can do to the stream without being told anything by it. */
export async function siege({ senders, fragments, slow, atOnce }: SiegeOptions): Promise<SiegeReport> {
  const names = Array.from({ length: Math.ceil(senders / perAccount) }, (_, place) => `sender-${place}`);
  const server = await startStream(new Accounts(names.map((name) => ({ account: { name, role: 'viewer' }, hash: hashOf(name) }))));
  const before = process.memoryUsage.rss();
  const codes: Record<number, number> = {};
  let left = 0;
  try {
    const sent = Buffer.concat(Array.from({ length: fragments }, (_, place) => Buffer.from([place === 0 ? 0x01 : 0x00, 0x81, 0, 0, 0, 0, 0x78])));
    const told = await Promise.all(Array.from({ length: senders }, (_, place) => codeOf(server.port, names[Math.floor(place / perAccount)]!, sent)));
    for (const code of told) codes[code] = (codes[code] ?? 0) + 1;
    for (let done = 0; done < slow; done += atOnce) left += await openSlowly(server.port, Math.min(atOnce, slow - done));
    const growthBytes = process.memoryUsage.rss() - before;
    const isAlive = (await fetch(`http://127.0.0.1:${server.port}/healthz`)).status === 200;
    return { codes, left, isAlive, growthBytes };
  } finally {
    await server.close();
  }
}

/** The close code that a sender of these frames hears. */
function codeOf(port: number, token: string, frames: Buffer): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  const lines = ['GET /ws HTTP/1.1', 'Host: 127.0.0.1', `Authorization: Bearer ${token}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  socket.write([...lines, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'));
  const chunks: Buffer[] = [];
  socket.once('data', () => socket.write(frames));
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
  return new Promise((resolve) => {
    socket.on('close', () => {
      const end = Buffer.concat(chunks).subarray(-4);
      resolve(end.length === 4 && end[0] === 0x88 ? end.readUInt16BE(2) : 0);
    });
  });
}

/** Half a request each. Answers how many the server still held open after its time for headers. */
async function openSlowly(port: number, count: number): Promise<number> {
  const open = new Set<Socket>();
  for (let place = 0; place < count; place++) {
    const socket = connect(port, '127.0.0.1');
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket)).on('data', () => undefined);
    socket.write('GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\n');
  }
  const untilMs = Date.now() + longestWaitMs;
  while (open.size > 0 && Date.now() < untilMs) await wait(100);
  const left = open.size;
  for (const socket of open) socket.destroy();
  return left;
}
