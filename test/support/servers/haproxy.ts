import { createSocket, type Socket } from 'node:dgram';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { root } from '../source.ts';
import { debianProgram, type Program } from './debian.ts';
import type { GatewayOptions } from './envoy.ts';
import { freePorts, runFolder, ServerProcess } from './process.ts';

const needed = 'The tests need HAProxy 2.6 or newer: install Debian\'s package (`apt-get install haproxy`).';
const address = '127.0.0.1';
const mapNames = ['networks.map', 'places.map', 'tokens.map'] as const;
const claims = { sub: '$.sub', azp: '$.azp' } as const;
const line = {
  accept: '%Ts.%ms', request_id: '%[unique-id]', src: '%ci', src_port: '%cp', method: '%HM', path: '%[capture.req.uri,json(utf8s)]', status: '%ST', bytes_out: '%B',
  t_total_ms: '%Tt', backend: '%b', term: '%ts', iss: '%[var(txn.iss),json(utf8s)]', sub: '%[var(txn.sub),json(utf8s)]', jti: '%[var(txn.jti),json(utf8s)]',
  client_id: '%[var(txn.azp),json(utf8s)]', iat: '%[var(txn.iat)]', exp: '%[var(txn.exp)]', deny: '%[var(txn.deny)]', ua: '%[var(txn.ua),json(utf8s)]',
} as const;

export interface HaproxyOptions extends GatewayOptions {
  /** A master with workers, which can be reloaded. */
  readonly hasMaster?: boolean;
}

