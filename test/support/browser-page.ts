import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Tells of what the policy stopped; scripts of the hostile texts would set `ran`. */
const listening = `addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI));`;

export interface WatchedPage {
  readonly page: Page;
  /** Errors in the console, uncaught exceptions, reports of the content policy, dialogs of the browser, requests to other hosts. */
  readonly problems: string[];
}

/** Opens a page at an address and writes down whatever must not happen there. `expected`: texts of the console that are no problem here. */
export async function watchedPage(browser: Browser, url: string, options: BrowserContextOptions = {}, expected: RegExp | null = null): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  const { host } = new URL(url);
  page.on('console', (message) => {
    const text = `${message.text()} ${message.location().url}`;
    if (['error', 'warning'].includes(message.type()) && expected?.test(text) !== true) problems.push(`console: ${text}`);
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.host !== host && asked.protocol !== 'data:') problems.push(`request: ${request.url()}`);
  });
  await page.addInitScript(listening);
  await page.goto(url);
  return { page, problems };
}

/** What axe finds wrong, a line for each element, in both colour schemes. */
export async function unreachable(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(axeSource);
    const violations = await page.evaluate('axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)') as Violation[];
    for (const { id, help, nodes } of violations) for (const { target, failureSummary } of nodes) found.push(`${colorScheme} ${id}: ${help} at ${target.join(' ')}: ${failureSummary ?? ''}`);
  }
  return found;
}

interface Violation { readonly id: string; readonly help: string; readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[] }
