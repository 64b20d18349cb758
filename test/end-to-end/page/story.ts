import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { play } from '../../../src/cli/demo/play.ts';
import { openBrowser, picture } from '../../support/browser.ts';
import { watchedPage, type WatchedPage } from '../../support/browser-page.ts';
import { freePorts } from '../../support/servers/process.ts';
import { missing } from '../demo/support.ts';

/** The demo as it goes on, and somebody's browser before it. */
export interface Story extends WatchedPage {
  /** API token that the demo tells the person before the page. */
  readonly token: string;
  /** Opens the page once, without a token. */
  readonly link: string;
  /** API token of a second person, once the first story has begun. */
  second(): string;
  /** The same address in a second person's browser. */
  another(): Promise<WatchedPage>;
  /** Everything that the demo has told so far. */
  told(): string;
  /** Waits for the end of the stories: the lines of what did not happen as it should. The company goes on living. */
  ended(): Promise<string[]>;
}

/** A person thinks before clicking, and this machine may be slow: how much leaves until then says nothing of the page. */
const upToThePerson = 'less than 1 % has left';
/** Whether anybody is logged in is asked before anybody can be. */
const firstQuestion = /status of 401 .*\/api\/session$/;

const tokenTold = /show this API token: (\S+)/;
const linkTold = /live page: (\S+)/;

/** Plays both stories of the demo, where nothing is done without a click, and opens the page before the first theft. */
export async function openStory(seed: number): Promise<Story> {
  const browser = await openBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-page-'));
  let told = '';
  let arrived = (): void => undefined;
  const [port] = await freePorts(1);
  const patience = new AbortController();
  let second = '';
  const playing = play({
    seed, folder, port: port!, signal: patience.signal, quiet: false, once: false, mode: 'approve', breathMs: 100,
    between: async ({ world }) => { second = world.people.second; },
    write: (text) => {
      told += text;
      arrived();
    },
  });
  onTestFinished(async () => {
    patience.abort();
    await playing;
    rmSync(folder, { recursive: true, force: true });
  });
  const until = async (what: RegExp): Promise<void> => {
    while (!what.test(told)) await new Promise<void>((resolve) => { arrived = resolve; });
  };
  const ended = async (): Promise<string[]> => {
    await until(/It goes on living/);
    return missing(told).filter((line) => !line.includes(upToThePerson));
  };
  const find = (what: RegExp): string | undefined => what.exec(told)?.[1];
  await until(tokenTold);
  const watched = await watchedPage(browser, `http://127.0.0.1:${port}/`, {}, firstQuestion);
  return {
    ...watched, token: find(tokenTold) as string, link: find(linkTold) as string, second: () => second, told: () => told, ended,
    another: () => watchedPage(browser, watched.page.url(), {}, firstQuestion),
  };
}

/** An alert of this name is in the queue. New ones are announced and wait until they are let in. */
export async function arrives(page: Page, name: string, letIn: () => Promise<void>): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    if (await page.locator('.row', { hasText: name }).count() > 0) return true;
    if (await page.getByRole('button', { name: /new alert/ }).count() > 0) await letIn();
    return false;
  };
  await expect.poll(isThere, { timeout: 60_000 }).toBe(true);
}

/** The alert that the page shows is over, as far as a page can tell: every step that may be done is proven, and the thief's calls are refused. */
export async function seesTheEnd(page: Page, steps: number): Promise<void> {
  await expect.poll(() => page.locator('.step.state-verified').count(), { timeout: 40_000 }).toBe(steps);
  await page.locator('.proof', { hasText: 'proven' }).first().waitFor();
  await page.locator('.uses .refused-count', { hasText: 'refused' }).first().waitFor({ timeout: 40_000 });
}

/** Pictures of both colour schemes, at a desk and on a phone. */
export async function keepPictures(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: picture(`${name}-${colorScheme}`) });
  }
  await page.setViewportSize({ width: 412, height: 900 });
  await page.screenshot({ path: picture(`${name}-phone`) });
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'dark' });
}
