import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';
import { beforeAll, onTestFinished } from 'vitest';
import { cached, isRoot, locked, PrerequisiteError } from './servers/cache.ts';
import { root } from './source.ts';

const run = promisify(execFile);
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const needed = 'The tests of the live page need Chromium: install Debian\'s package (`apt-get install chromium`), or name one in CHROMIUM_PATH.';

/** How a Chromium is started; `env` is more than this process has. */
interface Program { readonly path: string; readonly env: Readonly<Record<string, string>> }

let program: Program;

// For whoever imports this file: what has to be fetched or built may take minutes, and no test's time.
beforeAll(async () => {
  program = await findChromium() ?? await fetchChromium();
  await buildPage();
}, 15 * 60_000);

/** A headless Chromium, closed with the test. */
export async function openBrowser(): Promise<Browser> {
  const { path, env } = program;
  const browser = await chromium.launch({
    executablePath: path, headless: true, env: { ...process.env as Record<string, string>, ...env },
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
  onTestFinished(() => browser.close());
  return browser;
}

/** The one of `CHROMIUM_PATH`, else the first on the path; `null` where the machine has none. */
export async function findChromium(): Promise<Program | null> {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && !existsSync(named)) throw new PrerequisiteError(`CHROMIUM_PATH names ${named}, where there is nothing.`);
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const path = named ?? names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
  return path === undefined ? null : { path, env: {} };
}

/** Root installs Debian's package. Others unpack it, with what it needs, into the tests' cache, and run it from there. */
async function fetchChromium(): Promise<Program> {
  try {
    if (!isRoot()) return await unpacked();
    await locked('chromium', async () => {
      if (await findChromium() !== null) return;
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      await run('apt-get', ['update', '-q'], { env, maxBuffer: 1 << 26 });
      await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { env, maxBuffer: 1 << 26 });
    });
    const found = await findChromium();
    if (found !== null) return found;
  } catch (error) {
    throw new PrerequisiteError(needed, { cause: error });
  }
  throw new PrerequisiteError(needed);
}

async function unpacked(): Promise<Program> {
  const folder = await cached('chromium', async (target) => {
    const { stdout } = await run('apt-get', ['install', '--simulate', '--no-install-recommends', 'chromium'], { maxBuffer: 1 << 26 });
    const packages = [...stdout.matchAll(/^Inst (\S+) \((\S+)/gm)].map(([, name, version]) => `${name}=${version}`);
    await run('apt-get', ['download', ...packages], { cwd: target, maxBuffer: 1 << 26 });
    for (const file of readdirSync(target).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg-deb', ['-x', join(target, file), target]);
      rmSync(join(target, file));
    }
  });
  const fonts = join(folder, 'fonts.conf');
  writeFileSync(fonts, `<fontconfig><dir>${join(folder, 'usr/share/fonts')}</dir><dir>/usr/share/fonts</dir><cachedir>${join(folder, 'font-cache')}</cachedir></fontconfig>\n`);
  const architecture = (await run('dpkg-architecture', ['-qDEB_HOST_MULTIARCH']).catch(() => ({ stdout: 'x86_64-linux-gnu' }))).stdout.trim();
  const libraries = [join(folder, 'usr/lib', architecture), join(folder, 'lib', architecture)].join(':');
  return { path: join(folder, 'usr/lib/chromium/chromium'), env: { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: fonts } };
}

const page = join(root, 'dashboards', 'live');
/** Folder of the built page, as its sources are now. */
export const builtPage = join(page, 'dist');

async function buildPage(): Promise<void> {
  await locked('page', async () => {
    const index = join(builtPage, 'index.html');
    if (existsSync(index) && statSync(index).mtimeMs > newestSource()) return;
    const { NODE_ENV: _, ...env } = process.env;
    await run('npm', ['run', '-s', 'page'], { cwd: root, env });
  });
}

function newestSource(): number {
  const sources = ['src', 'public'].flatMap((folder) => readdirSync(join(page, folder), { recursive: true }).map((name) => join(page, folder, String(name))));
  return Math.max(...[...sources, join(page, 'index.html'), join(page, 'vite.config.ts')].map((file) => statSync(file).mtimeMs));
}

/** Where a test keeps a picture, to be looked at afterwards. */
export function picture(name: string): string {
  const folder = join(root, 'test', 'artefacts');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.png`);
}
