import { existsSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findFault, outboundClient, type OutboundAnswer, type OutboundOptions, type OutboundRequest } from '../../src/outbound/client.ts';
import type { Resolve } from '../../src/outbound/egress.ts';
import { root } from '../support/source.ts';

const signal = new AbortController().signal;

interface Server { readonly url: string; readonly seen: { method: string | undefined; host: string | undefined; length: string | undefined; body: string }[] }

async function start(answer: RequestListener = (_, response) => { response.writeHead(200).end('said'); }): Promise<Server> {
  const seen: Server['seen'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => { body += part; }).on('end', () => {
      seen.push({ method: request.method, host: request.headers.host, length: request.headers['content-length'], body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

function ask(url: string, part: Partial<OutboundOptions & OutboundRequest> = {}): Promise<OutboundAnswer> {
  const { method = 'POST', body = 'asked', headers = {}, ...options } = part;
  return outboundClient({ urls: [url], allowPrivate: true, ...options })({ method, url: part.url ?? url, headers, body }, signal);
}

const failed = (reason: string): OutboundAnswer => ({ kind: 'failed', reason });
const to = (...addresses: string[]): Resolve => () => Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

test('a request goes out as it was built, and the answer comes back whole', async () => {
  const { url, seen } = await start();
  expect(await ask(url, { body: 'ä' })).toMatchObject({ kind: 'answered', status: 200, body: 'said' });
  expect(await ask(url, { method: 'DELETE', body: null })).toMatchObject({ kind: 'answered', status: 200, body: 'said' });
  expect(seen.map(({ method, length, body }) => [method, length, body])).toEqual([['POST', '2', 'ä'], ['DELETE', undefined, '']]);
});

test('it goes to the configured hosts and ports only', async () => {
  const [one, other] = [await start(), await start()];
  expect(await ask(one.url, { url: other.url })).toEqual(failed('host_not_allowed'));
  expect(await ask(one.url, { url: one.url.replace('http:', 'https:') })).toEqual(failed('host_not_allowed'));
  expect(await ask(one.url, { url: one.url.replace('127.0.0.1', 'user@127.0.0.1') })).toEqual(failed('host_not_allowed'));
  expect((await ask(one.url, { url: `${one.url}below?x=1` })).kind).toBe('answered');
  expect([one.seen.length, other.seen.length]).toEqual([1, 0]);
});

test('a redirect is an answer, and is not followed', async () => {
  const other = await start();
  const { url } = await start((_, response) => { response.writeHead(302, { location: other.url }).end(); });
  expect(await ask(url)).toMatchObject({ kind: 'answered', status: 302, body: '' });
  expect(other.seen).toEqual([]);
});

test('of an answer that is too long only the status counts', async () => {
  const { url } = await start((_, response) => { response.writeHead(200).end('x'.repeat(65_537)); });
  expect(await ask(url)).toMatchObject({ kind: 'answered', status: 200, body: null });
  const endless = await start((_, response) => {
    response.writeHead(500);
    const timer = setInterval(() => response.write('x'.repeat(16_384)), 1);
    response.on('close', () => clearInterval(timer));
  });
  expect(await ask(endless.url)).toMatchObject({ kind: 'answered', status: 500, body: null });
});

test('silence ends, in the middle of an answer too', async () => {
  const silent = await start(() => undefined);
  expect(await ask(silent.url, { timeoutMs: 50 })).toEqual(failed('timeout'));
  const halting = await start((_, response) => { response.writeHead(200).write('half'); });
  expect(await ask(halting.url, { timeoutMs: 100 })).toEqual(failed('timeout'));
});

test('a name is looked up once, every address of it is checked, and the checked one is connected to', async () => {
  const { url, seen } = await start();
  const named = url.replace('127.0.0.1', 'provider.localhost');
  let asked = 0;
  // Where it leads changes after the first look.
  expect((await ask(named, { resolve: () => to(asked++ === 0 ? '127.0.0.1' : '127.0.0.2')('') })).kind).toBe('answered');
  expect([asked, seen[0]!.host]).toEqual([1, new URL(named).host]);
  const strict = { allowPrivate: false };
  expect(await ask('https://provider.example/', { ...strict, resolve: to('8.8.8.8', '127.0.0.1') })).toEqual(failed('address_not_allowed'));
  expect(await ask('https://provider.example/', { ...strict, resolve: to('::ffff:169.254.169.254') })).toEqual(failed('address_not_allowed'));
});

test('a URL that must not be used is told before anything is sent', () => {
  expect(findFault({ urls: ['https://provider.example/', 'http://10.0.0.1/'], allowPrivate: true })).toMatch('must begin with https://');
  expect(findFault({ urls: ['https://provider.example:8443/'] })).toBeNull();
});

const targets = join(root, '../shared/data/hostile/own/ssrf-targets.txt');
test.skipIf(!existsSync(targets))('none of the collected targets is connected to', async () => {
  const lines = readFileSync(targets, 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const nowhere: Resolve = () => Promise.reject(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }));
  const reasons = new Set<string>();
  for (const url of lines) {
    // Configured by mistake, then handed over as the URL of a request by another one's configuration.
    if (findFault({ urls: [url] }) === null) reasons.add(reasonOf(await ask(url, { allowPrivate: false, resolve: nowhere })));
    reasons.add(reasonOf(await ask('https://provider.example/', { allowPrivate: false, resolve: nowhere, url })));
  }
  expect(lines.length).toBeGreaterThan(90);
  expect([...reasons].filter((reason) => !['host_not_allowed', 'address_not_allowed', 'unresolvable'].includes(reason))).toEqual([]);
});

function reasonOf(answer: OutboundAnswer): string {
  return answer.kind === 'failed' ? answer.reason : 'answered';
}
