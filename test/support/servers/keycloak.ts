import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached, maven, PrerequisiteError } from './cache.ts';
import { freePorts, runFolder, ServerProcess } from './process.ts';

const run = promisify(execFile);
const version = '26.7.3';
const password = 'admin-of-the-tests';
const opens = ['util', 'util.concurrent', 'security', 'lang'].map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`);
const machine = ['-Xms96m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:MaxMetaspaceSize=256m', '-Dfile.encoding=UTF-8'];

/**
 * A real Keycloak on the loopback that logs its events as JSON. What is made once (the server built for its database, and that with its
 * tables) is kept; a start takes 8 s on a quiet machine, half a minute on a busy one.
 */
export async function startKeycloak(): Promise<Keycloak> {
  const home = join(await built(), `keycloak-${version}`);
  const seed = await cached(`keycloak-${version}-database`, async (target) => {
    const first = await start(home, target, await freePorts(2));
    await first.stop();
    for (const name of readdirSync(target)) if (name !== 'h2.mv.db') rmSync(join(target, name), { recursive: true });
  });
  const dir = runFolder('keycloak');
  cpSync(seed, dir, { recursive: true });
  const keycloak = new Keycloak(home, dir, await freePorts(2));
  await keycloak.restart();
  return keycloak;
}

async function built(): Promise<string> {
  return cached(`keycloak-${version}`, async (target) => {
    await maven(join(import.meta.dirname, 'keycloak', 'pom.xml'), 'package', `-Dtarget=${target}`);
    const bin = join(target, `keycloak-${version}`, 'bin');
    for (const name of readdirSync(bin).filter((one) => one.endsWith('.sh'))) chmodSync(join(bin, name), 0o755);
    try {
      await run(join(bin, 'kc.sh'), ['build', '--db=dev-file', '--health-enabled=true', '--cache=local'], { env: { ...process.env, JAVA_OPTS: machine.join(' ') } });
    } catch (error) {
      throw new PrerequisiteError(`The tests need a JDK that can build Keycloak ${version}, 17 or newer.`, { cause: error });
    }
  });
}

/** Java itself, not the launching script: that would leave it behind when it is killed. */
function start(home: string, dir: string, [port, management]: readonly number[]): Promise<ServerProcess> {
  mkdirSync(join(dir, 'log'), { recursive: true });
  return ServerProcess.start({
    command: 'java',
    args: [
      ...machine, ...opens, `-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory`,
      `-Dkc.home.dir=${home}`, `-Djboss.server.config.dir=${home}/conf`, '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
      '-cp', join(home, 'lib', 'quarkus-run.jar'), 'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
      'start', '--optimized', '--http-enabled=true', '--hostname-strict=false', '--http-host=127.0.0.1', `--http-port=${port}`,
      `--http-management-port=${management}`, `--db-url=jdbc:h2:file:${dir}/h2;NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE`,
      '--log=console,file', `--log-file=${dir}/log/events.ndjson`, '--log-file-output=json', '--log-level=INFO,org.keycloak.events:debug',
      '--spi-events-listener--jboss-logging--success-level=info', '--spi-events-listener--jboss-logging--error-level=warn',
    ],
    env: { PATH: process.env['PATH'], HOME: dir, LANG: 'C.UTF-8', KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: password },
    log: join(dir, 'console.log'),
    isReady: () => fetch(`http://127.0.0.1:${management}/health/ready`).then(({ ok }) => ok, () => false),
  });
}

export class Keycloak {
  readonly url: string;
  /** Of its own making: server and events together. */
  readonly log: string;
  readonly #home: string;
  readonly #dir: string;
  readonly #ports: readonly number[];
  #process: ServerProcess | null = null;
  #admin = '';

  constructor(home: string, dir: string, ports: readonly number[]) {
    [this.#home, this.#dir, this.#ports] = [home, dir, ports];
    this.url = `http://127.0.0.1:${ports[0]}`;
    this.log = join(dir, 'log', 'events.ndjson');
  }

  /** Starts, also after a `kill`, at the same address with the same database. */
  async restart(): Promise<void> {
    this.#process = await start(this.#home, this.#dir, this.#ports);
    this.#admin = '';
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** Calls the administration, and answers what it answers; logs in before the first. */
  async administer(method: string, path: string, body?: object): Promise<unknown> {
    if (this.#admin === '') {
      const answer = await this.post('/realms/master/protocol/openid-connect/token', { grant_type: 'password', client_id: 'admin-cli', username: 'admin', password });
      this.#admin = (answer.body as { access_token: string }).access_token;
    }
    const headers = { authorization: `Bearer ${this.#admin}`, 'content-type': 'application/json' };
    const response = await fetch(`${this.url}/admin/realms${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (response.status >= 300) throw new Error(`${method} ${path}: ${response.status}`);
    const text = await response.text();
    return text === '' ? null : JSON.parse(text);
  }

  /** Posts a form, as this client where one is given, whose secret is its name. */
  async post(path: string, form: Readonly<Record<string, string>>, client?: string): Promise<{ readonly status: number; readonly body: unknown }> {
    const headers = client === undefined ? {} : { authorization: `Basic ${Buffer.from(`${client}:${client}`).toString('base64')}` };
    const response = await fetch(this.url + path, { method: 'POST', headers, body: new URLSearchParams(form) });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    if (existsSync(this.#dir)) rmSync(this.#dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
