import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { setTimeout as wait } from 'node:timers/promises';
import { Accounts } from '../../src/server/accounts.ts';
import type { ChangeFeed } from '../../src/server/api/ports.ts';
import type { Message } from '../../src/server/api/shapes-live.ts';
import { startServer, type RunningServer } from '../../src/server/http.ts';
import type { ReadersData, Readings } from './crowd-readers.ts';
import { hashOf, reader, status } from './live-support.ts';

export interface CrowdOptions {
  readonly good: number;
  readonly silent: number;
  readonly alertsASecond: number;
  readonly seconds: number;
}

export interface CrowdReport {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly gaps: number;
  /** Newest change that every good reader has seen, and the newest there is. */
  readonly seen: number;
  readonly told: number;
  readonly growthBytes: number;
  /** Silent readers that were cut before the end, and gaps of five of them that came back with their cursor. */
  readonly cut: number;
  readonly gapsAfter: number;
  /** Share of one core that the server's thread took. */
  readonly busy: number;
}

const perAccount = 10;
/** As long as an alert usually is. */
const filler = 'x'.repeat(700);

class CountedFeed implements ChangeFeed {
  isReady = true;
  last = 0;

  lastChange(): number {
    return this.last;
  }

  changes(since: number, upTo: number, limit: number): { cursor: number; messages: Message[] } {
    const cursor = Math.min(upTo, since + limit);
    const messages = Array.from({ length: cursor - since }, (_, place) => ({ type: 'alert', cursor: since + place + 1, alert: { reason: filler } }));
    return { cursor, messages: messages as unknown as Message[] };
  }

  status = () => status;
}

/** A server of its own, for the long forms too. */
export function startStream(accounts: Accounts, feed: ChangeFeed = new CountedFeed()): Promise<RunningServer> {
  return startServer({
    host: '127.0.0.1', port: 0, credentials: null, push: [], readiness: () => ({ ready: true, reasons: [], store: { writable: true, lastCheckpointAgeSeconds: null }, sources: [], sinks: [] }),
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    live: { version: '1', reader, desk: {} as never, triage: {} as never, feed, accounts, publicUrl: null, pageDir: null, audit: () => undefined },
  });
}

/** Alerts at a steady pace to readers of which some never read. The server runs in this thread, the readers in another. */
export async function crowd({ good, silent, alertsASecond, seconds }: CrowdOptions): Promise<CrowdReport> {
  const names = Array.from({ length: good + silent }, (_, place) => `reader-${Math.floor(place / perAccount)}`);
  const accounts = new Accounts([...new Set(names)].map((name) => ({ account: { name, role: 'viewer' }, hash: hashOf(name) })));
  const feed = new CountedFeed();
  const server = await startStream(accounts, feed);
  const sentMs = new SharedArrayBuffer(8 * (alertsASecond * seconds + 1));
  const workerData: ReadersData = { port: server.port, good: names.slice(0, good), silent: names.slice(good), sentMs };
  const worker = new Worker(new URL('./crowd-readers.ts', import.meta.url), { workerData, execArgv: [] });
  const ask = async <T>(what: unknown): Promise<T> => {
    worker.postMessage(what);
    return (await once(worker, 'message'))[0] as T;
  };
  try {
    await once(worker, 'message');
    const before = { rss: process.memoryUsage.rss(), busy: performance.eventLoopUtilization() };
    await tell(server, feed, new Float64Array(sentMs), alertsASecond);
    const [rss, { utilization }] = [process.memoryUsage.rss(), performance.eventLoopUtilization(before.busy)];
    await wait(500);
    const { delays, gaps, least } = await ask<Readings>('readings');
    const { cut } = await ask<{ cut: number }>('silent');
    const { gaps: gapsAfter } = silent === 0 ? { gaps: 0 } : await ask<{ gaps: number }>({ resume: feed.last });
    const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => quantile(delays, share)) as [number, number];
    return { p50Ms, p99Ms, gaps, seen: least, told: feed.last, growthBytes: rss - before.rss, cut, gapsAfter, busy: utilization };
  } finally {
    await worker.terminate();
    await server.close();
  }
}

/** Every change at its time, however late the timer is. */
async function tell(server: RunningServer, feed: CountedFeed, sentMs: Float64Array, aSecond: number): Promise<void> {
  const startMs = performance.timeOrigin + performance.now();
  while (feed.last < sentMs.length - 1) {
    const nowMs = performance.timeOrigin + performance.now();
    const due = Math.min(sentMs.length - 1, Math.floor((nowMs - startMs) * aSecond / 1000));
    while (feed.last < due) sentMs[++feed.last] = startMs + feed.last * 1000 / aSecond;
    server.changed();
    await wait(5);
  }
}

function quantile(counts: Uint32Array, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  return counts.findIndex((count) => (seen += count) >= total * share);
}
