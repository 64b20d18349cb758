/**
 * The executor as a process of its own that is killed between any two of its acts, again and again over one data folder, while each life
 * begins one intent more; and the receiver of what it does, which keeps a log of its own and does each id once.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyChain } from '../../src/respond/audit-chain.ts';
import { readHead } from '../../src/respond/audit-head.ts';
import { openStore } from '../../src/store/open.ts';

/** Between a proposal that is stored and its proof. */
export const points = [
  'before ready is written', 'ready is written', 'asked: alive', 'before sending is written', 'sending is written', 'before the call (revoke)',
  'during the call (revoke)', 'after the answer (revoke)', 'before accepted is written', 'accepted is written', 'asked: dead', 'verified is written',
];
export const undoPoints = ['sending (undo) is written', 'during the call (restore)', 'after the answer (restore)', 'undone (undo) is written'];

const child = join(import.meta.dirname, 'crash-child.ts');
/** What one life compiled the next ones find. */
const compiled = mkdtempSync(join(tmpdir(), 'tokenward-compiled-'));
process.once('exit', () => rmSync(compiled, { recursive: true, force: true }));

interface Receiver {
  readonly url: string;
  /** Ids as they came, with the life of the executor that sent them. */
  readonly deliveries: { readonly id: string; readonly life: number }[];
  /** Ids as they were done. */
  readonly effects: string[];
  readonly dead: Set<string>;
  life: number;
  stop(): void;
}

/** What came of a series: everything that should be empty, false or as many as there were kills. */
export interface Outcome {
  readonly kills: number;
  readonly intents: number;
  readonly deliveries: number;
  /** Intents with no effect, and with more than one. */
  readonly missing: readonly string[];
  readonly repeated: readonly string[];
  /** Ids that nobody was to send, and ids that came more than once within one life. */
  readonly foreign: readonly string[];
  readonly resent: readonly string[];
  readonly isChainWhole: boolean;
  /** Tokens that are cut off at the end. */
  readonly dead: number;
}

/** Kills `kills` lives at the point, each of which was to revoke a token of its own, and lets a last one finish. Throws where one is not killed. */
export async function killRevoking(folder: string, point: string, kills: number): Promise<Outcome> {
  const receiver = await receive();
  const tokens = Array.from({ length: kills + 1 }, (_, place) => `token-${place}`);
  try {
    for (const token of tokens.slice(0, -1)) await end(folder, receiver, token, point, 'SIGKILL');
    await end(folder, receiver, tokens.at(-1)!, '', '0');
    return outcome(folder, receiver, kills, tokens.map((token) => `${token}-0:revoke`));
  } finally {
    receiver.stop();
  }
}

/** The same of lives that take back what was done: one token more each time. */
export async function killUndoing(folder: string, point: string, kills: number): Promise<Outcome> {
  const receiver = await receive();
  const tokens = Array.from({ length: kills }, (_, place) => `token-${place}`);
  try {
    for (const token of tokens) {
      await end(folder, receiver, token, '', '0');
      await end(folder, receiver, 'undo', point, 'SIGKILL');
    }
    await end(folder, receiver, 'undo', '', '0');
    return outcome(folder, receiver, kills, tokens.flatMap((token) => [`${token}-0:revoke`, `${token}-0:restore`]));
  } finally {
    receiver.stop();
  }
}

async function receive(): Promise<Receiver> {
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://receiver');
    if (pathname === '/probe') return void response.end(receiver.dead.has(searchParams.get('token')!) ? 'dead' : 'alive');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const id = request.headers['webhook-id'] as string;
      receiver.deliveries.push({ id, life: receiver.life });
      const token = Buffer.concat(chunks).toString();
      if (!seen.has(id)) {
        receiver.effects.push(id);
        receiver.dead[pathname === '/revoke' ? 'add' : 'delete'](token);
      }
      seen.add(id);
      // The answer takes a while, in which the executor may die.
      setTimeout(() => response.end(), 10);
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, deliveries: [], effects: [], dead: new Set(), life: 0,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return receiver;
}

/** One life, to its end, which must be the expected one. */
async function end(folder: string, receiver: Receiver, what: string, point: string, expected: string): Promise<void> {
  receiver.life++;
  const started = spawn(process.execPath, [child, folder, receiver.url, what, point], {
    stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000, env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  let text = '';
  started.stderr.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  const ended = await new Promise<string>((resolve) => { started.once('close', (code, signal) => resolve(signal ?? `${code} ${text}`.trim())); });
  if (ended !== expected) throw new Error(`life ${receiver.life} (${what}, ${point}) ended with ${ended}`);
}

async function outcome(folder: string, { deliveries, effects, dead }: Receiver, kills: number, expected: readonly string[]): Promise<Outcome> {
  const store = openStore(folder, { readOnly: true });
  try {
    return {
      kills, intents: expected.length, deliveries: deliveries.length, dead: dead.size,
      missing: expected.filter((id) => !effects.includes(id)), repeated: effects.filter((id, at) => effects.indexOf(id) !== at),
      foreign: deliveries.filter(({ id }) => !expected.includes(id)).map(({ id }) => id),
      resent: deliveries.filter((one, at) => deliveries.findIndex(({ id, life }) => id === one.id && life === one.life) !== at).map(({ id }) => id),
      isChainWhole: verifyChain(store.effects.responses.auditRows(), readHead(folder, store.effects)).bad === null,
    };
  } finally {
    await store.close();
  }
}
