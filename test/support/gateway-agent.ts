import type { KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAgentSettings } from '../../src/config/gateway-agent.ts';
import type { GatewayAgent, AgentNews } from '../../src/respond/gateway-agent/agent.ts';
import { openAgent } from '../../src/respond/gateway-agent/open.ts';
import { systemTiming } from '../../src/service/clock.ts';

/** What an agent's configuration says of the gateways beside it. */
export type BesideGateway = Readonly<Record<string, readonly object[]>>;

export interface AgentOptions {
  /** Of the list at Tokenward. */
  readonly url: string;
  readonly token: string;
  readonly publicKey: KeyObject;
  readonly gateways: BesideGateway;
  readonly every?: string;
  readonly tell?: (news: AgentNews) => void;
}

export interface StartedAgent { readonly agent: GatewayAgent; stop(): Promise<void> }

/** The agent as an operator would configure it, in this process; its first round is over. */
export async function startAgent({ url, token, publicKey, gateways, every = '100ms', tell = () => undefined }: AgentOptions): Promise<StartedAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-agent-'));
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('token'), token);
  writeFileSync(file('key'), publicKey.export({ format: 'pem', type: 'spki' }));
  writeFileSync(file('agent.yaml'), JSON.stringify({ list: url, token_file: file('token'), public_key_file: file('key'), keep: file('list.jws'), every, ...gateways }));
  const agent = openAgent(loadAgentSettings(file('agent.yaml')), systemTiming, tell);
  await agent.start();
  return {
    agent,
    async stop() {
      await agent.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
