import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './cache.ts';

/** Machines under load take several times as long as quiet ones: it is the log line that is waited for. */
const startLimitMs = 180_000;
const stopLimitMs = 20_000;
const prefix = 'tokenward-test-';
/** User and group of that name, or of the like, on all distributions. */
export const nobody = 65534;

const hasSetpriv = ['/usr/bin/setpriv', '/bin/setpriv'].some((path) => existsSync(path));
const running = new Set<ServerProcess>();
process.once('exit', () => running.forEach((server) => server.abandon()));

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the server. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: string;
  /** Run as the user `nobody`. */
  readonly unprivileged?: boolean;
  isReady(): boolean | Promise<boolean>;
}

/**
 * A server as a child process. It does not outlive the process that started it: the kernel ends it where `setpriv` is
 * to be had, else it is ended at that one's orderly exit.
 */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #hasEnded = false;
  #isReady = false;

  private constructor(child: ChildProcess, log: string) {
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const end = (how: unknown): void => {
        this.#hasEnded = true;
        running.delete(this);
        if (this.#isReady) process.stderr.write(`A server of the tests ended by itself (${String(how)}):\n${tail(log)}\n`);
        resolve();
      };
      child.once('exit', (code, signal) => end(code ?? signal));
      child.once('error', end);
    });
    running.add(this);
  }

  /** Resolves when the server is ready; throws with the end of its log when it ends or takes too long. */
  static async start(launch: Launch): Promise<ServerProcess> {
    const log = openSync(launch.log, 'a');
    const wrapped = wrap(launch);
    const child = spawn(wrapped[0]!, wrapped.slice(1), { env: launch.env, stdio: ['pipe', log, log], cwd: '/' });
    closeSync(log);
    const server = new ServerProcess(child, launch.log);
    const until = Date.now() + startLimitMs;
    while (Date.now() < until && !server.#hasEnded) {
      if (await launch.isReady()) {
        server.#isReady = true;
        return server;
      }
      await sleep(50);
    }
    const how = server.#hasEnded ? 'ended while starting' : `was not ready after ${startLimitMs / 1000} s`;
    await server.kill();
    throw new Error(`${launch.command} ${how}:\n${tail(launch.log)}`);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** In order; by force if that takes too long. */
  async stop(): Promise<void> {
    this.#isReady = false;
    this.#child.kill('SIGTERM');
    await Promise.race([this.#ended, sleep(stopLimitMs, undefined, { ref: false })]);
    await this.kill();
  }

  async kill(): Promise<void> {
    this.#isReady = false;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Ends it without waiting. */
  abandon(): void {
    this.#isReady = false;
    this.#child.kill('SIGKILL');
  }
}

function wrap({ command, args, unprivileged = false }: Launch): string[] {
  if (!hasSetpriv) return [command, ...args];
  const user = unprivileged ? [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : [];
  return ['setpriv', ...user, '--pdeathsig', 'KILL', '--', command, ...args];
}

function tail(log: string): string {
  return readFileSync(log, 'utf8').trim().split('\n').slice(-15).join('\n');
}

/** Is the text in the file? */
export function logged(file: string, text: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8').includes(text);
}

/** A new folder for a server's data, which others may enter. Folders left behind by dead runs are removed. */
export function runFolder(name: string): string {
  for (const entry of readdirSync(tmpdir())) {
    const owner = entry.startsWith(prefix) ? Number(entry.split('-')[3]) : NaN;
    if (Number.isInteger(owner) && !isRunning(owner)) rmSync(join(tmpdir(), entry), { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${name}-${process.pid}-`));
  chmodSync(folder, 0o755);
  return folder;
}

/** Ports that nobody listens on at the moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map((server) => new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  })));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
