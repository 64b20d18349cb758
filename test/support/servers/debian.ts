import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cached, isRoot, locked, PrerequisiteError } from './cache.ts';

const run = promisify(execFile);
const limits = { maxBuffer: 1 << 26 };

/** How a program is started; `env` is more than this process has. `folder`: where its package was unpacked, `null` where it is installed. */
export interface Program { readonly path: string; readonly env: Readonly<Record<string, string>>; readonly folder: string | null }

export interface Wanted {
  /** Debian's name of it. */
  readonly package: string;
  readonly names: readonly string[];
  /** Where the package has the program, without the first slash. */
  readonly inside: string;
  /** One line that says what the tests need. */
  readonly needed: string;
  /** Installing it would start a service or leave something else behind: root unpacks it as well, whatever is installed. */
  readonly onlyUnpacked?: boolean;
}

/** The first on the path, else out of Debian's package: root installs it, others unpack it with what it needs into the tests' cache. */
export async function debianProgram(wanted: Wanted): Promise<Program> {
  const found = wanted.onlyUnpacked === true ? null : onPath(wanted.names);
  if (found !== null) return found;
  try {
    if (!isRoot() || wanted.onlyUnpacked === true) return await unpacked(wanted);
    await locked('apt', async () => {
      if (onPath(wanted.names) !== null) return;
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      await run('apt-get', ['update', '-q'], { env, ...limits });
      await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', wanted.package], { env, ...limits });
    });
  } catch (error) {
    const other = wanted.onlyUnpacked === true ? onPath(wanted.names) : null;
    if (other !== null) return other;
    throw new PrerequisiteError(wanted.needed, { cause: error });
  }
  const installed = onPath(wanted.names);
  if (installed === null) throw new PrerequisiteError(wanted.needed);
  return installed;
}

export function onPath(names: readonly string[]): Program | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const path = names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
  return path === undefined ? null : { path, env: {}, folder: null };
}

async function unpacked({ package: name, names, inside }: Wanted): Promise<Program> {
  const folder = await cached(name, async (target) => {
    // Others have no right to it, and live with the lists that are there.
    if (isRoot()) await locked('apt', async () => void await run('apt-get', ['update', '-q'], limits));
    const { stdout } = await run('apt-get', ['install', '--simulate', '--no-install-recommends', name], limits);
    const packages = [...stdout.matchAll(/^Inst (\S+) \((\S+)/gm)].map(([, one, version]) => `${one}=${version}`);
    // All of it is installed: nothing to unpack.
    if (packages.length === 0) throw new Error(`${name} is installed already`);
    await run('apt-get', ['download', ...packages], { cwd: target, ...limits });
    for (const file of readdirSync(target).filter((one) => one.endsWith('.deb'))) {
      await run('dpkg-deb', ['-x', join(target, file), target]);
      rmSync(join(target, file));
    }
  });
  const architecture = (await run('dpkg-architecture', ['-qDEB_HOST_MULTIARCH']).catch(() => ({ stdout: 'x86_64-linux-gnu' }))).stdout.trim();
  const libraries = [join(folder, 'usr/lib', architecture), join(folder, 'lib', architecture)].join(':');
  const own = join(folder, inside);
  return { path: existsSync(own) ? own : onPath(names)?.path ?? own, env: { LD_LIBRARY_PATH: libraries }, folder };
}
