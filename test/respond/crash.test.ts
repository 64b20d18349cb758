import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { verifyChain } from '../../src/respond/audit-chain.ts';
import { readHead } from '../../src/respond/audit-head.ts';
import { makeFolder, opened } from '../store/support.ts';

// The executor is killed between any two arrows, twice over one data folder, and once more between any two of an undo. The receiver
// keeps a log of its own and does each id once.

const points = [
  'before ready is written', 'ready is written', 'asked: alive', 'before sending is written', 'sending is written', 'before the call (revoke)',
  'during the call (revoke)', 'after the answer (revoke)', 'before accepted is written', 'accepted is written', 'asked: dead', 'verified is written',
];
const undoPoints = ['sending (undo) is written', 'during the call (restore)', 'after the answer (restore)', 'undone (undo) is written'];

const child = join(import.meta.dirname, 'crash-child.ts');

interface Receiver { readonly url: string; deliveries(): string[]; readonly effects: string[]; readonly dead: Set<string> }

async function receive(folder: string): Promise<Receiver> {
  const log = join(folder, 'receiver.log');
  appendFileSync(log, '');
  const effects: string[] = [];
  const dead = new Set<string>();
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://receiver');
    if (pathname === '/probe') return void response.end(dead.has(searchParams.get('token')!) ? 'dead' : 'alive');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const id = request.headers['webhook-id'] as string;
      appendFileSync(log, `${id}\n`);
      const token = Buffer.concat(chunks).toString();
      if (!seen.has(id)) {
        effects.push(id);
        dead[pathname === '/revoke' ? 'add' : 'delete'](token);
      }
      seen.add(id);
      // The answer takes a while, in which the executor may die.
      setTimeout(() => response.end(), 10);
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, deliveries: () => readFileSync(log, 'utf8').split('\n').filter(Boolean), effects, dead };
}

function live(folder: string, url: string, what: string, point = ''): Promise<string> {
  const started = spawn(process.execPath, [child, folder, url, what, point], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void started.kill('SIGKILL'));
  let text = '';
  started.stderr.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  return new Promise((resolve) => { started.once('close', (code, signal) => resolve(signal ?? `${code} ${text}`.trim())); });
}

async function check(folder: string, receiver: Receiver, kills: number, expected: readonly string[]): Promise<void> {
  expect(receiver.effects.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(expected);
  const deliveries = receiver.deliveries();
  expect(new Set(deliveries)).toEqual(new Set(expected));
  expect(deliveries.length - expected.length).toBeLessThanOrEqual(kills);
  const { effects } = opened(folder, { readOnly: true });
  expect(verifyChain(effects.responses.auditRows(), readHead(folder, effects)).bad).toBe(null);
}

test.each(points)('killed at: %s', async (point) => {
  const folder = makeFolder();
  const receiver = await receive(folder);
  expect(await live(folder, receiver.url, 'a', point)).toBe('SIGKILL');
  expect(await live(folder, receiver.url, 'b', point)).toBe('SIGKILL');
  expect(await live(folder, receiver.url, 'c')).toBe('0');
  await check(folder, receiver, 2, ['a-0:revoke', 'b-0:revoke', 'c-0:revoke']);
}, 30_000);

test.each(undoPoints)('undoing, killed at: %s', async (point) => {
  const folder = makeFolder();
  const receiver = await receive(folder);
  expect(await live(folder, receiver.url, 'a')).toBe('0');
  expect(await live(folder, receiver.url, 'undo', point)).toBe('SIGKILL');
  expect(await live(folder, receiver.url, 'undo')).toBe('0');
  await check(folder, receiver, 1, ['a-0:restore', 'a-0:revoke']);
  expect(receiver.dead.size).toBe(0);
}, 30_000);
