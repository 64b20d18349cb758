import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { envoyGateway, haproxyGateway, Issuer, nginxGateway, startGateways, startService, statusOf, type Minted, type RealGateway } from '../../support/real-gateway.ts';
import { RealPlan, type Step } from '../../support/real-plan.ts';

// A token works, a plan runs, the token is refused and its siblings go on; undone, it works again; and none of it is lost when the gateway is killed.

const issuer = new Issuer();
const [own, elsewhere] = ['127.10.0.11', '127.66.6.6'] as const;
const gateways: Partial<Record<'haproxy' | 'envoy' | 'nginx', RealGateway>> = {};
let service: Server;

// What is fetched for the first time may take minutes.
beforeAll(async () => {
  const started = await startService();
  service = started.server;
  const { haproxy, envoy, nginx } = await startGateways(issuer, started.port);
  Object.assign(gateways, { haproxy: haproxyGateway(haproxy), envoy: envoyGateway(envoy), nginx: nginxGateway(nginx) });
}, 10 * 60_000);
afterAll(async () => {
  await Promise.all(Object.values(gateways).map((gateway) => gateway.stop()));
  service?.close();
});

const targetOf = ({ jti, expiresAtMs }: Minted, client: string) => ({ token: `print-${jti}`, handle: jti, tokenKind: 'jwt', issuer: issuer.name, client, expiresAtMs } as const);
const deny: Step = { kind: 'deny', action: 'gateways' };
const pin: Step = { kind: 'pin', action: 'gateways', keepNetworks: ['127.10.0.0/24'] };

// Envoy's filter knows no other answer.
describe.each([['haproxy', 401], ['envoy', 403], ['nginx', 401]] as const)('%s', (name, no) => {
  const limits = { interval: 20, timeout: 10_000 };
  /** What its owner, a thief, and who shows another token of the same client hear. */
  const hear = async ({ text }: Minted, sibling: Minted): Promise<number[]> => {
    const { port } = gateways[name]!;
    return Promise.all([statusOf(port, text, own), statusOf(port, text, elsewhere), statusOf(port, sibling.text, own)]);
  };

  test('pinned, then denied; each taken back; proven each time', async () => {
    const [stolen, sibling] = [issuer.mint('export'), issuer.mint('export')];
    const plan = await RealPlan.atGateways([gateways[name]!]);
    expect(await hear(stolen, sibling)).toEqual([200, 200, 200]);
    plan.propose(targetOf(stolen, 'export'), pin);
    await plan.comesTo('pin gateways', 'verified');
    await expect.poll(() => hear(stolen, sibling), limits).toEqual([200, no, 200]);
    plan.propose(targetOf(stolen, 'export'), deny);
    await plan.comesTo('deny gateways', 'verified');
    await expect.poll(() => hear(stolen, sibling), limits).toEqual([no, no, 200]);
    await plan.takeBack('deny gateways');
    await expect.poll(() => hear(stolen, sibling), limits).toEqual([200, no, 200]);
    await plan.takeBack('pin gateways');
    await expect.poll(() => hear(stolen, sibling), limits).toEqual([200, 200, 200]);
  });

  test('killed and started again, it refuses what it refused', async () => {
    const [stolen, pinned, sibling] = [issuer.mint('export'), issuer.mint('rates'), issuer.mint('export')];
    const plan = await RealPlan.atGateways([gateways[name]!]);
    plan.propose(targetOf(stolen, 'export'), deny);
    await plan.comesTo('deny gateways', 'verified');
    plan.propose(targetOf(pinned, 'rates'), pin);
    await plan.comesTo('pin gateways', 'verified');
    const both = async (): Promise<number[][]> => [await hear(stolen, sibling), await hear(pinned, sibling)];
    await expect.poll(both, limits).toEqual([[no, no, 200], [200, no, 200]]);
    await gateways[name]!.kill();
    await gateways[name]!.restart();
    expect(await both()).toEqual([[no, no, 200], [200, no, 200]]);
  });
});
