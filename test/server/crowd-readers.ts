/** A thread of readers of the live stream, which speak the protocol by hand: a client that took each message apart would be what is measured. */
import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

export interface ReadersData {
  readonly port: number;
  readonly good: readonly string[];
  /** They open the stream and never read. */
  readonly silent: readonly string[];
  /** When each change was told of, in ms since the epoch. */
  readonly sentMs: SharedArrayBuffer;
}

/** `delays`: at place N, how many messages took N ms. */
export interface Readings { readonly delays: Uint32Array; readonly gaps: number; readonly least: number }

const longestMs = 60_000;
const data = workerData as ReadersData;
const sentMs = new Float64Array(data.sentMs);
const delays = new Uint32Array(longestMs + 1);
let gaps = 0;

/** One reader: every change once and in order, else it counts a gap. */
class Reader {
  last: number;
  isCut = false;
  readonly socket: Socket;
  readonly opened: Promise<void>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(token: string, cursor: number | null) {
    this.last = cursor ?? 0;
    this.socket = connect(data.port, '127.0.0.1');
    const path = cursor === null ? '/ws' : `/ws?cursor=${cursor}`;
    const lines = ['Host: 127.0.0.1', `Authorization: Bearer ${token}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    this.socket.write([`GET ${path} HTTP/1.1`, ...lines, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'));
    this.socket.on('error', () => undefined).on('close', () => { this.isCut = true; });
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('data', (first: Buffer) => {
        if (!first.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) return reject(new Error(first.toString('latin1', 0, 12)));
        this.#take(first.subarray(first.indexOf('\r\n\r\n') + 4));
        this.socket.on('data', (chunk: Buffer) => this.#take(chunk));
        resolve();
      });
    });
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const nowMs = performance.timeOrigin + performance.now();
    let at = 0;
    while (bytes.length - at >= 4) {
      const short = bytes[at + 1]!;
      const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
      const end = start + (short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2)));
      if (end > bytes.length) break;
      if (bytes[at] === 0x81) this.#note(bytes, start, nowMs);
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  /** The feed of these tests writes `{"type":"alert","cursor":N,`; other messages do not count. */
  #note(bytes: Buffer, start: number, nowMs: number): void {
    if (bytes.toString('latin1', start + 9, start + 14) !== 'alert') return;
    let cursor = 0;
    for (let at = start + 25; bytes[at]! >= 48 && bytes[at]! <= 57; at++) cursor = cursor * 10 + bytes[at]! - 48;
    if (cursor !== this.last + 1) gaps++;
    this.last = cursor;
    const place = Math.min(longestMs, Math.max(0, Math.round(nowMs - sentMs[cursor]!)));
    delays[place] = delays[place]! + 1;
  }
}

const good = data.good.map((token) => new Reader(token, null));
const silent = data.silent.map((token) => new Reader(token, null));
await Promise.all([...good, ...silent].map(({ opened }) => opened));
for (const { socket } of silent) socket.pause();
parentPort!.postMessage('open');

parentPort!.on('message', (asked: 'readings' | 'silent' | { readonly resume: number }) => {
  if (asked === 'readings') parentPort!.postMessage({ delays, gaps, least: Math.min(...good.map(({ last }) => last)) } satisfies Readings);
  // What had been sent comes, then the end, if it was cut.
  else if (asked === 'silent') {
    for (const { socket } of silent) socket.resume();
    setTimeout(() => {
      const cut = silent.filter(({ isCut }) => isCut).length;
      for (const { socket } of silent) socket.destroy();
      // The server hears of it first: an account may have only so many open.
      setTimeout(() => parentPort!.postMessage({ cut }), 500);
    }, 2_000);
  } else {
    const before = gaps;
    const readers = silent.slice(0, 5).map(({ last }, place) => new Reader(data.silent[place]!, last));
    const timer = setInterval(() => {
      if (readers.some(({ last }) => last < asked.resume)) return;
      clearInterval(timer);
      parentPort!.postMessage({ gaps: gaps - before });
    }, 50);
  }
});
