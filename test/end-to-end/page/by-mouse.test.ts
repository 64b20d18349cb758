import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { unreachable } from '../../support/browser-page.ts';
import { arrives, keepPictures, openStory, seesTheEnd } from './story.ts';

test('by mouse alone: from the first alert to the proof', async () => {
  const { page, problems, token, ended } = await openStory(1);
  expect(await unreachable(page)).toEqual([]);
  await keepPictures(page, 'login');
  // As from the clipboard.
  await page.getByLabel('Your API token').fill(token);
  await page.getByRole('button', { name: 'Open the desk' }).click();

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
  expect(await ended).toEqual([]);
  expect(problems).toEqual([]);
}, 240_000);

async function approve(page: Page, name: string): Promise<void> {
  const step = page.locator('.step', { hasText: name }).filter({ has: page.getByRole('button', { name: 'Approve' }) });
  await step.getByRole('button', { name: 'Approve' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.innerText()).toContain(`${name}`);
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await dialog.waitFor({ state: 'detached' });
}
