import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { play } from './demo/play.ts';
import { takeSignals } from './signals.ts';
import { UsageError } from './usage-error.ts';

const usualPort = 7317;
/** As a shell says that somebody ended it. */
const interrupted = 130;

interface Options { readonly seed: string; readonly quietStory?: true; readonly once?: true; readonly approve?: true }

export function register(program: Command): void {
  program.command('demo')
    .description('watch a stolen token die: a real authorization server, two gateways, workloads and thieves on this machine')
    .option('--seed <number>', 'other tokens, hours, sizes, addresses and workloads', '1')
    .option('--quiet-story', 'no theft: a month end, a new gateway, a vendor that moves; nothing may alert')
    .option('--once', 'end after the stories; exit code 0 only if every step really happened')
    .option('--approve', 'let nothing be done before somebody approves it on the page')
    .action(show);
}

async function show(options: Options): Promise<void> {
  const seed = Number(options.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new UsageError(`--seed takes a whole number, not ${options.seed}`);
  const signal = untilInterrupted();
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-demo-'));
  const once = options.once === true;
  const held = await holdPort();
  let ok = false;
  try {
    ok = await play({
      seed, folder, once, signal, port: held.port, quiet: options.quietStory === true, mode: options.approve === true ? 'approve' : 'enforce',
      write: (text) => process.stdout.write(text), breathMs: 1_200, beforeStart: held.release,
    });
  } finally {
    if (ok && once) await rm(folder, { recursive: true, force: true });
    process.stdout.write(ok && once ? `  ${folder} is removed again\n` : `\n  logs, configuration and state stay in ${folder}\n`);
  }
  // What a broken-off story still waits for is nobody's business any more.
  if (signal.aborted) process.exit(interrupted);
  if (!ok) process.exitCode = 1;
}

/** Aborts at the first Ctrl-C; the second one ends the process at once. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  takeSignals(() => {
    if (controller.signal.aborted) process.exit(interrupted);
    controller.abort();
  });
  return controller.signal;
}

interface HeldPort { readonly port: number; readonly release: () => Promise<void> }

/** The usual one, so that a bookmark works; another where that is taken. Held until it is used, so that two demos at once get different ones. */
async function holdPort(): Promise<HeldPort> {
  const held = await hold(usualPort) ?? await hold(0);
  if (held === null) throw new UsageError('no port can be opened on 127.0.0.1');
  return held;
}

function hold(port: number): Promise<HeldPort | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const { port: got } = server.address() as AddressInfo;
      resolve({ port: got, release: () => new Promise((done) => { server.close(() => done()); }) });
    });
  });
}
