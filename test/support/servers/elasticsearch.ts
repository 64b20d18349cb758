import { execFile } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cached, isRoot, maven, needs, PrerequisiteError } from './cache.ts';
import { nobody, runFolder, ServerProcess } from './process.ts';

const run = promisify(execFile);
const here = join(import.meta.dirname, 'elasticsearch');
const version = '8.19.21';

export interface ElasticsearchOptions {
  /** Settings of the node, such as `thread_pool.write.queue_size`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly heap?: string;
}

/**
 * A real Elasticsearch of one node on a free port of the loopback, without security. A start takes 20 to 50 s: use the
 * shared one with index names of your own wherever the node's settings and life do not matter.
 */
export async function startElasticsearch(options: ElasticsearchOptions = {}): Promise<Elasticsearch> {
  const home = join(await elasticsearchHome(), `elasticsearch-${version}`);
  const server = new Elasticsearch(home, runFolder('elasticsearch'), options);
  try {
    await server.prepare();
    await server.restart();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function elasticsearchHome(): Promise<string> {
  const folder = await cached(`elasticsearch-${version}`, async (target) => {
    await maven(join(here, 'pom.xml'), 'package', `-Dtarget=${target}`);
    const bin = join(target, `elasticsearch-${version}`, 'bin');
    for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o755);
    await run('chmod', ['-R', 'a+rX', target]);
  });
  if (isRoot()) {
    await needs('setpriv', [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', 'test', '-r', join(folder, `elasticsearch-${version}`, 'bin')],
      `\`setpriv\` and a cache folder that the user nobody can read, as Elasticsearch does not run as root: ${folder} is none`);
  }
  return folder;
}

export class Elasticsearch {
  /** Address of the HTTP interface, the same after each `restart`. */
  url = '';
  readonly log: string;
  readonly #home: string;
  readonly #dir: string;
  readonly #options: ElasticsearchOptions;
  #process: ServerProcess | null = null;

  constructor(home: string, dir: string, options: ElasticsearchOptions) {
    this.#home = home;
    this.#dir = dir;
    this.#options = options;
    this.log = join(dir, 'server.log');
  }

  /** Lays out the node's folder. To be called once. */
  async prepare(): Promise<void> {
    const dir = this.#dir;
    for (const name of ['data', 'logs', 'tmp']) mkdirSync(join(dir, name));
    cpSync(join(this.#home, 'config'), join(dir, 'config'), { recursive: true });
    const settings = readFileSync(join(here, 'elasticsearch.yml'), 'utf8');
    writeFileSync(join(dir, 'config', 'elasticsearch.yml'), `${settings}path.data: ${dir}/data\npath.logs: ${dir}/logs\n`);
    // These write by relative paths into the server's own folder, which belongs to somebody else.
    const options = join(dir, 'config', 'jvm.options');
    const kept = readFileSync(options, 'utf8').split('\n').filter((line) => !/^-Xlog:gc|^-XX:(?:HeapDumpPath|ErrorFile|\+HeapDumpOnOutOfMemoryError)/.test(line));
    writeFileSync(options, kept.join('\n'));
    if (isRoot()) this.#giveAway();
  }

  /** Starts on the same data and port as before. */
  async restart(): Promise<void> {
    await this.#process?.stop();
    const ports = join(this.#dir, 'logs', 'http.ports');
    rmSync(ports, { force: true });
    if (existsSync(this.log)) truncateSync(this.log);
    const heap = this.#options.heap ?? '512m';
    const settings = Object.entries(this.#options.settings ?? {}).map(([name, value]) => `-E${name}=${value}`);
    this.#process = await ServerProcess.start({
      command: join(this.#home, 'bin', 'elasticsearch'),
      args: ['-p', this.#pidFile, ...settings, ...(this.url === '' ? [] : [`-Ehttp.port=${new URL(this.url).port}`])],
      env: {
        PATH: process.env['PATH'], HOME: join(this.#dir, 'tmp'), LANG: 'C.UTF-8', ES_JAVA_HOME: await javaHome(), ES_PATH_CONF: join(this.#dir, 'config'),
        ES_TMPDIR: join(this.#dir, 'tmp'), ES_JAVA_OPTS: `-Xms${heap} -Xmx${heap}`, CLI_JAVA_OPTS: '-XX:TieredStopAtLevel=1',
      },
      log: this.log,
      unprivileged: isRoot(),
      isReady: async () => {
        if (!existsSync(ports)) return false;
        this.url = `http://${readFileSync(ports, 'utf8').split('\n')[0]}`;
        return answers(`${this.url}/_cluster/health?wait_for_status=yellow&timeout=1s`);
      },
    });
  }

  /** As a crash of the machine would end it; `restart` brings it back. */
  async kill9(): Promise<void> {
    if (existsSync(this.#pidFile)) process.kill(Number(readFileSync(this.#pidFile, 'utf8')), 'SIGKILL');
    await this.#process?.kill();
    this.#process = null;
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = null;
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }

  /** The server's own process: the one started is only its launcher. */
  get #pidFile(): string {
    return join(this.#dir, 'pid');
  }

  #giveAway(): void {
    chownSync(this.#dir, nobody, nobody);
    for (const entry of readdirSync(this.#dir, { recursive: true }) as string[]) lchownSync(join(this.#dir, entry), nobody, nobody);
  }
}

async function javaHome(): Promise<string> {
  const named = process.env['JAVA_HOME'];
  if (named !== undefined) return named;
  try {
    return dirname(dirname(realpathSync((await run('which', ['java'])).stdout.trim())));
  } catch (error) {
    throw new PrerequisiteError('The tests need a JDK 17 or newer (`java` was not found).', { cause: error });
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
