import type { JSONWebKeySet } from 'jose';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Pair } from '../providers/spire-certificates.ts';
import { freePorts, runFolder, ServerProcess } from './process.ts';

/**
 * A real SPIRE: `TEST_SPIRE` names the folder of the programs `spire-server` and `spire-agent`. Neither can be fetched here as a program, so
 * without that the tests which want it are skipped.
 */
export const spirePrograms: string | null = process.env['TEST_SPIRE'] ?? null;

const run = promisify(execFile);

/** As `entry show` tells it. */
export interface SpireEntry { readonly id: string; readonly [field: string]: unknown }

export interface NewEntry { readonly path: string; readonly parent: string; readonly selector?: string; readonly isAdmin?: boolean }

/** A server with an agent that proves by a certificate which machine it is on, so that it may come back. Workloads are told by their user. */
export class Spire {
  readonly domain = 'prod.example';
  /** Of JWT-SVIDs. */
  readonly issuer = 'https://spire.prod.example';
  readonly socket: string;
  readonly address: string;
  /** Configuration, data and logs. */
  readonly dir: string;
  readonly #programs: string;
  readonly #workloadSocket: string;
  #server: ServerProcess | null = null;
  #agent: ServerProcess | null = null;

  private constructor(programs: string, dir: string, port: number) {
    [this.#programs, this.dir, this.socket, this.#workloadSocket] = [programs, dir, join(dir, 'api.sock'), join(dir, 'agent.sock')];
    this.address = `127.0.0.1:${port}`;
  }

  /** `machine`: by what the agent is known; `machineCa`: who vouches for it. */
  static async start(programs: string, machine: Pair, machineCa: string): Promise<Spire> {
    const dir = runFolder('spire');
    const [port] = await freePorts(1);
    const spire = new Spire(programs, dir, port!);
    for (const name of ['server', 'agent']) mkdirSync(join(dir, name));
    writeFileSync(join(dir, 'server.conf'), JSON.stringify({
      server: {
        bind_address: '127.0.0.1', bind_port: String(port), socket_path: spire.socket, trust_domain: spire.domain, data_dir: join(dir, 'server'),
        log_level: 'INFO', jwt_issuer: spire.issuer,
      },
      plugins: {
        DataStore: { sql: { plugin_data: { database_type: 'sqlite3', connection_string: join(dir, 'server', 'datastore.sqlite3') } } },
        KeyManager: { disk: { plugin_data: { keys_path: join(dir, 'server', 'keys.json') } } },
        NodeAttestor: { x509pop: { plugin_data: { ca_bundle_path: machineCa } } },
      },
    }));
    writeFileSync(join(dir, 'agent.conf'), JSON.stringify({
      agent: {
        server_address: '127.0.0.1', server_port: String(port), socket_path: spire.#workloadSocket, trust_domain: spire.domain, data_dir: join(dir, 'agent'),
        log_level: 'INFO', trust_bundle_path: join(dir, 'bundle.pem'),
      },
      plugins: {
        KeyManager: { disk: { plugin_data: { directory: join(dir, 'agent') } } },
        NodeAttestor: { x509pop: { plugin_data: { private_key_path: machine.keyFile, certificate_path: machine.certificateFile } } },
        WorkloadAttestor: { unix: { plugin_data: {} } },
      },
    }));
    await spire.startServer();
    writeFileSync(join(dir, 'bundle.pem'), await spire.server('bundle', 'show'));
    await spire.startAgent();
    return spire;
  }

  /** Over the same storage, also after a `killServer`. */
  async startServer(): Promise<void> {
    this.#server = await this.#start('server', () => this.server('healthcheck').then(() => true, () => false));
  }

  /** Rejects where the server does not let it in. */
  async startAgent(): Promise<void> {
    this.#agent = await this.#start('agent', () => this.#agentSays('healthcheck').then(() => true, () => false));
  }

  #start(which: 'server' | 'agent', isReady: () => Promise<boolean>): Promise<ServerProcess> {
    const args = ['run', '-config', join(this.dir, `${which}.conf`)];
    return ServerProcess.start({ command: join(this.#programs, `spire-${which}`), args, env: {}, log: join(this.dir, `${which}.log`), isReady });
  }

  async killServer(): Promise<void> {
    await this.#server?.kill();
  }

  /** In order, or already at its end. */
  async stopAgent(): Promise<void> {
    await this.#agent?.stop();
  }

  /** What the server's own command says. */
  async server(...args: readonly string[]): Promise<string> {
    const [command = '', sub = ''] = args;
    const named = command === 'healthcheck' ? [command] : [command, sub];
    return (await run(join(this.#programs, 'spire-server'), [...named, '-socketPath', this.socket, ...args.slice(named.length)])).stdout;
  }

  async #agentSays(...words: readonly string[]): Promise<string> {
    return (await run(join(this.#programs, 'spire-agent'), [...words, '-socketPath', this.#workloadSocket])).stdout;
  }

  idOf(path: string): string {
    return `spiffe://${this.domain}${path}`;
  }

  async createEntry({ path, parent, selector = `unix:uid:${process.getuid!()}`, isAdmin = false }: NewEntry): Promise<string> {
    const text = await this.server(
      'entry', 'create', '-spiffeID', this.idOf(path), '-parentID', parent, '-selector', selector, '-jwtSVIDTTL', '120', '-x509SVIDTTL', '600', '-dns', 'export.example',
      // An agent gives out only one of several entries with the same hint.
      '-hint', path.split('/').at(-1)!, ...(isAdmin ? ['-admin'] : []), '-output', 'json',
    );
    return (JSON.parse(text) as { results: { entry: SpireEntry }[] }).results[0]!.entry.id;
  }

  async entries(path: string): Promise<readonly SpireEntry[]> {
    const text = await this.server('entry', 'show', '-spiffeID', this.idOf(path), '-output', 'json');
    return (JSON.parse(text) as { entries: SpireEntry[] }).entries;
  }

  /** SPIFFE IDs of agents, each with whether it is banned. */
  async agents(): Promise<Readonly<Record<string, boolean>>> {
    const { agents } = JSON.parse(await this.server('agent', 'list', '-output', 'json')) as { agents: { id: { path: string }; banned: boolean }[] };
    return Object.fromEntries(agents.map(({ id, banned }) => [this.idOf(id.path), banned]));
  }

  /** A JWT-SVID as a workload of ours gets it; `null` where it gets none. */
  async jwt(path: string): Promise<string | null> {
    const args = ['api', 'fetch', 'jwt', '-audience', 'orders', '-spiffeID', this.idOf(path), '-output', 'json'];
    const text = await this.#agentSays(...args).catch(() => null);
    return text === null ? null : (JSON.parse(text) as { svids: { svid: string }[] }[])[0]!.svids[0]!.svid;
  }

  /** Keys of the trust domain, as a service that checks tokens by itself has them. */
  async jwks(): Promise<JSONWebKeySet> {
    const { keys } = JSON.parse(await this.server('bundle', 'show', '-format', 'spiffe')) as JSONWebKeySet;
    return { keys: keys.filter(({ use }) => use === 'jwt-svid').map(({ use: _use, ...key }) => key) };
  }

  /** Writes an X509-SVID, its key and the bundle into a folder of its own; the folder. */
  async mint(path: string): Promise<string> {
    const folder = mkdtempSync(join(this.dir, 'svid-'));
    await this.server('x509', 'mint', '-spiffeID', this.idOf(path), '-write', folder);
    return folder;
  }

  async stop(): Promise<void> {
    await this.#agent?.stop();
    await this.#server?.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
