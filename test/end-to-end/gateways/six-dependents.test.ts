import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { envoyGateway, haproxyGateway, Issuer, startService, statusOf, type Minted } from '../../support/real-gateway.ts';
import { startEnvoy, type Envoy } from '../../support/servers/envoy.ts';
import { startHaproxy, type Haproxy } from '../../support/servers/haproxy.ts';
import { Caller, client, history, thiefFrom, workloads } from './shop.ts';
import { Watcher } from './watcher.ts';

// Six workloads share one static credential, and a copy of it is stolen. Tokenward reads the logs of a real Envoy and a real HAProxy; people
// approve; the gateways count.

const issuer = new Issuer();
const yearMs = 365 * 86_400_000;
let folder: string;
let service: Server;
let envoy: Envoy;
let haproxy: Haproxy;
let watcher: Watcher;
let shared: Minted;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-six-'));
  const started = await startService();
  service = started.server;
  const options = { issuer: issuer.name, jwks: issuer.jwks, upstream: started.port };
  [envoy, haproxy] = await Promise.all([startEnvoy(options), startHaproxy(options)]);
  shared = issuer.mint(client, { issuedMs: Date.now() - 40 * 86_400_000, lastsMs: yearMs });
  const past = history(issuer.name, shared, Date.now());
  const logs = { envoy: [join(folder, 'past-envoy.ndjson'), envoy.log], haproxy: [join(folder, 'past-haproxy.ndjson'), haproxy.log] };
  for (const name of ['envoy', 'haproxy'] as const) writeFileSync(logs[name][0]!, past[name]);
  watcher = await Watcher.start(folder, issuer.name, logs, [envoyGateway(envoy), haproxyGateway(haproxy)]);
}, 10 * 60_000);
afterAll(async () => {
  await watcher?.stop();
  await Promise.all([envoy?.stop(), haproxy?.stop()]);
  service?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the gateways say that they answered. */
async function counted(): Promise<{ readonly accepted: number; readonly refused: number; readonly failed: number }> {
  const [one, other] = [await envoy.counters('http.gateway.'), await haproxy.counters()];
  return {
    accepted: one['http.gateway.downstream_rq_2xx']! + other['hrsp_2xx']!, refused: one['http.gateway.downstream_rq_4xx']! + other['hrsp_4xx']!,
    failed: one['http.gateway.downstream_rq_5xx']! + other['hrsp_5xx']!,
  };
}

test('the thief is refused, and six of six go on without one failed request while the token is pinned, rotated, cut, and given back', async () => {
  const ports = [envoy.port, haproxy.port];
  const six = workloads.map((workload) => new Caller(ports, shared.text, workload));
  await Promise.all(six.map((caller) => caller.rounds(2)));
  const thief = new Caller(ports, shared.text, { from: thiefFrom, agent: 'curl/8.5.0' });

  // Pinned: from where the six are it goes on, and nowhere else.
  const pin = await watcher.comesTo(shared.jti, 'pin', 'waiting_approval');
  await thief.rounds(1);
  expect(thief.last, 'nobody has refused him yet').toEqual([200, 200]);
  expect(pin.dependents.filter(({ suspect }) => !suspect).flatMap(({ networks }) => networks).sort()).toEqual(workloads.map(({ from }) => from.replace(/\d+$/, '0/24')));
  await watcher.comesTo(shared.jti, 'pin', 'verified', 'rosa');
  await thief.rounds(1);
  expect(thief.last).toEqual([403, 401]);

  // Rotated: each gets the new credential in its own time.
  const next = issuer.mint(client, { lastsMs: yearMs });
  for (const caller of six) {
    caller.token = next.text;
    await caller.rounds(1);
  }
  // Cut: nobody needs the old one any more.
  const deny = await watcher.comesTo(shared.jti, 'deny', 'verified', 'rosa');
  const probes: number[] = [];
  const oldAtHome = async (): Promise<number[]> => {
    const heard = await Promise.all(ports.map((port) => statusOf(port, shared.text, workloads[0]!.from)));
    probes.push(...heard);
    return heard;
  };
  await expect.poll(oldAtHome).toEqual([403, 401]);

  // Taken back, as if a seventh were found that has only the old one: it works where the six are, the stolen copy stays dead.
  for (const person of ['rosa', 'sam'] as const) await watcher.undo(deny.id, person);
  await watcher.comesTo(shared.jti, 'deny', 'undone');
  await expect.poll(oldAtHome).toEqual([200, 200]);
  for (const caller of six.slice(0, 3)) caller.token = shared.text;
  await Promise.all([...six, thief].map((caller) => caller.rounds(2)));
  expect(thief.last).toEqual([403, 401]);

  // Tokenward is down: the gateways go on by what they have.
  await watcher.kill();
  await Promise.all([...six, thief].map((caller) => caller.rounds(3)));
  expect([thief.last, await oldAtHome()]).toEqual([[403, 401], [200, 200]]);

  await Promise.all([...six, thief].map((caller) => caller.stop()));
  expect(six.map(({ tally }) => [tally.accepted > 20, tally.refused, tally.failed])).toEqual(Array(6).fill([true, 0, 0]));
  // The gateways counted what the callers heard, and nothing else.
  const all = [...six, thief].map(({ tally }) => tally);
  await expect.poll(counted).toEqual({
    accepted: all.reduce((sum, { accepted }) => sum + accepted, 0) + probes.filter((status) => status === 200).length,
    refused: thief.tally.refused + probes.filter((status) => status !== 200).length, failed: 0,
  });
});
