import { mkdtemp } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { play, type Play } from './demo/play.ts';
import { UsageError } from './usage-error.ts';

const usualPort = 7317;

interface Options { readonly seed: string; readonly quietStory?: true; readonly once?: true; readonly approve?: true }

export function register(program: Command): void {
  program.command('demo')
    .description('watch a stolen token die: a real authorization server, two gateways, workloads and thieves on this machine')
    .option('--seed <number>', 'other tokens, hours, sizes, addresses and workloads', '1')
    .option('--quiet-story', 'no theft: a month end, a new gateway, a vendor that moves; nothing may alert')
    .option('--once', 'end after the stories; exit code 0 only if every step really happened')
    .option('--approve', 'let nothing be done before somebody approves it on the page')
    .action(async (options: Options) => {
      const seed = Number(options.seed);
      if (!Number.isInteger(seed) || seed < 0) throw new UsageError(`--seed takes a whole number, not ${options.seed}`);
      const settings: Play = {
        seed, folder: await mkdtemp(join(tmpdir(), 'tokenward-demo-')), port: await freePort(),
        quiet: options.quietStory === true, once: options.once === true, mode: options.approve === true ? 'approve' : 'enforce',
        write: (text) => process.stdout.write(text), breathMs: 1_200,
      };
      if (!await play(settings)) process.exitCode = 1;
    });
}

/** The usual one, so that a bookmark works; another where that is taken. */
async function freePort(): Promise<number> {
  return await tryPort(usualPort) ?? await tryPort(0) ?? usualPort;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const { port: got } = server.address() as AddressInfo;
      server.close(() => resolve(got));
    });
  });
}
