import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AgentSettings } from '../../config/gateway-agent.ts';
import { durationMs } from '../../config/units.ts';
import { checkedClient } from '../../outbound/client.ts';
import { lineSocket } from '../../outbound/line-socket.ts';
import type { Timing } from '../../outbound/timing.ts';
import { secretIn } from '../actions/auth/authorizer.ts';
import { GatewayAgent, type AgentNews, type AgentOptions } from './agent.ts';
import { envoyGateway } from './envoy.ts';
import { FetchedList } from './fetched-list.ts';
import { haproxyGateway } from './haproxy.ts';
import { nginxGateway } from './nginx.ts';

const maxListBytes = 64 << 20;
const maxDumpBytes = 1 << 20;

/** The agent of these settings. Throws an `Error` in plain words where a URL or key cannot be used. */
export function openAgent(settings: AgentSettings, timing: Timing, tell: (news: AgentNews) => void): GatewayAgent {
  const { list: url, token_file: tokenFile, public_key_file: keyFile, keep, allow_private: allowPrivate, ca_file: caFile, every } = settings;
  const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') };
  const send = checkedClient('the URL of the list', { urls: [url], allowPrivate, maxAnswerBytes: maxListBytes, ...ca });
  const list = new FetchedList({ url, token: secretIn(tokenFile), key: publicKeyIn(keyFile), file: keep, send });
  return new GatewayAgent({ list, gateways: gatewaysOf(settings), everyMs: durationMs(every) as number, timing, tell });
}

function gatewaysOf({ haproxy, envoy, nginx }: AgentSettings): AgentOptions['gateways'] {
  const say = (address: string) => lineSocket({ address });
  return [
    ...haproxy.map(({ maps, named, sockets, master, cut }) => {
      const options = { maps, named: named ?? maps, sockets: sockets.map(say), master: master === undefined ? null : say(master), cut };
      return { gateway: haproxyGateway(options), format: 'haproxy' as const };
    }),
    ...envoy.map(({ file, admin }) => {
      const url = admin.replace(/\/+$/, '');
      const send = checkedClient('the URL of Envoy\'s administration', { urls: [url], allowPrivate: true, maxAnswerBytes: maxDumpBytes });
      return { gateway: envoyGateway({ file, admin: { url, send } }), format: 'envoy' as const };
    }),
    ...nginx.map(({ maps, pid_file: pidFile }) => ({ gateway: nginxGateway({ maps, pidFile }), format: 'nginx' as const })),
  ];
}

function publicKeyIn(file: string): KeyObject {
  let key: KeyObject | null = null;
  try {
    key = createPublicKey(readFileSync(file));
  } catch {
    // Said below.
  }
  if (key?.asymmetricKeyType !== 'ed25519') throw new Error(`${file} holds no Ed25519 public key: openssl pkey -in deny-list.key -pubout`);
  return key;
}