/** A real HAProxy that checks tokens, refuses denied ones as the deny list's page says, and logs JSON as the documentation of the format says. */
export async function startHaproxy({ jwks, issuer, upstream, withoutList = false, hasMaster = false }: HaproxyOptions): Promise<Haproxy> {
  const program = await debianProgram({ package: 'haproxy', names: ['haproxy'], inside: 'usr/sbin/haproxy', needed });
  const dir = runFolder('haproxy');
  const [port, http2Port] = await freePorts(2);
  // Over a socket: into a file of its own it would write over what stands there after a restart.
  const receiver = createSocket('udp4');
  await new Promise<void>((resolve) => receiver.bind(0, '127.0.0.1', resolve));
  const log = join(dir, 'access.ndjson');
  writeFileSync(log, '');
  receiver.on('message', (text) => appendFileSync(log, `${text.toString().trim()}\n`));
  const key = jwks.keys.find((one) => (one as { use?: string }).use === 'sig') as JsonWebKey;
  writeFileSync(join(dir, 'issuer.pem'), createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
  const maps = join(dir, 'maps');
  mkdirSync(maps);
  for (const name of mapNames) writeFileSync(join(maps, name), '');
  writeFileSync(join(dir, 'haproxy.cfg'), configurationOf({ dir, port: port!, http2Port: http2Port! }, upstream, receiver.address().port, withoutList ? null : maps));
  const haproxy = new Haproxy({ program, dir, port: port!, http2Port: http2Port!, issuer, receiver, hasMaster });
  await haproxy.restart();
  return haproxy;
}

interface Parts {
  readonly program: Program; readonly dir: string; readonly port: number; readonly http2Port: number; readonly issuer: string; readonly receiver: Socket; readonly hasMaster: boolean;
}

export class Haproxy {
  readonly port: number;
  /** The same for HTTP/2 without TLS. */
  readonly http2Port: number;
  /** Path of its runtime socket, and of its master's. */
  readonly control: string;
  readonly master: string;
  readonly log: string;
  /** The folder of its three maps. */
  readonly maps: string;
  readonly #parts: Parts;
  #process: ServerProcess | null = null;

  constructor(parts: Parts) {
    const { dir, port, http2Port } = parts;
    [this.port, this.http2Port, this.log, this.maps] = [port, http2Port, join(dir, 'access.ndjson'), join(dir, 'maps')];
    [this.control, this.master] = [join(dir, 'control'), join(dir, 'master')];
    this.#parts = parts;
  }

  get pid(): number {
    return this.#process!.pid;
  }

  /** Starts, also after a `kill`, on the same port and with the maps as their files are. */
  async restart(): Promise<void> {
    const { program, dir, hasMaster } = this.#parts;
    const mode = hasMaster ? ['-W', '-S', `${this.master},level,admin`] : ['-db'];
    this.#process = await ServerProcess.start({
      command: program.path, args: [...mode, '-f', join(dir, 'haproxy.cfg')], env: { ...process.env, ...program.env }, log: join(dir, 'haproxy.log'),
      isReady: () => this.command('show info').then(() => true, () => false),
    });
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** New workers take over; the old ones finish what they have begun. */
  async reload(): Promise<void> {
    await command(this.master, 'reload');
  }

  /** One command on the runtime socket, and its answer. */
  command(text: string): Promise<string> {
    return command(this.control, text);
  }

  /** From now on the token of this id is refused; it is forgotten at a restart. */
  async deny(id: string): Promise<void> {
    await this.command(`add map ${join(this.maps, 'tokens.map')} jti/${this.#parts.issuer}/${id} deny`);
  }

  /** What its statistics say of the frontend, by the names of their columns. */
  async counters(): Promise<Readonly<Record<string, number>>> {
    const [head, ...rows] = (await this.command('show stat')).trim().split('\n').map((row) => row.replace(/^# /, '').split(','));
    const gateway = rows.find(([name, side]) => name === 'gateway' && side === 'FRONTEND')!;
    return Object.fromEntries(head!.map((name, place) => [name, Number(gateway[place])]));
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#parts.receiver.close();
    rmSync(this.#parts.dir, { recursive: true, force: true });
  }
}

/** The lines that the deny list's page gives to operators under this mark. */
function pageLines(mark: 'haproxy' | 'haproxy running', maps: string): string {
  const page = readFileSync(join(root, 'docs', 'deny-list.md'), 'utf8');
  return page.split(`<!-- ${mark} -->\n\`\`\`\n`)[1]!.split('```')[0]!.trimEnd().replaceAll('/etc/haproxy/tokenward', maps);
}

function command(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    socket.on('error', reject).on('data', (part) => { answer += part.toString(); }).on('end', () => resolve(answer)).on('connect', () => socket.end(`${text}\n`));
  });
}

interface Places { readonly dir: string; readonly port: number; readonly http2Port: number }

function configurationOf({ dir, port, http2Port }: Places, upstream: number, logPort: AddressInfo['port'], maps: string | null): string {
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
  bind ${address}:${port}
  bind ${address}:${http2Port} proto h2
  unique-id-format %[uuid]
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')
${Object.entries(claims).map(([name, query]) => bearer(name, query)).join('\n')}
  http-request set-var(txn.iat) http_auth_bearer,jwt_payload_query('$.iat','int')
  http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request set-var(txn.ua) req.hdr(user-agent)
  http-request set-var(txn.deny) str(no_token) if !{ var(txn.token) -m found }
  http-request set-var(txn.deny) str(bad_alg) if { var(txn.token) -m found } !{ var(txn.alg) -m str RS256 }
  http-request set-var(txn.deny) str(bad_sig) if { var(txn.alg) -m str RS256 } !{ http_auth_bearer,jwt_verify(txn.alg,"${dir}/issuer.pem") -m int 1 }
  http-request set-var(txn.deny) str(expired) if !{ var(txn.deny) -m found } { var(txn.exp),sub(txn.now) -m int lt 1 }
  http-request deny deny_status 401 if { var(txn.deny) -m found }
${maps === null ? '' : pageLines('haproxy', maps)}
  log-format '{${Object.entries(line).map(([key, value]) => `"${key}":"${value}"`).join(',')}}'
  default_backend orders
backend orders
  server one ${address}:${upstream}
${maps === null ? '' : pageLines('haproxy running', maps)}
`;
}
