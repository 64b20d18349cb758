import { spawnSync } from 'node:child_process';
import { debianProgram, type Program } from './debian.ts';

const needed = 'The tests need promtool, of Prometheus 2.40 or newer: install Debian\'s package (`apt-get install prometheus`).';
let found: Promise<Program> | null = null;

/** Runs Prometheus' own checker; what it says stands in `text`. */
export async function promtool(words: readonly string[], input = ''): Promise<{ readonly status: number | null; readonly text: string }> {
  const { path, env } = await (found ??= debianProgram({ package: 'prometheus', names: ['promtool'], inside: 'usr/bin/promtool', needed }));
  const { status, stdout, stderr } = spawnSync(path, words, { input, encoding: 'utf8', env: { ...process.env, ...env } });
  return { status, text: `${stdout}${stderr}` };
}
