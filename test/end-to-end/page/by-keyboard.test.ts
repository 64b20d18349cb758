import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { makeEstate } from '../../../src/cli/demo/world/estate.ts';
import { findsAnswers } from './answers.ts';
import { arrives, keepPictures, openStory, seesTheEnd } from './story.ts';

test('by keyboard alone: from the first alert to the proof', async () => {
  const { page, problems, token, ended, told } = await openStory(2);
  await page.keyboard.press('Tab');
  await page.keyboard.type(token);
  await page.keyboard.press('Enter');

  await page.locator('.row').first().waitFor({ timeout: 60_000 });
  await page.keyboard.press('?');
  await page.locator('.help').waitFor();
  await keepPictures(page, 'keys');
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.locator('h1').waitFor();
  await approveAll(page, 3);
  await seesTheEnd(page, 3);
  await keepPictures(page, 'by-keyboard');

  await arrives(page, 'nightly-batch', () => page.keyboard.press('n'));
  await walkTo(page, 'nightly-batch');
  await approveAll(page, 1);
  await seesTheEnd(page, 1);
  expect(await ended()).toEqual([]);

  for (let up = 0; up < 10; up++) await page.keyboard.press('k');
  await walkTo(page, makeEstate(2, Date.now()).own[0]!.clientId);
  await findsAnswers(page, 2, told);
  await page.keyboard.press('m');
  await page.locator('.detail header', { hasText: 'looked after by rosa' }).waitFor();
  await page.keyboard.press('w');
  await page.keyboard.type('The owner works with a new token.');
  await page.keyboard.press('Enter');
  await page.locator('.notes li', { hasText: 'The owner works with a new token.' }).waitFor();
  await page.keyboard.press('Escape');
  expect(problems).toEqual([]);
}, 240_000);

/** The key opens the question with the harmless answer in focus; the next one is the approval. */
async function approveAll(page: Page, steps: number): Promise<void> {
  for (let left = steps; left > 0; left--) {
    const waiting = page.locator('.step').filter({ has: page.getByRole('button', { name: 'Approve' }) });
    await expect.poll(() => waiting.count(), { timeout: 20_000 }).toBe(left);
    await page.keyboard.press('a');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
}

async function walkTo(page: Page, name: string): Promise<void> {
  for (const key of ['k', 'k', 'k', 'k', 'k', 'j', 'j', 'j', 'j', 'j']) {
    await page.keyboard.press(key);
    await page.locator('.detail h1').waitFor();
    if ((await page.locator('.row.selected').innerText()).includes(name)) return;
  }
}
