import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { root } from './support/source.ts';

// What is published: built, packed, and installed with production dependencies alone. They come from npm's cache where it has them.

const folder = mkdtempSync(join(tmpdir(), 'tokenward-package-'));
const stage = join(folder, 'package');
const place = join(folder, 'installed');
const installed = join(place, 'node_modules', 'tokenward');
const program = join(place, 'node_modules', '.bin', 'tokenward');

function run(command: string, words: readonly string[], cwd: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { NODE_ENV: _, ...env } = process.env;
  return spawnSync(command, words, { cwd, env, encoding: 'utf8' });
}

function mustRun(command: string, words: readonly string[], cwd: string): void {
  const { status, stdout, stderr } = run(command, words, cwd);
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
}

beforeAll(() => {
  for (const one of [stage, place]) mkdirSync(one);
  // Else npm installs into whatever folder above has a package of its own.
  writeFileSync(join(place, 'package.json'), '{ "private": true }\n');
  mustRun(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json', '--outDir', join(stage, 'dist')], root);
  cpSync(join(root, 'src/intel/data'), join(stage, 'dist/src/intel/data'), { recursive: true });
  mustRun(join(root, 'node_modules/.bin/vite'), ['build', 'dashboards/live', '--outDir', join(stage, 'dashboards/live/dist'), '--logLevel', 'warn'], root);
  const boards = ['kibana', 'prometheus', 'grafana'].map((name) => `dashboards/${name}`);
  for (const file of ['package.json', 'README.md', 'LICENSE', 'NOTICE', ...boards]) cpSync(join(root, file), join(stage, file), { recursive: true });
  mustRun('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', place], stage);
  const tarball = readdirSync(place).find((name) => name.endsWith('.tgz'))!;
  mustRun('npm', ['install', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-save', `./${tarball}`], place);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }), 120_000);

test('nothing of it would trouble who installs it', async () => {
  const { messages } = await publint({ pkgDir: stage, pack: false, level: 'suggestion' });
  expect(messages).toEqual([]);
});

test('only what is needed at run time is installed, and no sources, tests or credentials are packed', () => {
  const development = ['vitest', 'typescript', 'vite', 'playwright-core', 'node-runtime'];
  expect(development.filter((name) => existsSync(join(place, 'node_modules', name)))).toEqual([]);
  expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'NOTICE', 'README.md', 'dashboards', 'dist', 'package.json']);
  expect(readdirSync(join(installed, 'dist')).sort()).toEqual(['detectors', 'src']);
  expect(readdirSync(join(installed, 'dashboards')).sort()).toEqual(['grafana', 'kibana', 'live', 'prometheus']);
});

test('the program answers', () => {
  expect(run(program, ['--version'], place)).toMatchObject({ status: 0, stdout: '0.1.0\n', stderr: '' });
  expect(run(program, ['validate'], place)).toMatchObject({ status: 0, stderr: '' });
  expect(run(program, ['detectors'], place).stdout).toContain('egress-spike');
});

test('the demo plays from it, with its page, and leaves nothing behind', async () => {
  const child = spawn(program, ['demo', '--once', '--seed', '3'], { cwd: place, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  const pages: Promise<string>[] = [];
  child.stderr.on('data', (piece: Buffer) => { stderr += piece.toString(); });
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece.toString();
    const url = /live page: (http:\/\/[^/\s]+\/)/.exec(stdout)?.[1];
    if (url !== undefined && pages.length === 0) pages.push(fetch(url).then((answer) => answer.text()));
  });
  const code = await new Promise((resolve) => { child.once('close', resolve); });
  expect({ code, stderr, missing: stdout.split('\n').filter((line) => line.includes('  NOT ')) }).toEqual({ code: 0, stderr: '', missing: [] });
  expect(await pages[0]).toMatch(/<script type="module"[^>]*src="[^"]+\.js"/);
  expect(existsSync(/(\S+) is removed again/.exec(stdout)?.[1] ?? '/')).toBe(false);
}, 180_000);
