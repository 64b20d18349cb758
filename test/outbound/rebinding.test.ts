import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { outboundClient } from '../../src/outbound/client.ts';
import type { Resolve } from '../../src/outbound/egress.ts';

const signal = new AbortController().signal;
const tries = 1_000;

/** A listener that counts its connections. */
async function listen(address: string, port: number, answer: RequestListener): Promise<{ readonly port: number; connections(): number }> {
  let connections = 0;
  const server: Server = createServer(answer).on('connection', () => { connections++; });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

const at = (...addresses: string[]): ReturnType<Resolve> => Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

test('a name that leads elsewhere between the check and the connection: not one connection goes there', async () => {
  const inner = await listen('127.0.0.2', 0, (_, response) => { response.end('inner'); });
  const redirect = { location: `http://127.0.0.2:${inner.port}/` };
  const checked = await listen('127.0.0.1', inner.port, (_, response) => { response.writeHead(302, redirect).end(); });
  const url = `http://provider.localhost:${inner.port}/`;
  let looks = 0;
  // The first look of each try is the checked one.
  const send = outboundClient({ urls: [url], allowPrivate: true, resolve: () => at(looks++ % 2 === 0 ? '127.0.0.1' : '127.0.0.2') });
  for (let time = 0; time < tries; time++) {
    looks = 0;
    expect(await send({ method: 'POST', url, headers: {}, body: 'x' }, signal)).toMatchObject({ kind: 'answered', status: 302 });
    expect(looks).toBe(1);
  }
  expect([checked.connections(), inner.connections()]).toEqual([tries, 0]);
}, 60_000);

test('a name that leads into the own network, alone or among others, in whatever clothes: nothing is connected to', async () => {
  const inner = await listen('127.0.0.1', 0, (_, response) => { response.end('inner'); });
  const clothes = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', '0.0.0.0', '::', '169.254.169.254', '10.0.0.1'];
  let place = 0;
  const answers: Resolve = () => at(...place % 2 === 0 ? [] : ['8.8.8.8'], clothes[place % clothes.length]!, ...place % 3 === 0 ? ['2606:4700::1111'] : []);
  const send = outboundClient({ urls: ['https://provider.example/'], resolve: answers });
  for (; place < tries; place++) {
    expect(await send({ method: 'POST', url: 'https://provider.example/', headers: {}, body: null }, signal)).toEqual({ kind: 'failed', reason: 'address_not_allowed' });
  }
  expect(inner.connections()).toBe(0);
});
