import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environment, temporaryFolder } from '../end-to-end/support.ts';
import { companyWithThefts, fileOf } from '../support/logs/thefts.ts';
import { root } from '../support/source.ts';

// Without a data folder the state stands in a temporary one. It once stayed behind when the run was ended early.
const work = temporaryFolder();
const log = join(work, 'cloud.ndjson');
writeFileSync(log, fileOf(companyWithThefts({ seed: 2, services: 4, days: 30, callsADay: 60, thefts: 0, stolenCalls: 1 }).cloud));
const program = join(root, 'src/main.ts');

function temporary(name: string): { readonly folder: string; readonly env: NodeJS.ProcessEnv } {
  const folder = join(work, name);
  mkdirSync(folder);
  return { folder, env: { ...environment, TMPDIR: folder } };
}

test('nothing stays behind when the reader goes away', () => {
  const { folder, env } = temporary('pipe');
  spawnSync('bash', ['-c', '"$0" "$1" replay --events - --alerts /dev/null "$2" | head -n 1', process.execPath, program, log], { cwd: work, env });
  expect(readdirSync(folder)).toEqual([]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('nothing stays behind after %s', async (signal) => {
  const { folder, env } = temporary(signal);
  // Standard input that never ends: the run waits for it, its store is open.
  const child = spawn(process.execPath, [program, 'replay', log, '-'], { cwd: work, env, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => { child.once('close', (code, by) => resolve(by ?? code)); });
  while (!readdirSync(folder).some((name) => readdirSync(join(folder, name)).includes('state.db'))) await new Promise((resolve) => { setTimeout(resolve, 10); });
  child.kill(signal);
  expect([signal, 128 + (signal === 'SIGINT' ? 2 : 15)]).toContain(await ended);
  expect(readdirSync(folder)).toEqual([]);
});
