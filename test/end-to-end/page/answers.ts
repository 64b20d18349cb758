import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { makeEstate } from '../../../src/cli/demo/world/estate.ts';

const rows = (page: Page, name: string) => page.locator('.facts-grid dl > div', { has: page.locator('dt', { hasText: new RegExp(`^${name}`) }) }).locator('dd');

/** `105 MB` and `105.0 MB` are the same. */
function amount(text: string): [number, string | undefined] {
  return [parseFloat(text), /\wB/.exec(text)?.[0]];
}

const powers: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

function bytesOf(text: string): number {
  const [value, unit] = amount(text);
  return value * (powers[unit ?? 'B'] ?? 1);
}

/** Issued so long ago: `18 months ago`, of older ones `2.3 years ago`. */
function monthsOf(text: string): number {
  const [, value = 'NaN', unit] = /issued .*?([\d.]+) (months|years) ago/s.exec(text) ?? [];
  return Number(value) * (unit === 'years' ? 12 : 1);
}

/** What somebody who is woken at night must find on the page, held against what really was. */
export async function findsAnswers(page: Page, seed: number, told: () => string): Promise<void> {
  const estate = makeEstate(seed, Date.now());
  const [victim] = estate.own;
  const [thief] = estate.thieves;
  const detail = page.locator('.detail');
  const left = / {2}([\d.]+ \wB) of .* have left/.exec(told())?.[1] ?? 'not told yet';
  await expect.poll(async () => amount(await rows(page, 'left so far').innerText()), { message: 'how much', timeout: 20_000 }).toEqual(amount(left));
  expect(await rows(page, 'identity').innerText(), 'whose').toContain(victim!.clientId);
  expect(await rows(page, 'workload').innerText(), 'what runs with it').toContain(victim!.spiffeId);
  expect(Math.abs(monthsOf(await rows(page, 'token').first().innerText()) - estate.oldTokenMonths), 'since when').toBeLessThanOrEqual(1);
  expect(await rows(page, 'network').innerText(), 'from where').toContain(thief.address.replace(/\d+$/, '0/24'));
  expect(await rows(page, 'touched').innerText(), 'which objects').toContain('staging.shop.example/v1/export');
  const taken = detail.locator('.touched tr.suspect').filter({ hasNotText: 'the same requests' });
  await expect.poll(async () => (await taken.locator('td:nth-child(5)').allInnerTexts()).map(bytesOf).reduce((sum, one) => sum + one, 0) / bytesOf(left), {
    message: 'the objects account for all that has left', timeout: 20_000,
  }).toBeCloseTo(1, 1);
  for (const line of await taken.locator('th').allInnerTexts()) expect(line, 'which objects exactly').toContain('staging.shop.example/v1/export');
  expect(await detail.locator('.minted').innerText(), 'minted what').toContain('Nothing');
  const users = await detail.locator('.plan tbody tr').allInnerTexts();
  expect(users.filter((line) => !line.includes('supposed thief')), 'what breaks').toEqual([expect.stringContaining(victim!.spiffeId)]);
  const steps = (await detail.locator('.step').allInnerTexts()).join('\n');
  expect(steps, 'who approved').toContain('approved by rosa');
  expect(steps, 'is it dead, and what proves it').toMatch(/seen alive [\d:]+\s*sent [\d:]+\s*accepted [\d:]+\s*proven [\d:]+/);
  expect(steps, 'can it be undone').toContain('can be taken back');
  expect(await detail.locator('.uses tr', { hasText: thief.address }).innerText(), 'does he still get in').toMatch(/refused$/);
  expect(await detail.locator('.next').innerText(), 'what now').toContain('close it as theft');
}
