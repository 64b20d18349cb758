import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Alert } from '../../src/model/alert.ts';
import type { RecordedUse } from '../../src/model/recorded.ts';
import { batchOf } from '../store/alerts.ts';
import { proposalOf, type LiveLife } from '../service/live-support.ts';
import { root } from '../support/source.ts';
import { eventAt, openDesk, scrollTo, store } from './support.ts';

const own = join(root, 'test/data/hostile');
const larger = join(root, '../shared/data/hostile');
/** The bar goes through every list and opens every alert. */
const isLong = process.env['TOKENWARD_BAR'] === 'long';
const some = [
  'fuzzdb/XSSPolyglot.txt', 'fuzzdb/xss-rsnake.txt', 'fuzzdb/xss-uri.txt', 'fuzzdb/html-event-attributes.txt', 'payloads-all-the-things/intruders-xss.txt',
  'payloads-all-the-things/mario-xss-vectors.txt', 'payloads-all-the-things/xss-alert-identifiable.txt', 'payloads-all-the-things/xss-polyglots.txt', 'naughty-strings/blns.txt',
];
const folders = ['fuzzdb', 'naughty-strings', 'payloads-all-the-things'];
const largerLists = !isLong || !existsSync(larger) ? some
  : folders.flatMap((folder) => readdirSync(join(larger, folder)).filter((name) => name.endsWith('.txt')).map((name) => join(folder, name)));
const lines = (file: string): string[] => readFileSync(file, 'utf8').split('\n').filter((line) => line.trim() !== '');
const texts = [...lines(join(own, 'markup.txt')), ...JSON.parse(readFileSync(join(own, 'texts.json'), 'utf8')) as string[]];

/** Every field of alerts, steps and events that a log can fill, filled from the list, so that each text stands in some of them. */
function fill(list: readonly string[]): (life: LiveLife) => void {
  const text = (place: number): string => list[place % list.length]!;
  const alertWith = (place: number): Partial<Alert> => {
    const at = (field: number): string => text(13 * place + field);
    const network = { networkBlock: '192.0.2.0/24', networkName: at(0), asOrganization: at(1), country: at(2) };
    const event = { identityId: at(3), identityName: at(4), workloadId: at(5), workloadKind: at(6), tokenHandle: at(7), userAgent: at(8), urlPath: at(9) };
    return {
      first: eventAt(1000 * place, { ...network, ...event, sourceAddress: at(10), token: 't' }), reason: at(11), resources: [at(12), at(0)], networks: [at(1)], tokens: ['t'],
      notes: [{ atMs: 1, by: at(8), text: at(9) }], owner: at(10),
      handles: [at(7)], baseline: { typical: at(2) }, observed: { networkBlock: at(3), [at(4)]: at(5) }, announced: [{ timeMs: 1, severity: 47, reason: at(11), bytesOut: 5 } as never],
    };
  };
  return (life) => {
    const count = Math.ceil(list.length / 13);
    store(life, count, alertWith);
    life.assembly.store.effects.commit(batchOf({
      proposals: Array.from({ length: count }, (_, place) => proposalOf(`step-${place}`, {
        incidentId: `incident-alert-${place}`, alertId: `alert-${place}`, reason: text(13 * place), rule: text(13 * place + 1), keepNetworks: [text(13 * place + 2)],
        action: text(13 * place + 3), target: { ...proposalOf('x').target, handle: text(13 * place + 4), identityName: text(13 * place + 5) },
        dependents: [{ ...proposalOf('x').dependents[0]!, name: text(13 * place + 6), networks: [text(13 * place + 7)], resources: [text(13 * place + 8)] }],
      })),
    }));
    const uses = Array.from({ length: count }, (_, place): RecordedUse => ({
      incidentId: `incident-alert-${place}`, eventId: `e${place}`, timeMs: 1, isHop: false, vantage: 'gateway', token: 't', address: text(place), network: text(place + 1),
      action: text(place + 2), resource: text(place + 3), object: text(place + 4), bytesOut: 1, outcome: 'success', issued: place % 2 === 0 ? null : `issued-${place}`,
      issuedHandle: text(place + 5), issuedKind: 'access_key',
    }));
    life.assembly.store.effects.commit(batchOf({ uses }));
    for (let place = 0; place < list.length; place++) {
      life.api.seen(eventAt(1e12 + place, {
        id: 'e1', token: 't', sourceIp: text(place), sourceAddress: text(place), asOrganization: text(place + 1), urlPath: text(place + 2),
        action: text(place + 3),
      }));
    }
  };
}

/** Runs in the page. */
function openAll(section: { querySelectorAll(selector: string): Iterable<unknown> }): void {
  for (const one of section.querySelectorAll('details')) (one as { open: boolean }).open = true;
}

async function lookEverywhere(page: Page, alerts: number): Promise<void> {
  for (const key of ['2', '3', '4', '5', '6', '7', '1']) {
    await page.keyboard.press(key);
    await page.locator(key === '1' ? '.row' : '.wide').first().waitFor();
  }
  for (let place = 0; place < alerts; place++) {
    await page.keyboard.press('j');
    await page.locator('.detail .evidence').waitFor();
    await page.locator('.evidence').evaluate(openAll);
  }
  await page.locator('.evidence table').waitFor();
  await page.locator('.detail .line a', { hasText: 'incident of' }).click();
  await page.locator('.wide h1').waitFor();
}

test('texts that want to be markup stay texts, wherever they stand', async () => {
  const { page, problems } = await openDesk(fill(texts));
  await page.locator('.row').first().waitFor();
  expect(await page.getByText('<script>alert(1)</script>').count()).toBeGreaterThan(0);
  await lookEverywhere(page, Math.ceil(texts.length / 13));
  expect(await page.locator('script:not([src^="./assets/"]), iframe, object, embed, form, main img, main [onerror], main [onload]').count()).toBe(0);
  expect(problems).toEqual([]);
}, 120_000);

const missing = largerLists.filter((list) => !existsSync(join(larger, list)));

test.skipIf(missing.length > 0)(`lists of thousands of them${missing.length > 0 ? ' (skipped: the larger data is not here)' : ''}`, async () => {
  const all = largerLists.flatMap((list) => lines(join(larger, list)));
  expect(all.length).toBeGreaterThan(1_000);
  const { page, problems } = await openDesk(fill(all));
  await page.locator('.row').first().waitFor();
  await lookEverywhere(page, isLong ? Math.ceil(all.length / 13) : 40);
  // Every row passes before the eye once.
  for (let top = 0; top < (all.length / 13) * 98; top += 700) await page.locator('.rows, .wide').first().evaluate(scrollTo, top);
  expect(problems).toEqual([]);
}, isLong ? 1_200_000 : 180_000);
