import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';
import { beforeAll, onTestFinished } from 'vitest';
import { locked, PrerequisiteError } from './servers/cache.ts';
import { debianProgram, type Program } from './servers/debian.ts';
import { root } from './source.ts';

const run = promisify(execFile);
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const needed = 'The tests of the live page need Chromium: install Debian\'s package (`apt-get install chromium`), or name one in CHROMIUM_PATH.';

let program: Program;

// For whoever imports this file: what has to be fetched or built may take minutes, and no test's time.
beforeAll(async () => {
  program = await findChromium();
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

/** The one of `CHROMIUM_PATH`, else the machine's; root installs Debian's package, others run it from the tests' cache. */
async function findChromium(): Promise<Program> {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && !existsSync(named)) throw new PrerequisiteError(`CHROMIUM_PATH names ${named}, where there is nothing.`);
  if (named !== undefined) return { path: named, env: {}, folder: null };
  const found = await debianProgram({ package: 'chromium', names, inside: 'usr/lib/chromium/chromium', needed });
  if (found.folder === null) return found;
  const fonts = join(found.folder, 'fonts.conf');
  const own = join(found.folder, 'usr/share/fonts');
  writeFileSync(fonts, `<fontconfig><dir>${own}</dir><dir>/usr/share/fonts</dir><cachedir>${join(found.folder, 'font-cache')}</cachedir></fontconfig>\n`);
  return { ...found, env: { ...found.env, FONTCONFIG_FILE: fonts } };
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
