import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { IntentView } from '../../../src/server/api/shapes.ts';
import { keyFiles } from '../../respond/actions/support.ts';
import { startAgent, type StartedAgent } from '../../support/gateway-agent.ts';
import type { RealGateway } from '../../support/real-gateway.ts';
import { ServiceProcess } from '../service/child.ts';

const gateways = ['envoy', 'haproxy'] as const;
const people = ['rosa', 'sam'] as const;
type Tokens = Readonly<Record<(typeof people)[number], string>>;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** `tokenward run` over the logs of an Envoy and a HAProxy, and two people who may decide. */
export class Watcher {
  readonly #service: ServiceProcess;
  readonly #url: string;
  readonly #tokens: Tokens;
  readonly #agents: readonly StartedAgent[];

  private constructor(service: ServiceProcess, url: string, tokens: Tokens, agents: readonly StartedAgent[]) {
    [this.#service, this.#url, this.#tokens, this.#agents] = [service, url, tokens, agents];
  }

  /** Begins with the past, and goes on with the logs; resolves when it has read all that is there. `logs`: paths for each gateway. */
  static async start(folder: string, issuer: string, logs: Readonly<Record<(typeof gateways)[number], readonly string[]>>, at: readonly RealGateway[]): Promise<Watcher> {
    const keys = keyFiles('ed25519');
    const credentials = Object.fromEntries(gateways.map((name) => [name, randomBytes(24).toString('base64url')]));
    const tokens = { rosa: randomBytes(24).toString('base64url'), sam: randomBytes(24).toString('base64url') };
    for (const name of gateways) writeFileSync(join(folder, `${name}.sha256`), `${sha256(credentials[name]!)}\n`);
    writeFileSync(join(folder, 'accounts'), people.map((name) => `${name} responder ${sha256(tokens[name])}\n`).join(''), { mode: 0o600 });
    mkdirSync(join(folder, 'compiled'), { recursive: true });
    const file = join(folder, 'tokenward.yaml');
    writeFileSync(file, JSON.stringify(settings(folder, issuer, logs, keys.privateFile)));
    const service = new ServiceProcess(file, folder, { untouched: true });
    const url = await service.address();
    const list = { url: `${url}/deny-lists/gateways`, publicKey: keys.publicKey };
    const agents = await Promise.all(at.map(({ name, settings: gateways }) => startAgent({ ...list, token: credentials[name]!, gateways })));
    const watcher = new Watcher(service, url, tokens, agents);
    await service.until('the past is read', async () => (await service.ready()).sources.every(({ lagRecords }) => lagRecords === 0));
    return watcher;
  }

  /** Steps of the plan on one token, in order. */
  async plan(handle: string): Promise<readonly IntentView[]> {
    const { intents } = await (await this.#ask('GET', '/api/intents', 'rosa')).json() as { intents: readonly IntentView[] };
    return intents.filter(({ target }) => target.handle === handle).sort((a, b) => a.step - b.step);
  }

  /** Waits until this step stands so. Where it waits for a word, it gets `by`'s: also once more, when what is known has changed meanwhile. */
  async comesTo(handle: string, kind: string, state: string, by: (typeof people)[number] | null = null): Promise<IntentView> {
    let step: IntentView | undefined;
    await expect.poll(async () => {
      step = (await this.plan(handle)).find((one) => one.kind === kind);
      if (step?.state === 'waiting_approval' && by !== null) await this.#ask('POST', `/api/intents/${step.id}/approve`, by);
      return step === undefined ? 'not proposed' : step.state === state ? state : `${step.state}: ${step.why ?? ''}`;
    }, { timeout: 30_000, interval: 50 }).toBe(state);
    return step!;
  }

  async undo(id: string, by: (typeof people)[number]): Promise<void> {
    const answer = await this.#ask('POST', `/api/intents/${id}/undo`, by);
    if (!answer.ok) throw new Error(`undo: ${answer.status} ${await answer.text()}`);
  }

  /** As a crash would end it. The agents go on asking. */
  async kill(): Promise<void> {
    await this.#service.kill();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.stop()));
    if (!this.#service.hasEnded) await this.#service.stop();
  }

  #ask(method: string, path: string, by: (typeof people)[number]): Promise<Response> {
    return fetch(this.#url + path, { method, headers: { authorization: `Bearer ${this.#tokens[by]}` } });
  }
}

function settings(folder: string, issuer: string, logs: Readonly<Record<string, readonly string[]>>, keyFile: string): object {
  const formats: Readonly<Record<string, string>> = { envoy: 'envoy.access', haproxy: 'haproxy.http' };
  return {
    sources: gateways.map((name) => ({ name, type: 'file', paths: logs[name], formats: [formats[name]], issuers: [issuer], refuses_anonymous: true })),
    networks: [{ name: 'a commercial VPN', cidrs: ['127.66.0.0/16'], class: 'vpn' }],
    // Cutting waits for a person's word: for that, others may depend on it.
    policy: [{ name: 'shared-token', match: { severity: 'high' }, mode: 'approve', plan: [{ do: 'pin', by: 'gateways' }, { do: 'deny', by: 'gateways' }] }],
    respond: {
      max_dependents: 6,
      actions: [{
        name: 'gateways', type: 'deny_list', signing_key_file: keyFile, exposure: '10s',
        gateways: gateways.map((name) => ({ name, credentials_file: join(folder, `${name}.sha256`) })),
      }],
    },
    server: { listen: '127.0.0.1:0', accounts_file: join(folder, 'accounts') },
    store: { dir: join(folder, 'data') },
  };
}
