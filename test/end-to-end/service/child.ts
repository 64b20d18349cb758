import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { root } from '../../support/source.ts';
import type { KillPoint } from './hooks.ts';

const hooks = pathToFileURL(join(import.meta.dirname, 'hooks.ts')).href;
const program = join(root, 'src/main.ts');

export interface Ended { readonly code: number | null; readonly signal: NodeJS.Signals | null }
export interface LogLine { readonly 'event.action': string; readonly message: string; readonly tokenward?: Readonly<Record<string, string | number>> }
export interface Ready {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly sources: readonly { readonly name: string; readonly ok: boolean; readonly lagRecords: number | null; readonly detail: string }[];
  readonly sinks: readonly { readonly name: string; readonly condition: string; readonly waiting: number; readonly detail: string }[];
}

export interface Orders {
  /** Kill itself at this point, at this pass. */
  readonly point?: KillPoint;
  readonly pass?: number;
  /** Longest stretch of work before a commit, in milliseconds, so that little data makes many commits. */
  readonly workMs?: number;
  /** Work that each record costs beside its own, in milliseconds: makes it slow. */
  readonly burnMs?: number;
  /** No checkpoint is made, so that a journal is left. */
  readonly holdsCheckpoints?: boolean;
  /** The program as it is, with its own patience and without any hooks. */
  readonly untouched?: boolean;
  /** URL of a module that is loaded first. */
  readonly preload?: string;
}

const limitMs = 60_000;

/** One life of `tokenward run`, as a process of its own. */
export class ServiceProcess {
  /** All that it wrote to stderr. */
  text = '';
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #hasEnded = false;

  constructor(configuration: string, cwd: string, orders: Orders = {}) {
    const query = new URLSearchParams();
    const told = { point: orders.point, pass: orders.pass, work: orders.workMs, burn: orders.burnMs, hold: orders.holdsCheckpoints };
    for (const [name, value] of Object.entries(told)) if (value !== undefined) query.set(name, `${value}`);
    const env = { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE: join(cwd, '..', 'compiled'), TOKENWARD_DEBUG: '1' };
    const modules = [...(orders.untouched === true ? [] : [`${hooks}?${query.toString()}`]), ...(orders.preload === undefined ? [] : [orders.preload])];
    const preload = modules.flatMap((module) => ['--import', module]);
    this.#child = spawn(process.execPath, [...preload, program, 'run', '-c', configuration], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr!.on('data', (chunk: Buffer) => { this.text += chunk.toString(); });
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#hasEnded = true;
        resolve({ code, signal });
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Its log. Throws where a line of it is no JSON object. */
  get lines(): LogLine[] {
    return this.text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as LogLine);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** Asks it to end and waits for that. Answers how it ended and after how long. */
  async stop(): Promise<Ended & { readonly tookMs: number }> {
    const sinceMs = performance.now();
    this.#child.kill('SIGTERM');
    const ended = await Promise.race([this.ended, sleep(limitMs, null, { ref: false })]);
    if (ended === null) throw new Error(`it did not end after SIGTERM:\n${this.text.slice(-2000)}`);
    return { ...ended, tookMs: performance.now() - sinceMs };
  }

  /** Waits until something holds of it. Throws with the end of its log when it does not, or when it ends before. */
  async until<T>(what: string, probe: () => Promise<T | false | null> | T | false | null, waitMs = limitMs): Promise<T> {
    const untilMs = performance.now() + waitMs;
    while (performance.now() < untilMs) {
      const found = await probe();
      if (found !== false && found !== null) return found;
      if (this.#hasEnded) throw new Error(`it ended before ${what}:\n${this.text.slice(-2000)}`);
      await sleep(25);
    }
    throw new Error(`not within ${waitMs} ms: ${what}\n${this.text.slice(-2000)}`);
  }

  /** The address of its server, once it listens. */
  async address(): Promise<string> {
    const port = await this.until('it listens', () => /"event\.action":"listening"[^\n]*"port":(\d+)/.exec(this.text)?.[1] ?? null);
    return `http://127.0.0.1:${port}`;
  }

  async ready(): Promise<Ready> {
    return await (await fetch(`${await this.address()}/readyz`)).json() as Ready;
  }

  async metrics(): Promise<string> {
    return await (await fetch(`${await this.address()}/metrics`)).text();
  }

  /** The sum of a metric over its labels, as far as these say what is given. */
  async metric(name: string, labels = ''): Promise<number> {
    const lines = (await this.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return lines.filter((line) => line.includes(labels)).reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** Waits until everything in Kafka is read. */
  async settledIn(): Promise<void> {
    await this.until('everything is read', async () => (await this.ready()).sources.every(({ lagRecords }) => lagRecords === 0));
  }

  /** Waits until everything in Kafka is read and everything found is delivered, seen twice. */
  async settled(waitMs = limitMs): Promise<void> {
    for (let seen = 0; seen < 2; seen++) {
      await this.until('everything is read and delivered', async () => {
        const { sources, sinks } = await this.ready();
        return sources.every(({ lagRecords }) => lagRecords === 0) && sinks.every(({ waiting }) => waiting === 0);
      }, waitMs);
      await sleep(150);
    }
  }

  /** Resident memory, as the system tells. */
  get residentBytes(): number {
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))![1]);
  }

  /** Processor time of all its threads so far. */
  get cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }
}
