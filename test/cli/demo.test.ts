import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../support/source.ts';

const program = join(root, 'src/main.ts');

interface Shown { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** Runs the demo and sends it Ctrl-C as soon as it has said something. */
function interruptedAt(text: string, ...words: string[]): Promise<Shown> {
  const child = spawn(process.execPath, [program, 'demo', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr, isSent] = ['', '', false];
  child.stderr.on('data', (piece: Buffer) => { stderr += piece.toString(); });
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece.toString();
    if (isSent || !stdout.includes(text)) return;
    isSent = true;
    child.kill('SIGINT');
  });
  return new Promise((resolve) => { child.once('close', (code) => resolve({ code, stdout, stderr })); });
}

test('three at once each have a port of their own; Ctrl-C ends them in order while they read, in a story and at the end', async () => {
  const ended = await Promise.all([
    interruptedAt('live page', '--once'), interruptedAt('shows the token', '--seed', '4'), interruptedAt('It goes on living', '--seed', '5', '--quiet-story'),
  ]);
  const ports = new Set<string>();
  for (const { code, stdout, stderr } of ended) {
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(stdout).not.toContain('  NOT ');
    const folder = /stay in (\S+)\n$/.exec(stdout)?.[1] ?? '';
    expect(existsSync(join(folder, 'tokenward.log'))).toBe(true);
    rmSync(folder, { recursive: true });
    ports.add(/http:\/\/127\.0\.0\.1:(\d+)/.exec(stdout)![1]!);
  }
  expect(ports.size).toBe(3);
}, 180_000);

test('a seed that is no number is wrong usage', () => {
  const { status, stderr } = spawnSync(process.execPath, [program, 'demo', '--seed', 'one'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([2, 'tokenward: --seed takes a whole number, not one\n']);
});
