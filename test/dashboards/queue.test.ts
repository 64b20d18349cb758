import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { unreachable } from '../support/browser-page.ts';
import { picture } from '../support/browser.ts';
import { eventAt, openDesk, scrollTo, store } from './support.ts';

const many = 10_000;
const severities = [21, 47, 73, 99];

function named(place: number) {
  const name = `workload-${place}`;
  return { severity: severities[place % 4]!, riskScore: place % 100, bytesOut: place, first: eventAt(1000 * place, { identityId: name, identityName: name }) };
}

const names = (page: Page): Promise<string[]> => page.locator('.row strong').allInnerTexts();

test('ten thousand alerts are filtered, sorted and paged by the server; only rows that are seen exist', async () => {
  const { page, problems } = await openDesk((life) => store(life, many, named));
  await page.getByText('200 of 10,000 alerts loaded').waitFor();
  expect((await names(page))[0]).toBe('workload-9999');
  expect(await page.locator('.row').count()).toBeLessThan(40);

  await page.locator('.rows').evaluate(scrollTo, 1e6);
  await page.getByText('700 of 10,000 alerts loaded').waitFor();
  await expect.poll(() => names(page)).toContain('workload-9203');
  expect(await page.locator('.row').count()).toBeLessThan(40);
  await page.screenshot({ path: picture('queue-dark') });

  await page.getByLabel('order').selectOption('newest first');
  await expect.poll(() => names(page)).toContain('workload-9998');
  await page.getByLabel('search').fill('workload-77');
  await page.getByText(/^111 alerts/).waitFor();
  await page.getByLabel('severity').selectOption('critical');
  await page.getByText(/^28 alerts/).waitFor();
  await page.getByLabel('group').selectOption('by token');
  await page.getByText(/^1 tokens?/).waitFor();
  await page.locator('.row', { hasText: 'and 27 more' }).waitFor();
  await page.getByLabel('group').selectOption('each alert');
  await page.getByText(/^28 alerts/).waitFor();
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByLabel('Name').fill('the sevens');
  await page.keyboard.press('Enter');
  expect(page.url()).toContain('sort=newest&text=workload-77&severity=99');
  await page.getByLabel('search').fill('');
  await page.getByRole('button', { name: 'the sevens', exact: true }).click();
  await page.getByText(/^28 alerts/).waitFor();
  expect(await unreachable(page)).toEqual([]);
  expect(problems).toEqual([]);
});

test('the address alone brings back filter and alert; rows are reached by keys', async () => {
  const { page, problems } = await openDesk((life) => store(life, 300, named), '#/alerts/alert-42?status=all&text=workload-4&sort=newest');
  await page.locator('.row.selected', { hasText: 'workload-42' }).waitFor();
  await page.locator('h1').waitFor();
  expect(await page.getByLabel('search').inputValue()).toBe('workload-4');
  await page.keyboard.press('k');
  await page.locator('.row.selected', { hasText: 'workload-43' }).waitFor();
  expect(page.url()).toContain('#/alerts/alert-43?');
  await page.keyboard.press('3');
  await page.getByRole('heading', { name: 'Tokens' }).waitFor();
  await page.goBack();
  await page.locator('.row.selected', { hasText: 'workload-43' }).waitFor();
  expect(problems).toEqual([]);
});

test('new alerts are announced and wait; rows change where they stand', async () => {
  const { page, problems, ...life } = await openDesk((empty) => store(empty, 20, named));
  await page.getByText(/^20 alerts/).waitFor();
  await page.locator('.connection-live').waitFor();
  const before = await names(page);
  store(life, 3, (place) => ({ ...named(place), severity: 99 }), 'newer');
  await page.getByRole('button', { name: '3 new alerts' }).waitFor();
  expect(await names(page)).toEqual(before);

  store(life, 20, (place) => ({ ...named(place), version: 2, ...(place === 19 ? { status: 'acknowledged' as const } : {}) }));
  await page.locator('#row-alert-19', { hasText: 'acknowledged' }).waitFor();
  expect(await names(page)).toEqual(before);
  await page.keyboard.press('n');
  await page.getByText(/^22 alerts/).waitFor();
  expect(await page.locator('#row-alert-19').count()).toBe(0);
  expect(await page.locator('#row-newer-0').count()).toBe(1);
  expect(problems).toEqual([]);
});

test('a thousand alerts a second leave it usable', async () => {
  const { page, problems, ...life } = await openDesk((empty) => store(empty, 50, named));
  await page.locator('.connection-live').waitFor();
  for (let second = 0; second < 5; second++) {
    for (let part = 0; part < 10; part++) {
      store(life, 100, named, `flood-${second}-${part}`);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
    await page.keyboard.press('j');
  }
  await page.getByRole('button', { name: '5,000 new alerts' }).waitFor();
  expect(await page.locator('.row.selected').count()).toBe(1);
  await page.keyboard.press('n');
  await page.getByText('200 of 5,050 alerts loaded').waitFor();
  expect(problems).toEqual([]);
});
