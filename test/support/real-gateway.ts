import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayFiles } from '../../src/respond/deny-list/gateway-files.ts';
import type { BesideGateway } from './gateway-agent.ts';
import { startEnvoy, type Envoy } from './servers/envoy.ts';
import { startHaproxy, type Haproxy } from './servers/haproxy.ts';
import { startNginx, type Nginx } from './servers/nginx.ts';

/** A gateway that is really there, with what its agent needs. */
export interface RealGateway {
  readonly name: string;
  readonly port: number;
  readonly files: GatewayFiles;
  /** What its agent's configuration says of it. */
  readonly settings: BesideGateway;
  restart(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export function haproxyGateway(haproxy: Haproxy): RealGateway {
  return gatewayOf('haproxy', haproxy, { format: 'haproxy', path: haproxy.maps }, { haproxy: [{ maps: haproxy.maps, sockets: [haproxy.control], cut: true }] });
}

export function envoyGateway(envoy: Envoy): RealGateway {
  return gatewayOf('envoy', envoy, { format: 'envoy', path: envoy.list }, { envoy: [{ file: envoy.list, admin: envoy.admin }] });
}

export function nginxGateway(nginx: Nginx): RealGateway {
  return gatewayOf('nginx', nginx, { format: 'nginx', path: nginx.maps }, { nginx: [{ maps: nginx.maps, pid_file: nginx.pidFile }] });
}

function gatewayOf(name: string, server: Pick<RealGateway, 'port' | 'restart' | 'kill' | 'stop'>, files: GatewayFiles, settings: BesideGateway): RealGateway {
  return { name, port: server.port, files, settings, restart: () => server.restart(), kill: () => server.kill(), stop: () => server.stop() };
}

/** All three before one service. */
export async function startGateways(issuer: Issuer, upstream: number): Promise<{ readonly haproxy: Haproxy; readonly envoy: Envoy; readonly nginx: Nginx }> {
  const options = { issuer: issuer.name, jwks: issuer.jwks, upstream };
  const [haproxy, envoy, nginx] = await Promise.all([startHaproxy(options), startEnvoy(options), startNginx(options)]);
  return { haproxy, envoy, nginx };
}

export interface Minted { readonly text: string; readonly jti: string; readonly expiresAtMs: number }

/** Signs tokens. */
export class Issuer {
  readonly name = 'https://login.example';
  readonly jwks: { readonly keys: readonly object[] };
  readonly #sign: (text: string) => string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }] };
    this.#sign = (text) => sign('sha256', Buffer.from(text), privateKey).toString('base64url');
  }

  mint(client: string, { jti = randomUUID() as string, issuedMs = Date.now(), lastsMs = 3_600_000 } = {}): Minted {
    const [iat, exp] = [Math.floor(issuedMs / 1000), Math.floor((issuedMs + lastsMs) / 1000)];
    const parts = [{ alg: 'RS256', typ: 'JWT', kid: 'k1' }, { iss: this.name, sub: client, azp: client, client_id: client, jti, iat, exp }];
    const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return { text: `${text}.${this.#sign(text)}`, jti, expiresAtMs: exp * 1000 };
  }
}

/** Bytes of a download that takes two seconds. */
export const slowBytes = 20 * 65_536;

/** The service behind the gateways: some bytes at once, or `/slow` many over two seconds. */
export async function startService(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((asked, response) => {
    if (asked.url !== '/slow') return void response.end('orders'.repeat(50));
    response.setHeader('content-length', slowBytes);
    let left = slowBytes;
    const timer = setInterval(() => {
      response.write(Buffer.alloc(65_536));
      left -= 65_536;
      if (left === 0) response.end();
      if (left === 0 || response.destroyed) clearInterval(timer);
    }, 100);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

export interface Answer { readonly status: number; readonly bytes: number; readonly isWhole: boolean }

/** A long download, once its first bytes have come. */
export function download(port: number, token: string, from?: string): Promise<{ readonly whole: Promise<Answer> }> {
  return new Promise((resolve) => {
    const whole: Promise<Answer> = ask(port, token, { path: '/slow', begun: () => resolve({ whole }), ...(from === undefined ? {} : { from }) });
  });
}

/** One request on a connection of its own. `begun`: called at its first bytes. */
export function ask(port: number, token: string, { from = '127.0.0.1', path = '/v1/orders', agent = 'orders-client/1.0', begun = () => {} } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'user-agent': agent };
    request({ host: '127.0.0.1', port, path, localAddress: from, headers, agent: false }, (response) => {
      let bytes = 0;
      const end = (isWhole: boolean) => () => resolve({ status: response.statusCode!, bytes, isWhole });
      response.on('data', (part: Buffer) => { bytes += part.length; begun(); }).on('end', end(true)).on('error', end(false));
    }).on('error', reject).end();
  });
}

export async function statusOf(port: number, token: string, from?: string): Promise<number> {
  return (await ask(port, token, from === undefined ? {} : { from })).status;
}
