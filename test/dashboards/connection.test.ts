import { expect, test } from 'vitest';
import { temporaryFolder } from '../end-to-end/support.ts';
import { tokenOf } from '../server/live-support.ts';
import { liveLife, type LiveLife } from '../service/live-support.ts';
import { builtPage, openBrowser, picture } from '../support/browser.ts';
import { watchedPage } from '../support/browser-page.ts';
import { eventAt, open, store } from './support.ts';
import type { LiveOptions } from '../../src/server/live.ts';

const whileDown = /Failed to load resource|ERR_CONNECTION|WebSocket connection/;

function named(place: number) {
  return { first: eventAt(1000 * place, { identityName: `workload-${place}`, identityId: `workload-${place}` }) };
}

/** A service that ends and comes back on the same port and store, with what happened meanwhile. */
async function restart(life: LiveLife, folder: string, live: Partial<LiveOptions>, meanwhile: (life: LiveLife) => void): Promise<LiveLife> {
  const port = life.server.port;
  await life.end();
  const between = await liveLife(folder);
  meanwhile(between);
  await between.end();
  return liveLife(folder, port, live);
}

test('a page whose server goes away says so, and goes on without a gap when it is back', async () => {
  const live = { pageDir: builtPage, ...open };
  const folder = temporaryFolder();
  const first = await liveLife(folder, 0, live);
  store(first, 5, named);
  const { page, problems } = await watchedPage(await openBrowser(), `${first.url}/`, {}, whileDown);
  await page.getByText(/^5 alerts/).waitFor();
  await page.locator('.connection-live').waitFor();
  const back = restart(first, folder, live, (life) => store(life, 4, named, 'meanwhile'));
  await page.getByText('connection lost').waitFor();
  await page.screenshot({ path: picture('connection-lost') });
  const second = await back;
  await page.locator('.connection-live').waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: '4 new alerts' }).waitFor();
  store(second, 2, named, 'after');
  await page.getByRole('button', { name: '6 new alerts' }).click();
  await page.getByText(/^11 alerts/).waitFor();
  expect(problems).toEqual([]);
});

test('a session that a restart has ended asks for the token again, where it was left', async () => {
  const live = { pageDir: builtPage };
  const folder = temporaryFolder();
  const first = await liveLife(folder, 0, live);
  store(first, 5, named);
  const { page, problems } = await watchedPage(await openBrowser(), `${first.url}/#/alerts/alert-3`, {}, whileDown);
  await page.getByLabel('Your API token').fill(tokenOf('analyst'));
  await page.keyboard.press('Enter');
  await page.locator('.row.selected', { hasText: 'workload-3' }).waitFor();
  await page.locator('.connection-live').waitFor();
  await restart(first, folder, live, (life) => store(life, 4, named, 'meanwhile'));
  await page.getByText('The session is over').waitFor({ timeout: 30_000 });
  await page.getByLabel('Your API token').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('No account has this token').waitFor();
  await page.getByLabel('Your API token').fill(tokenOf('analyst'));
  await page.keyboard.press('Enter');
  await page.locator('.row.selected', { hasText: 'workload-3' }).waitFor();
  await page.getByText(/^9 alerts/).waitFor();
  await page.locator('.connection-live').waitFor();
  expect(problems).toEqual([]);
});
