import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { makeEstate } from '../../../src/cli/demo/world/estate.ts';
import { unreachable } from '../../support/browser-page.ts';
import { findsAnswers } from './answers.ts';
import { arrives, keepPictures, openStory, seesTheEnd, type Story } from './story.ts';

test('by mouse alone: from the first alert to the proof', async () => {
  const { page, problems, link, ended, ...story } = await openStory(1);
  expect(await unreachable(page)).toEqual([]);
  await keepPictures(page, 'login');
  await page.goto(link);

  const row = page.locator('.row', { hasText: 'shipping-rates' }).first();
  await row.waitFor({ timeout: 60_000 });
  await row.click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await page.locator('.why').innerText()).toMatch(/Usual/);
  for (const name of ['Pin the token', 'Deny the token', 'Revoke the token']) await approve(page, name);
  await seesTheEnd(page, 3);
  expect(await unreachable(page)).toEqual([]);
  await keepPictures(page, 'story-one');

  await arrives(page, 'nightly-batch', () => page.getByRole('button', { name: /new alert/ }).click());
  await page.locator('.row', { hasText: 'nightly-batch' }).first().click();
  await page.locator('h1').waitFor();
  await approve(page, 'Pin the token');
  expect(await page.locator('.step.refused', { hasText: 'would break others' }).count()).toBe(2);
  await seesTheEnd(page, 1);
  await keepPictures(page, 'story-two');
  expect(await ended()).toEqual([]);

  await page.locator('.row', { hasText: 'shipping-rates' }).first().click();
  await findsAnswers(page, 1, story.told);
  await takeBack(page, story);
  await page.locator('.facts-grid').getByRole('link', { name: makeEstate(1, Date.now()).own[0]!.clientId, exact: true }).click();
  await page.locator('.life svg').waitFor();
  expect(await page.getByRole('region', { name: 'tokens' }).locator('tbody tr').count()).toBeGreaterThan(1);
  expect(await unreachable(page)).toEqual([]);
  await keepPictures(page, 'identity');
  expect(problems).toEqual([]);
}, 240_000);

/** One person proposes, another agrees; neither can do it alone. */
async function takeBack(page: Page, story: Pick<Story, 'another' | 'second'>): Promise<void> {
  const step = (where: Page) => where.locator('.step', { hasText: 'Deny the token' });
  await step(page).getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Propose' }).click();
  await step(page).getByText('another person decides').waitFor();
  expect(await step(page).getByRole('button').allInnerTexts()).toEqual(['Keep it']);
  const { page: theirs, problems } = await story.another();
  await theirs.getByLabel('Your API token').fill(story.second());
  await theirs.getByRole('button', { name: 'Open the desk' }).click();
  await step(theirs).getByRole('button', { name: 'Take back' }).click();
  await theirs.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
  await page.locator('.step.state-undone', { hasText: 'Deny the token' }).waitFor();
  expect(problems).toEqual([]);
}

async function approve(page: Page, name: string): Promise<void> {
  const step = page.locator('.step', { hasText: name }).filter({ has: page.getByRole('button', { name: 'Approve' }) });
  await step.getByRole('button', { name: 'Approve' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.innerText()).toContain(`${name}`);
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await dialog.waitFor({ state: 'detached' });
}
