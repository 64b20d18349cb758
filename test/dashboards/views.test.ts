import { expect, test } from 'vitest';
import type { RecordedUse } from '../../src/model/recorded.ts';
import { tokenOf } from '../server/live-support.ts';
import { proposalOf, type LiveLife } from '../service/live-support.ts';
import { batchOf } from '../store/alerts.ts';
import { picture } from '../support/browser.ts';
import { eventAt, look, openDesk, store } from './support.ts';

const hour = 3_600_000;

/** Three thefts: steps that wait, a step that was refused, one that is only proposed. */
function fill(life: LiveLife): void {
  const { effects } = life.assembly.store;
  store(life, 3, (place) => ({
    severity: [47, 73, 99][place]!, startMs: Date.now() - 8 * 24 * hour * place, endMs: Date.now() - (8 * 24 * place - 1) * hour,
    tokens: [`token-${place}`], createdMs: Date.now() - place * hour, bytesOut: 10 ** (6 + place), resources: ['bucket/customers'], networks: ['192.0.2.0/24'],
    first: eventAt(Date.now(), {
      identityId: `client-${place}`, identityName: `billing-${place}`, token: `token-${place}`, tokenHandle: `handle-${place}`,
      networkBlock: '192.0.2.0/24', sourceIp: '192.0.2.7',
    }),
    ...(place === 2 ? { owner: 'rosa' } : {}), notes: place === 2 ? [{ atMs: Date.now(), by: 'rosa', text: 'Asked the owner: nobody of us.' }] : [],
    announced: [{ timeMs: Date.now(), severity: 73, reason: 'It took much more than usual.', bytesOut: 10 ** (5 + place) } as never],
  }));
  const base = proposalOf('x');
  const friends = Array.from({ length: 9 }, (_, place) => ({ ...base.dependents[0]!, name: `spiffe://shop.example/sa/reader-${place}`, networks: [`10.${place}.0.0/16`], suspect: false }));
  effects.commit(batchOf({
    proposals: [0, 1, 2].flatMap((place) => [0, 1].map((step) => proposalOf(`step-${place}-${step}`, {
      planId: `plan-${place}`, step, kind: step === 0 ? 'pin' : 'deny', incidentId: `incident-alert-${place}`, alertId: `alert-${place}`,
      dependents: [...base.dependents, ...friends], target: { ...base.target, token: `token-${place}`, handle: `handle-${place}`, identityName: `billing-${place}` },
      refused: place === 2 && step === 1 ? 'would_break_others' : null,
    }))),
  }));
  const use: RecordedUse = {
    incidentId: 'incident-alert-2', eventId: 'e', timeMs: Date.now(), isHop: false, vantage: 'gateway', token: 'token-2', address: '192.0.2.7', network: '192.0.2.0/24',
    action: 'GET', resource: 'bucket/customers', object: '4711', bytesOut: 1e7, outcome: 'success', issued: null, issuedHandle: null, issuedKind: null,
  };
  const minting = { ...use, eventId: 'g', issued: 'f'.repeat(22), issuedHandle: 'AKIAMINTED', issuedKind: 'access_key' } as const;
  effects.commit(batchOf({ uses: [use, { ...use, eventId: 'f', network: '10.0.0.0/8', bytesOut: 5 }, minting] }));
  const waiting = effects.responses.intents({}).filter(({ incidentId, refused }) => incidentId !== 'incident-alert-0' && refused === null);
  effects.commit(batchOf({ intents: waiting.map((intent) => ({ ...intent, version: intent.version + 1, state: 'waiting_approval' as const, why: 'needs_approval' })) }));
}

test('every view can be read by everybody: contrast, names, order, at a desk and on a phone', async () => {
  const { page, problems, url } = await openDesk(fill, '', {});
  await page.getByLabel('Your API token').fill(tokenOf('responder'));
  await page.keyboard.press('Enter');
  await page.locator('.row', { hasText: 'billing-2' }).waitFor();
  await look(page, 'alerts');
  await page.keyboard.press('j');
  await page.locator('.graph').waitFor();
  await page.locator('.minted', { hasText: 'AKIAMINTED' }).waitFor();
  expect(await page.locator('.touched tr.suspect').innerText()).toContain('bucket/customers · 4711');
  expect(await page.locator('.notes').innerText()).toContain('nobody of us');
  await look(page, 'alert');
  await page.locator('.step button', { hasText: 'Approve' }).first().click();
  await page.getByRole('dialog').waitFor();
  await look(page, 'question');
  await page.keyboard.press('Escape');
  const views = [
    ['2', 'incidents', 'client-2'], ['3', 'tokens', 'No token is known yet'], ['4', 'response', 'Waits for somebody · 3'], ['5', 'health', 'siem'], ['6', 'trends', 'Week by week'],
    ['7', 'exceptions', 'everything that is found is told'],
  ] as const;
  for (const [key, name, text] of views) {
    await page.keyboard.press(key);
    await page.locator('.wide').getByText(text).first().waitFor();
    await look(page, name);
  }
  await page.goto(`${url}/#/alerts/alert-2`);
  await page.locator('.notes').scrollIntoViewIfNeeded();
  await page.screenshot({ path: picture('view-alert-below') });
  await page.goto(`${url}/#/incidents/incident-alert-2`);
  await page.getByText('10.0 MB gone by then').waitFor();
  await look(page, 'incident');
  expect(problems).toEqual([]);
}, 120_000);

test('who may only look is shown no button that would be refused', async () => {
  const { page, problems } = await openDesk(fill, '#/alerts/alert-2');
  await page.locator('.plan .step').first().waitFor();
  expect(await page.locator('.detail button:not(.copy):not(.back)').allInnerTexts()).toEqual([]);
  await page.keyboard.press('4');
  await page.getByText('Waits for somebody').waitFor();
  expect(await page.locator('.step button:not(.copy)').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('whoever it was says so, even with leave only to look', async () => {
  const { page, problems } = await openDesk(fill, '#/alerts/alert-2', {});
  await page.getByLabel('Your API token').fill(tokenOf('viewer'));
  await page.keyboard.press('Enter');
  await page.getByText('It was me').click();
  await page.getByLabel('what you did').fill('Moved the exports myself.');
  const [request] = await Promise.all([page.waitForRequest('**/api/alerts/alert-2/claim'), page.getByRole('button', { name: 'Say so' }).click()]);
  expect([request.method(), request.postDataJSON(), (await request.response())?.status()]).toEqual(['POST', { text: 'Moved the exports myself.' }, 200]);
  expect(problems).toEqual([]);
});
