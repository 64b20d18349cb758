import { createSocket } from 'node:dgram';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { debianProgram } from './debian.ts';
import type { GatewayOptions } from './envoy.ts';
import { freePorts, runFolder, ServerProcess } from './process.ts';

const needed = 'The tests need HAProxy 2.6 or newer: install Debian\'s package (`apt-get install haproxy`).';
const claims = { jti: '$.jti', sub: '$.sub', azp: '$.azp', iss: '$.iss' } as const;
const line = {
  accept: '%Ts.%ms', request_id: '%[unique-id]', src: '%ci', src_port: '%cp', method: '%HM', path: '%[capture.req.uri,json(utf8s)]', status: '%ST', bytes_out: '%B',
  t_total_ms: '%Tt', backend: '%b', term: '%ts', iss: '%[var(txn.iss),json(utf8s)]', sub: '%[var(txn.sub),json(utf8s)]', jti: '%[var(txn.jti),json(utf8s)]',
  client_id: '%[var(txn.azp),json(utf8s)]', iat: '%[var(txn.iat)]', exp: '%[var(txn.exp)]', deny: '%[var(txn.deny)]', ua: '%[var(txn.ua),json(utf8s)]',
} as const;

/** A real HAProxy that checks tokens, refuses denied ones at once, and logs JSON as the documentation of the format says. */
export async function startHaproxy({ jwks, upstream }: GatewayOptions): Promise<Haproxy> {
  const program = await debianProgram({ package: 'haproxy', names: ['haproxy'], inside: 'usr/sbin/haproxy', needed });
  const dir = runFolder('haproxy');
  const [port] = await freePorts(1);
  // Over a socket: into a file of its own it would write over what stands there after a restart.
  const receiver = createSocket('udp4');
  await new Promise<void>((resolve) => receiver.bind(0, '127.0.0.1', resolve));
  const log = join(dir, 'access.ndjson');
  receiver.on('message', (text) => appendFileSync(log, `${text.toString().trim()}\n`));
  const key = jwks.keys.find((one) => (one as { use?: string }).use === 'sig') as JsonWebKey;
  writeFileSync(join(dir, 'issuer.pem'), createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(dir, 'deny.map'), '');
  writeFileSync(join(dir, 'haproxy.cfg'), configurationOf(dir, port!, upstream, receiver.address().port));
  const control = join(dir, 'control');
  const server = await ServerProcess.start({
    command: program.path, args: ['-db', '-f', join(dir, 'haproxy.cfg')], env: { ...process.env, ...program.env }, log: join(dir, 'haproxy.log'),
    isReady: () => command(control, 'show info').then(() => true, () => false),
  });
  return {
    port: port!, log,
    deny: async (id) => void await command(control, `add map ${join(dir, 'deny.map')} ${id} 1`),
    stop: async () => {
      await server.stop();
      receiver.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface Haproxy {
  readonly port: number;
  readonly log: string;
  /** From now on the token of this id is refused. */
  deny(id: string): Promise<void>;
  stop(): Promise<void>;
}

function command(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    socket.on('error', reject).on('data', (part) => { answer += part.toString(); }).on('end', () => resolve(answer)).on('connect', () => socket.write(`${text}\n`));
  });
}

function configurationOf(dir: string, port: number, upstream: number, logPort: AddressInfo['port']): string {
  const bearer = (name: string, query: string): string => `  http-request set-var(txn.${name}) http_auth_bearer,jwt_payload_query('${query}')`;
  return `global
  log 127.0.0.1:${logPort} len 8192 format raw local0 info
  stats socket ${dir}/control mode 600 level admin
defaults
  mode http
  log global
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend gateway
  bind 127.0.0.1:${port}
  unique-id-format %[uuid]
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')
${Object.entries(claims).map(([name, query]) => bearer(name, query)).join('\n')}
  http-request set-var(txn.iat) http_auth_bearer,jwt_payload_query('$.iat','int')
  http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request set-var(txn.ua) req.hdr(user-agent)
  http-request set-var(txn.denied) var(txn.jti),map_str(${dir}/deny.map)
  http-request set-var(txn.deny) str(no_token) if !{ var(txn.token) -m found }
  http-request set-var(txn.deny) str(bad_alg) if { var(txn.token) -m found } !{ var(txn.alg) -m str RS256 }
  http-request set-var(txn.deny) str(bad_sig) if { var(txn.alg) -m str RS256 } !{ http_auth_bearer,jwt_verify(txn.alg,"${dir}/issuer.pem") -m int 1 }
  http-request set-var(txn.deny) str(expired) if !{ var(txn.deny) -m found } { var(txn.exp),sub(txn.now) -m int lt 1 }
  http-request set-var(txn.deny) str(jti_denied) if !{ var(txn.deny) -m found } { var(txn.denied) -m found }
  http-request deny deny_status 403 if { var(txn.deny) -m str jti_denied }
  http-request deny deny_status 401 if { var(txn.deny) -m found }
  log-format '{${Object.entries(line).map(([key, value]) => `"${key}":"${value}"`).join(',')}}'
  default_backend orders
backend orders
  server one 127.0.0.1:${upstream}
`;
}
