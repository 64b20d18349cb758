import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { outboundClient } from '../../src/outbound/client.ts';
import { Heartbeat } from '../../src/service/heartbeat.ts';
import { makeWatch } from '../../src/service/watch.ts';
import { createLog } from '../../src/service/log.ts';
import { Metrics } from '../../src/service/metrics.ts';
import { configure } from '../end-to-end/support.ts';
import { ManualTiming } from '../sinks/support.ts';

const notes = () => ({ getMeta: () => null, setMeta: () => undefined });

interface Receiver { readonly url: string; readonly seen: string[]; status: number }

/** Somebody outside who waits for calls. */
async function receiver(): Promise<Receiver> {
  const own = { url: '', seen: [] as string[], status: 200 };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => { body += part; }).on('end', () => {
      own.seen.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(own.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => { server.close(); server.closeAllConnections(); });
  own.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/edge`;
  return own;
}

test('it beats at once and at each interval; while something is wrong it is withheld', async () => {
  const timing = new ManualTiming();
  const { url, seen } = await receiver();
  const beats: string[] = [];
  let isWell = true;
  let noted: () => void = () => undefined;
  const beat = (): Promise<void> => new Promise((resolve) => { noted = resolve; });
  const heartbeat = new Heartbeat({
    url, everyMs: 60_000, timing, isWell: () => isWell, send: outboundClient({ urls: [url], allowPrivate: true }),
    onBeat: (what, reason) => { beats.push(`${what} ${reason}`); noted(); },
  });
  let came = beat();
  heartbeat.start();
  await came;
  came = beat();
  await timing.pass(60_000);
  await came;
  isWell = false;
  await timing.pass(60_000);
  expect(seen).toEqual(Array(2).fill('POST /ping/edge {"service":"tokenward","status":"ok"}'));
  heartbeat.stop();
  await timing.pass(600_000);
  expect(beats).toEqual(['sent null', 'sent null', 'withheld not_well']);
});

test('an address that refuses or is away is told in a fixed word', async () => {
  const timing = new ManualTiming();
  const outside = await receiver();
  outside.status = 503;
  const beats: (string | null)[] = [];
  for (const url of [outside.url, 'http://127.0.0.1:1/']) {
    const send = outboundClient({ urls: [url], allowPrivate: true });
    await new Promise<void>((resolve) => {
      const heartbeat = new Heartbeat({ url, everyMs: 60_000, timing, isWell: () => true, send, onBeat: (_, reason) => { beats.push(reason); resolve(); } });
      heartbeat.start();
    });
  }
  expect(beats).toEqual(['http_503', 'unreachable']);
});

test('a canary that is missing silences it, pages and is counted', async () => {
  const timing = new ManualTiming();
  const { url, seen } = await receiver();
  const metrics = new Metrics();
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  const configuration = configure(`sources: [{ name: gateway, formats: [envoy.access] }]
canaries: [{ name: edge, source: gateway, handle: jti-1, every: 10s, within: 20s }]
server: { heartbeat: { url: "${url}", allow_private: true } }
`);
  const watch = makeWatch(configuration, { metrics, log, timing, notes });
  watch.start(() => true);
  await expect.poll(() => seen.length).toBe(1);
  await timing.pass(61_000);
  const page = await metrics.text();
  expect(page).toContain('tokenward_canary_missing{canary="edge"} 1');
  expect(page).toContain('tokenward_pages_total{reason="canary_missing"} 1');
  expect(page).toContain('tokenward_heartbeats_total{result="withheld"}');
  expect(lines.join('')).toContain('page_canary_missing');
  watch.stop();
  expect(seen).toHaveLength(1);
});

test('an address that nothing may be sent to is refused before the service starts', () => {
  const configuration = configure('server: { heartbeat: { url: "http://ping.example.com/x" } }\n');
  const parts = { metrics: new Metrics(), log: createLog({ write: () => undefined }), timing: new ManualTiming(), notes };
  expect(() => makeWatch(configuration, parts)).toThrow(/^the URL of server\.heartbeat /);
});
