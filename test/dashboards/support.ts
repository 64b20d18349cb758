import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Alert } from '../../src/model/alert.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { LiveOptions } from '../../src/server/live.ts';
import { temporaryFolder } from '../end-to-end/support.ts';
import { liveLife, type LiveLife } from '../service/live-support.ts';
import { alertOf, batchOf, incidentOf } from '../store/alerts.ts';
import { builtPage, openBrowser, picture } from '../support/browser.ts';
import { unreachable, watchedPage, type WatchedPage } from '../support/browser-page.ts';

/** Nobody need log in: everybody is a viewer. */
export const open: Partial<LiveOptions> = { accounts: null };

export interface Desk extends WatchedPage, LiveLife {}

/** Whether anybody is logged in is asked before anybody can be. */
const firstQuestion = /status of 401 .*\/api\/session$/;

/** The page in a browser, before a service with a real store. `fill` is done before it is opened. */
export async function openDesk(fill: (life: LiveLife) => void, path = '', live: Partial<LiveOptions> = open, expected = firstQuestion): Promise<Desk> {
  const life = await liveLife(temporaryFolder(), 0, { pageDir: builtPage, ...live });
  fill(life);
  return watchDesk(life, path, expected);
}

/** The same before a service that is there already. */
export async function watchDesk(life: LiveLife, path = '', expected = firstQuestion): Promise<Desk> {
  const browser = await openBrowser();
  return { ...life, ...await watchedPage(browser, `${life.url}/${path}`, {}, expected) };
}

export function eventAt(timeMs: number, part: Partial<TokenEvent> = {}): TokenEvent {
  return { ...emptyEvent('ecs', timeMs), id: `event-${timeMs}`, ...part };
}

/** Alerts of one incident each, a second apart, the newest last; what `of` gives of each. */
export function store({ assembly }: LiveLife, count: number, of: (place: number) => Partial<Alert>, prefix = 'alert'): void {
  const alerts = Array.from({ length: count }, (_, place) => alertOf(`${prefix}-${place}`, 1, {
    incidentId: `incident-${prefix}-${place}`, startMs: 1000 * place, endMs: 1000 * place, createdMs: 1000 * place, ...of(place),
  }));
  const incidents = alerts.map(({ id, incidentId, startMs, first: { identityId } }) => (
    { ...incidentOf(incidentId, 1, startMs), alertIds: [id], identityIds: identityId === null ? [] : [identityId] }));
  assembly.store.effects.commit(batchOf({ alerts, incidents }));
}

/** Nothing that axe finds, nothing wider than a phone; pictures of both widths and colour schemes, so tall. */
export async function look(page: Page, name: string, tall = 900): Promise<void> {
  expect([name, await unreachable(page)]).toEqual([name, []]);
  await page.setViewportSize({ width: 1440, height: tall });
  await page.screenshot({ path: picture(`view-${name}`) });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.screenshot({ path: picture(`view-${name}-light`) });
  await page.setViewportSize({ width: 412, height: tall });
  expect([name, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([name, 412]);
  await page.screenshot({ path: picture(`view-${name}-phone`) });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** Runs in the page. */
export function scrollTo(box: { scrollTop: number }, top: number): void {
  box.scrollTop = top;
}
