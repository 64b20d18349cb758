import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { eventually } from '../../ingest/kafka/support.ts';
import { cached, isRunning } from './cache.ts';
import { startKafka } from './kafka.ts';

afterEach(() => void vi.unstubAllEnvs());

function emptyCache(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-cache-'));
  vi.stubEnv('TEST_SERVERS_CACHE', folder);
  return folder;
}

test('a folder of the cache is filled once, and has its name only when it is whole', async () => {
  const cache = emptyCache();
  let fills = 0;
  const fill = async (folder: string): Promise<void> => {
    expect(existsSync(join(cache, 'thing'))).toBe(false);
    writeFileSync(join(folder, 'file'), `${++fills}`);
  };
  const folders = await Promise.all([cached('thing', fill), cached('thing', fill), cached('thing', fill)]);
  expect(folders.map((folder) => readFileSync(join(folder, 'file'), 'utf8'))).toEqual(['1', '1', '1']);
});

test('a filling that failed leaves nothing, and the lock of a dead process is no lock', async () => {
  const cache = emptyCache();
  await expect(cached('thing', async (folder) => { writeFileSync(join(folder, 'half'), ''); throw new Error('cut off'); })).rejects.toThrow('cut off');
  const dead = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
  writeFileSync(join(cache, 'thing.lock'), `${dead}`);
  expect(existsSync(join(await cached('thing', async () => {}), 'half'))).toBe(false);
});

test('what the machine lacks is named in one line', async () => {
  emptyCache();
  vi.stubEnv('PATH', '/nowhere');
  const refusal = await startKafka().catch((error: unknown) => error as Error);
  expect(refusal).toMatchObject({ name: 'PrerequisiteError', message: 'The tests need a JDK 17 or newer (`java` was not found).' });
});

test('a server does not outlive a test run that is killed', async () => {
  const script = `
    import { ServerProcess } from ${JSON.stringify(join(import.meta.dirname, 'process.ts'))};
    const server = await ServerProcess.start({ command: 'sleep', args: ['600'], env: process.env, log: process.argv[1], isReady: () => true });
    console.log(server.pid);
    setInterval(() => {}, 1000);`;
  const log = join(mkdtempSync(join(tmpdir(), 'tokenward-outlive-')), 'log');
  const run = spawn(process.execPath, ['--input-type=module', '-e', script, log], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((resolve) => run.stdout.once('data', (text: Buffer) => resolve(Number(text))));
  expect(isRunning(pid)).toBe(true);
  run.kill('SIGKILL');
  await eventually(() => expect(isAlive(pid)).toBe(false));
});

/** A process that has ended stays listed until its new parent takes note. */
function isAlive(pid: number): boolean {
  if (!isRunning(pid)) return false;
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
