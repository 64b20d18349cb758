import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { play } from '../../../src/cli/demo/play.ts';

/** A play of one seed: whether every step really happened, and what was told. */
export async function playOnce(seed: number, quiet: boolean): Promise<{ ok: boolean; told: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-play-'));
  let told = '';
  try {
    const ok = await play({
      seed, quiet, folder, port: await freePort(), once: true, mode: 'enforce', breathMs: 100, write: (text) => { told += text; },
    });
    return { ok, told };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The lines of steps that did not happen, to be shown by a failing test. */
export function missing(told: string): string[] {
  return told.split('\n').filter((line) => line.includes('  NOT ')).map((line) => line.trim());
}
