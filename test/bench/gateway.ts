/**
 * `npm run bench:gateway [-- --rounds N]`: what the deny list costs a request at a real Envoy and a real HAProxy, with 0, 1,000 and 10,000 tokens on
 * it, against the same gateway without any list; and what changes there when Tokenward is down. All gateways run at once and are asked in turn, so
 * that what else the machine does is borne by all alike. Ends with 0 whatever the figures.
 */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Denial } from '../../src/model/denial.ts';
import { keyIdOf, signedList } from '../../src/respond/deny-list/document.ts';
import { writeGatewayFiles } from '../../src/respond/deny-list/gateway-files.ts';
import { startAgent, type StartedAgent } from '../support/gateway-agent.ts';
import { envoyGateway, haproxyGateway, Issuer, startService, statusOf, type RealGateway } from '../support/real-gateway.ts';
import { startEnvoy } from '../support/servers/envoy.ts';
import { startHaproxy } from '../support/servers/haproxy.ts';
import { median, quantile } from './measure.ts';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '3000' } } });
const rounds = Number(options.rounds);
/** So many answers come before those that count. */
const warmRounds = 100;
/** The slow end is told as the median over so many stretches: one hiccup of the machine is not it. */
const stretches = 5;
const sizes = [0, 1_000, 10_000] as const;
const down = '1,000, Tokenward down';

interface Contender { readonly name: string; readonly gateway: RealGateway; readonly agent: Agent; readonly tookMs: number[] }

const issuer = new Issuer();
const denials = Array.from({ length: Math.max(...sizes) }, (): Denial => ({
  intentId: randomUUID(), number: 1, by: 'jti', value: randomUUID(), issuer: issuer.name, keep: null, untilMs: null,
}));

async function measure(kind: 'envoy' | 'haproxy', upstream: number): Promise<void> {
  const given = { issuer: issuer.name, jwks: issuer.jwks, upstream };
  const start = async (withoutList = false): Promise<RealGateway> => (kind === 'envoy'
    ? envoyGateway(await startEnvoy({ ...given, withoutList })) : haproxyGateway(await startHaproxy({ ...given, withoutList })));
  const contenders: Contender[] = [];
  const add = (name: string, gateway: RealGateway): void => void contenders.push({ name, gateway, agent: new Agent({ keepAlive: true, maxSockets: 1 }), tookMs: [] });
  add('no list', await start(true));
  for (const size of sizes) {
    const gateway = await start();
    writeGatewayFiles(gateway.files, denials.slice(0, size), 2);
    if (kind === 'haproxy') {
      await gateway.kill();
      await gateway.restart();
    }
    add(size.toLocaleString('en'), gateway);
  }
  const gateway = await start();
  await fedOnce(gateway);
  add(down, gateway);
  for (const { name, gateway: { port } } of contenders) if (name !== 'no list' && name !== '0') await untilRefused(port);
  await askInTurn(contenders);
  report(kind, contenders);
  console.log(`${kind}: with Tokenward down it still refuses what it refused: ${await statusOf(gateway.port, refusedToken()) !== 200}`);
  for (const one of contenders) {
    one.agent.destroy();
    await one.gateway.stop();
  }
}

/** Gets its list from a server as Tokenward's, which then goes. The agent goes on asking. */
async function fedOnce(gateway: RealGateway): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signer = { keyId: keyIdOf(publicKey), sign: (bytes: Buffer) => sign(null, bytes, privateKey) };
  const body = signedList({ name: 'gateways', number: 2, changedMs: Date.now(), entries: denials.slice(0, 1_000) }, signer);
  const server = await listening(createServer((_, response) => { response.end(body); }));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/deny-lists/gateways`;
  agents.push(await startAgent({ url, token: 'a gateway', publicKey, gateways: gateway.settings, every: '1s' }));
  server.closeAllConnections();
  server.close();
}
const agents: StartedAgent[] = [];

function listening(server: Server): Promise<Server> {
  return new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve(server)); });
}

function refusedToken(): string {
  return issuer.mint('export', { jti: denials[0]!.value }).text;
}

async function untilRefused(port: number): Promise<void> {
  while (await statusOf(port, refusedToken()) === 200) await sleep(50);
}

/** A token that is on no list: every entry is in its way. */
async function askInTurn(contenders: readonly Contender[]): Promise<void> {
  const { text } = issuer.mint('export');
  const back = contenders.toReversed();
  for (let round = 0; round < warmRounds + rounds; round++) {
    // There and back: whoever comes after the slowest pays for it.
    for (const { gateway: { port }, agent, tookMs } of round % 2 === 0 ? contenders : back) {
      const sinceMs = performance.now();
      await answer(port, text, agent);
      if (round >= warmRounds) tookMs.push(performance.now() - sinceMs);
    }
  }
}

function answer(port: number, token: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/v1/orders', agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume().on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`answered ${response.statusCode}`)))).on('error', reject);
    }).on('error', reject).end();
  });
}

function report(kind: string, contenders: readonly Contender[]): void {
  const [none] = contenders;
  const [baseMedian, baseSlow] = [median(none!.tookMs), slowEnd(none!.tookMs)];
  for (const { name, tookMs } of contenders) {
    const [middle, slow] = [median(tookMs), slowEnd(tookMs)];
    console.log([
      `${kind}, ${name}:`.padEnd(32), `median ${middle.toFixed(2)} ms (${(middle / baseMedian).toFixed(2)} x)`,
      `p99 ${slow.toFixed(2)} ms (${(slow / baseSlow).toFixed(2)} x, ${(slow - baseSlow).toFixed(2)} ms added)`,
    ].join('  '));
  }
}

function slowEnd(tookMs: readonly number[]): number {
  const length = Math.ceil(tookMs.length / stretches);
  return median(Array.from({ length: stretches }, (_, place) => quantile(tookMs.slice(place * length, (place + 1) * length), 0.99)));
}

const { port: upstream, server: service } = await startService();
for (const kind of ['haproxy', 'envoy'] as const) await measure(kind, upstream);
await Promise.all(agents.map((agent) => agent.stop()));
service.close();
service.closeAllConnections();
