import { connect } from 'node:http2';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { download, haproxyGateway, Issuer, slowBytes, startService, statusOf, type Minted } from '../../support/real-gateway.ts';
import { RealPlan, type Step } from '../../support/real-plan.ts';
import { startHaproxy, type Haproxy } from '../../support/servers/haproxy.ts';

// Downloads that have begun, at a real HAProxy with the agent beside it: those of the denied token end, and nothing else does.

const issuer = new Issuer();
const deny: Step = { kind: 'deny', action: 'gateways' };
const whole = { status: 200, bytes: slowBytes, isWhole: true };
let service: Server;
let haproxy: Haproxy;
let mastered: Haproxy;

beforeAll(async () => {
  const started = await startService();
  service = started.server;
  const options = { issuer: issuer.name, jwks: issuer.jwks, upstream: started.port };
  [haproxy, mastered] = await Promise.all([startHaproxy(options), startHaproxy({ ...options, hasMaster: true })]);
}, 10 * 60_000);
afterAll(async () => {
  await Promise.all([haproxy, mastered].map((gateway) => gateway?.stop()));
  service?.close();
});

const targetOf = ({ jti, expiresAtMs }: Minted) => ({ token: `print-${jti}`, handle: jti, tokenKind: 'jwt', issuer: issuer.name, client: 'export', expiresAtMs } as const);

async function denied(plan: RealPlan, token: Minted, step: Step = deny): Promise<void> {
  plan.propose(targetOf(token), step);
  await plan.comesTo(`${step.kind} gateways`, 'verified');
}

describe('HAProxy with its runtime socket', () => {
  test('of one client behind one address, all downloads of the denied token end, and those of its other tokens do not', async () => {
    const [stolen, sibling] = [issuer.mint('export'), issuer.mint('export')];
    const plan = await RealPlan.atGateways([haproxyGateway(haproxy)]);
    const [first, second, other] = await Promise.all([stolen, stolen, sibling].map(({ text }) => download(haproxy.port, text)));
    await denied(plan, stolen);
    expect([await first!.whole, await second!.whole]).toMatchObject([{ isWhole: false }, { isWhole: false }]);
    expect(await other!.whole).toEqual(whole);
    expect(await Promise.all([stolen, sibling].map(({ text }) => statusOf(haproxy.port, text)))).toEqual([401, 200]);
  });

  test('of two requests on one connection only the denied token\'s ends', async () => {
    const [stolen, sibling] = [issuer.mint('export'), issuer.mint('export')];
    const plan = await RealPlan.atGateways([haproxyGateway(haproxy)]);
    const session = connect(`http://127.0.0.1:${haproxy.http2Port}`);
    const downloads = [stolen, sibling].map(({ text }) => {
      const stream = session.request({ ':path': '/slow', authorization: `Bearer ${text}` });
      let bytes = 0;
      const begun = new Promise<void>((resolve) => { stream.on('data', (part: Buffer) => { bytes += part.length; resolve(); }); });
      const over = new Promise<number>((resolve) => { stream.on('error', () => undefined).on('close', () => resolve(bytes)); });
      return { begun, over };
    });
    await Promise.all(downloads.map(({ begun }) => begun));
    await denied(plan, stolen);
    const [cut, left] = await Promise.all(downloads.map(({ over }) => over));
    session.close();
    expect(cut).toBeLessThan(slowBytes);
    expect(left).toBe(slowBytes);
  });

  test('pinned, it goes on downloading where it belongs and ends elsewhere', async () => {
    const token = issuer.mint('export');
    const plan = await RealPlan.atGateways([haproxyGateway(haproxy)]);
    const [own, elsewhere] = await Promise.all(['127.10.0.11', '127.66.6.6'].map((from) => download(haproxy.port, token.text, from)));
    await denied(plan, token, { kind: 'pin', action: 'gateways', keepNetworks: ['127.10.0.0/24'] });
    expect(await elsewhere!.whole).toMatchObject({ isWhole: false });
    expect(await own!.whole).toEqual(whole);
  });

  test('what an old worker is still sending after a reload ends too, through the master', async () => {
    const [stolen, sibling] = [issuer.mint('export'), issuer.mint('export')];
    const gateway = { ...haproxyGateway(mastered), settings: { haproxy: [{ maps: mastered.maps, master: mastered.master, cut: true }] } };
    const plan = await RealPlan.atGateways([gateway]);
    const [cut, left] = await Promise.all([stolen, sibling].map(({ text }) => download(mastered.port, text)));
    await mastered.reload();
    await denied(plan, stolen);
    expect(await cut!.whole).toMatchObject({ isWhole: false });
    expect(await left!.whole).toEqual(whole);
    expect(await statusOf(mastered.port, stolen.text)).toBe(401);
  });
});
