import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { play } from '../../../src/cli/demo/play.ts';
import { freePorts } from '../../support/servers/process.ts';

/** A play of one seed: whether every step really happened, and what was told. */
export async function playOnce(seed: number, quiet: boolean): Promise<{ ok: boolean; told: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-play-'));
  let told = '';
  const [port] = await freePorts(1);
  try {
    const ok = await play({
      seed, quiet, folder, port: port!, once: true, mode: 'enforce', breathMs: 100, write: (text) => { told += text; },
    });
    return { ok, told };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lines of steps that did not happen, to be shown by a failing test. */
export function missing(told: string): string[] {
  return told.split('\n').filter((line) => line.includes('  NOT ')).map((line) => line.trim());
}
