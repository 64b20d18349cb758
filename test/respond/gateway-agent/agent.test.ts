import { randomBytes, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Denial } from '../../../src/model/denial.ts';
import type { OutboundAnswer, OutboundRequest } from '../../../src/outbound/client.ts';
import { keyIdOf, signedList } from '../../../src/respond/deny-list/document.ts';
import { GatewayAgent, type AgentNews } from '../../../src/respond/gateway-agent/agent.ts';
import { FetchedList } from '../../../src/respond/gateway-agent/fetched-list.ts';
import { GatewayFault, type Gateway } from '../../../src/respond/gateway-agent/gateway.ts';
import { makeFolder } from '../../store/support.ts';
import { keyFiles } from '../actions/support.ts';
import { ManualTiming } from '../support.ts';

const [keys, otherKeys] = [keyFiles('ed25519'), keyFiles('ed25519')];
const denialOf = (value: string, part: Partial<Denial> = {}): Denial => ({ intentId: value, number: 1, by: 'jti', value, issuer: null, keep: null, untilMs: null, ...part });

function bodyOf(number: number, entries: readonly Denial[], { name = 'edge', by = keys } = {}): string {
  const signer = { keyId: keyIdOf(by.publicKey), sign: (bytes: Buffer) => sign(null, bytes, by.privateKey) };
  return signedList({ name, number, changedMs: 0, entries }, signer);
}

class Rig {
  readonly timing = new ManualTiming();
  readonly folder = makeFolder();
  readonly asked: OutboundRequest[] = [];
  readonly news: AgentNews[] = [];
  readonly puts: { readonly values: readonly string[]; readonly before: readonly string[] }[] = [];
  answer: OutboundAnswer = { kind: 'failed', reason: 'unreachable' };
  fault: string | null = null;

  serve(number: number, entries: readonly Denial[], options: { name?: string; by?: typeof keys } = {}): void {
    this.answer = { kind: 'answered', status: 200, body: bodyOf(number, entries, options), etag: `"${number}"` };
  }

  agent(everyMs = 1000): GatewayAgent {
    const gateway: Gateway = {
      name: 'rig',
      put: (entries, before) => {
        if (this.fault !== null) return Promise.reject(new GatewayFault(this.fault));
        this.puts.push({ values: entries.map(({ value }) => value), before: before.map(({ value }) => value) });
        return Promise.resolve({ cut: 0 });
      },
    };
    const send = (request: OutboundRequest): Promise<OutboundAnswer> => {
      this.asked.push(request);
      return Promise.resolve(this.answer);
    };
    const list = new FetchedList({ url: 'https://tokenward.example/deny-lists/edge', token: 'secret', key: keys.publicKey, file: join(this.folder, 'edge.jws'), send });
    return new GatewayAgent({ list, gateways: [{ gateway, format: 'haproxy' }], everyMs, timing: this.timing, tell: (one) => { this.news.push(one); } });
  }

  /** Numbers that were said to be in force, question by question. */
  get said(): string[] {
    return this.asked.map(({ url }) => new URL(url).searchParams.get('in_force')!);
  }
}

test('what was fetched is said to be in force only once it is, and at once then', async () => {
  const rig = new Rig();
  rig.serve(7, [denialOf('a')]);
  rig.fault = 'socket_unreachable';
  const agent = rig.agent();
  await agent.start();
  expect([agent.inForce, rig.said, rig.news.at(-1)]).toEqual([null, ['none'], { kind: 'not_in_force', gateway: 'rig', reason: 'socket_unreachable' }]);
  rig.fault = null;
  await rig.timing.pass(1000);
  expect([agent.inForce, rig.said, rig.puts]).toEqual([7, ['none', 'none', '7'], [{ values: ['a'], before: ['a'] }]]);
  expect(rig.asked.at(-1)!.headers).toEqual({ authorization: 'Bearer secret', 'if-none-match': '"7"' });
  await agent.stop();
});

test('started without Tokenward it brings the kept list into force', async () => {
  const rig = new Rig();
  rig.serve(7, [denialOf('a')]);
  const first = rig.agent();
  await first.start();
  await first.stop();
  rig.answer = { kind: 'failed', reason: 'unreachable' };
  const second = rig.agent();
  await second.start();
  expect([second.inForce, rig.puts.length, rig.news.at(-1)]).toEqual([7, 2, { kind: 'no_list', reason: 'unreachable' }]);
  await second.stop();
});

test.each([
  ['older', 'older', (rig: Rig) => rig.serve(6, [])],
  ['signed by another key', 'not_signed', (rig: Rig) => rig.serve(8, [], { by: otherKeys })],
  ['another list of the same key', 'not_signed', (rig: Rig) => rig.serve(8, [], { name: 'inner' })],
  ['no list', 'not_signed', (rig: Rig) => { rig.answer = { kind: 'answered', status: 200, body: randomBytes(40).toString('hex') }; }],
  ['a refusal', 'http_401', (rig: Rig) => { rig.answer = { kind: 'answered', status: 401, body: '' }; }],
])('%s changes nothing', async (_, reason, change) => {
  const rig = new Rig();
  rig.serve(7, [denialOf('a')]);
  const agent = rig.agent();
  await agent.start();
  const kept = readFileSync(join(rig.folder, 'edge.jws'), 'utf8');
  change(rig);
  await rig.timing.pass(1000);
  expect([agent.inForce, rig.puts.length, rig.news.at(-1)]).toEqual([7, 1, { kind: 'no_list', reason }]);
  expect(readFileSync(join(rig.folder, 'edge.jws'), 'utf8')).toBe(kept);
  await agent.stop();
});

test('what has ended leaves the gateway by itself, after the leeway', async () => {
  const rig = new Rig();
  const startMs = rig.timing.now();
  rig.serve(7, [denialOf('a', { untilMs: startMs + 60_000 }), denialOf('b')]);
  const agent = rig.agent(60_000);
  await agent.start();
  await rig.timing.pass(5 * 60_000);
  expect(rig.puts).toHaveLength(1);
  await rig.timing.pass(2 * 60_000);
  expect(rig.puts.at(-1)).toEqual({ values: ['b'], before: ['a', 'b'] });
  expect(agent.inForce).toBe(7);
  await agent.stop();
});

test('what its form cannot say is not in force, and the rest is all the same', async () => {
  const rig = new Rig();
  rig.serve(7, [denialOf('a'), denialOf('with a space')]);
  const agent = rig.agent();
  await agent.start();
  expect([agent.inForce, rig.puts[0]!.values, rig.news.at(-1)]).toEqual([null, ['a'], { kind: 'not_in_force', gateway: 'rig', reason: 'not_expressible' }]);
  expect(existsSync(join(rig.folder, 'edge.jws'))).toBe(true);
  await agent.stop();
});
