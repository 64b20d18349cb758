import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Tokenward } from '../../../src/cli/demo/play.ts';
import { root } from '../../support/source.ts';
import type { KillPoint } from './kill-hooks.ts';

const hooks = pathToFileURL(join(import.meta.dirname, 'kill-hooks.ts')).href;
const limitMs = 60_000;

/**
 * `tokenward run` as a process of its own that is started again whenever it was killed. Each life kills itself at the next of the
 * given points, as long as there are any.
 */
export class Lives implements Tokenward {
  readonly link = null;
  /** Points at which a life has ended. */
  readonly passed: KillPoint[] = [];
  deaths = 0;
  /** What the present life wrote to stderr. */
  #text = '';
  readonly #folder: string;
  readonly #points: KillPoint[];
  #child: ChildProcess;
  #isStopping = false;

  constructor(folder: string, points: readonly KillPoint[]) {
    this.#folder = folder;
    this.#points = [...points];
    this.#child = this.#live();
  }

  /** Kills it, and waits until the next life answers. */
  async kill(): Promise<void> {
    const before = this.deaths;
    this.#child.kill('SIGKILL');
    await this.#until('it is alive again', () => this.deaths > before && this.#text.includes('"event.action":"listening"'));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child.kill('SIGTERM');
    await this.#until('it has ended', () => this.#child.exitCode !== null || this.#child.signalCode !== null);
  }

  #live(): ChildProcess {
    const [point] = this.#points;
    this.#text = '';
    const preload = point === undefined ? [] : ['--import', `${hooks}?point=${encodeURIComponent(point)}`];
    const child = spawn(process.execPath, [...preload, join(root, 'src/main.ts'), 'run', '-c', join(this.#folder, 'tokenward.yaml')], {
      cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, NODE_COMPILE_CACHE: join(this.#folder, 'compiled') },
    });
    child.stderr.on('data', (piece: Buffer) => { this.#text += piece.toString(); });
    child.once('exit', (_, signal) => {
      if (this.#isStopping) return;
      this.deaths++;
      // Killed by us from outside it has passed nothing.
      if (signal === 'SIGKILL' && !child.killed && point !== undefined) this.passed.push(this.#points.shift() as KillPoint);
      if (signal === 'SIGKILL') this.#child = this.#live();
    });
    return child;
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    for (const untilMs = performance.now() + limitMs; !holds(); await sleep(20)) {
      if (performance.now() > untilMs) throw new Error(`not within ${limitMs} ms: ${what}\n${this.#text.slice(-2_000)}`);
    }
  }
}
