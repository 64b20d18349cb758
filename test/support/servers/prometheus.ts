import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianProgram, type Program } from './debian.ts';
import { freePorts, runFolder, ServerProcess } from './process.ts';

const needed = (name: string): string => `The tests need ${name}, of Prometheus 2.40 or newer: install Debian's package (\`apt-get install prometheus\`).`;
const programs = new Map<string, Promise<Program>>();

function program(name: string): Promise<Program> {
  const found = programs.get(name) ?? debianProgram({ package: 'prometheus', names: [name], inside: `usr/bin/${name}`, needed: needed(name) });
  programs.set(name, found);
  return found;
}

/** Runs Prometheus' own checker; what it says stands in `text`. */
export async function promtool(words: readonly string[], input = ''): Promise<{ readonly status: number | null; readonly text: string }> {
  const { path, env } = await program('promtool');
  const { status, stdout, stderr } = spawnSync(path, words, { input, encoding: 'utf8', env: { ...process.env, ...env } });
  return { status, text: `${stdout}${stderr}` };
}

export interface Prometheus {
  /** The first value of a query, `null` where there is none. */
  value(query: string): Promise<number | null>;
  /** An answer of its API, below `/api/v1/`. */
  ask<Answer>(path: string): Promise<Answer>;
  stop(): Promise<void>;
}

/** A real Prometheus that asks this address each second, under the job `tokenward`, and goes by these rules. */
export async function startPrometheus(target: string, rules: string): Promise<Prometheus> {
  const { path, env } = await program('prometheus');
  const dir = runFolder('prometheus');
  const [port] = await freePorts(1);
  const config = join(dir, 'prometheus.yml');
  writeFileSync(config, JSON.stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' }, rule_files: [rules], scrape_configs: [{ job_name: 'tokenward', static_configs: [{ targets: [target] }] }],
  }));
  const url = `http://127.0.0.1:${port}`;
  const server = await ServerProcess.start({
    command: path, args: [`--config.file=${config}`, `--storage.tsdb.path=${join(dir, 'data')}`, `--web.listen-address=127.0.0.1:${port}`],
    env: { ...process.env, ...env }, log: join(dir, 'server.log'),
    isReady: () => fetch(`${url}/-/ready`).then(({ ok }) => ok, () => false),
  });
  const ask = async <Answer>(what: string): Promise<Answer> => ((await (await fetch(`${url}/api/v1/${what}`)).json()) as { data: Answer }).data;
  return {
    ask,
    async value(query) {
      const { result } = await ask<{ result: { value: [number, string] }[] }>(`query?query=${encodeURIComponent(query)}`);
      return result[0] === undefined ? null : Number(result[0].value[1]);
    },
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
