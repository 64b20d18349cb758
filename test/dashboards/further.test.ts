import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { EnforcedRule } from '../../src/server/api/shapes.ts';
import type { Desk } from '../../src/server/api/ports.ts';
import { temporaryFolder } from '../end-to-end/support.ts';
import { tokenOf } from '../server/live-support.ts';
import { companyLife } from '../service/company-life.ts';
import { agreeable, liveLife, proposalOf, type LiveLife } from '../service/live-support.ts';
import { alertOf, batchOf, incidentOf } from '../store/alerts.ts';
import { builtPage } from '../support/browser.ts';
import { eventAt, look, store, watchDesk } from './support.ts';

const exceptions = `exceptions:
  - { name: new-datacentre, kind: migration, match: { client: service-1 }, detectors: [unfamiliar-ip], networks: [10.71.0.0/16, 10.72.0.0/16],
      reason: CHG-1733 until the racks are empty, author: ann, approver: ben, from: 2026-01-01, expires: 2026-03-15 }
  - { name: old-key, kind: legacy, match: { handle: AKIAOLD }, detectors: [dormant-token-reuse], reason: being mended, author: ann, approver: cleo, from: 2026-01-01, expires: 2026-01-20 }
`;
const canary = { name: 'edge', source: 'gateway', everyMs: 60_000, withinMs: 90_000, lastMs: Date.now() - 30_000, delayMs: 1_400, isMissing: false };

async function openAs(life: LiveLife, role: 'responder' | 'other', path: string) {
  const desk = await watchDesk(life, path);
  await desk.page.getByLabel('Your API token').fill(tokenOf(role));
  await desk.page.keyboard.press('Enter');
  return desk;
}

/** A month of a company, of which exceptions hid something. */
async function companyDesk() {
  const known = { canaries: () => [canary, { ...canary, name: 'inner', lastMs: null, delayMs: null, isMissing: true }] };
  const life = await companyLife(() => liveLife(temporaryFolder(), 0, { pageDir: builtPage }, exceptions, known), 25);
  const alert = [...life.assembly.store.effects.alerts()].find(({ first, tokens }) => tokens.length > 0 && first.identityName !== null)!;
  const id = alert.first.identityId!;
  const hidden = [0, 1].map((place) => alertOf(`hidden-${place}`, 1, {
    detector: 'dormant-token-reuse', hiddenBy: place === 0 ? 'new-datacentre' : 'gone', first: alert.first, networks: ['10.71.3.0/24'], count: 3,
    reason: 'It was used again after 40 days.', baseline: { longestSilenceMs: 8.64e7, limitMs: 6e8 }, observed: { silenceMs: 3.456e9 },
    startMs: alert.startMs, endMs: alert.endMs,
  }));
  life.assembly.store.effects.commit(batchOf({ hidden }));
  return { life, id, alert };
}

const sections = (page: Page): Promise<string[]> => page.locator('.detail h2').allInnerTexts();

test('an identity has a page of its own, found by what it carries; what exceptions hide stands there and in no queue', async () => {
  const { life, id, alert } = await companyDesk();
  const { page, problems } = await openAs(life, 'responder', '#/tokens');
  await page.getByLabel('search').fill(alert.first.tokenHandle ?? alert.first.token!);
  await page.locator('tbody tr').first().waitFor();
  await page.getByText('1 of 1').waitFor();
  await page.getByLabel('search').press('Enter');
  await page.locator('.life svg').waitFor();
  expect(decodeURIComponent(page.url())).toContain(`#/identities/${id}`);
  expect((await sections(page)).map((title) => title.toLowerCase())).toEqual(
    expect.arrayContaining(['its life', 'when it works', 'bytes out', 'from where', 'posture', 'who uses it, and depends on it']));
  expect(await page.locator('.calendar .day.level-1, .calendar .day.level-2, .calendar .day.level-3').count()).toBeGreaterThan(15);
  expect(await page.locator('.origins tr.suspect').first().innerText()).toContain('deviates');
  await page.getByText('2 alerts that nobody was told of').click();
  await page.locator('.hidden-list li').first().waitFor();
  expect(await page.locator('.hidden-list li', { hasText: 'new-datacentre' }).innerText()).toContain('CHG-1733 until the racks are empty (asked for by ann, agreed by ben, until');
  await look(page, 'identity', 2_200);
  await page.getByRole('link', { name: 'new-datacentre' }).click();
  await page.locator('h1', { hasText: 'new-datacentre' }).waitFor();
  expect(await page.locator('.reason').innerText()).toContain('CHG-1733');
  expect(await page.locator('main').innerText()).toMatch(/ann[\s\S]*ben/);
  await page.locator('.hidden-list').waitFor();
  await page.keyboard.press('7');
  await page.getByText('no longer configured').waitFor();
  expect(await page.locator('tbody tr', { hasText: 'new-datacentre' }).innerText()).toMatch(/holds\s+1\s+3/);
  expect(await page.locator('tbody tr', { hasText: 'old-key' }).innerText()).toMatch(/has ended\s+0\s+0\s+never/);
  await look(page, 'exceptions');
  await page.keyboard.press('1');
  await page.getByLabel('status').selectOption('all');
  await page.locator('.row').first().waitFor();
  expect(await page.locator('.row', { hasText: '40 days' }).count()).toBe(0);
  await page.keyboard.press('5');
  await page.getByRole('heading', { name: 'Promised and measured' }).waitFor();
  expect(await page.locator('tr', { hasText: 'edge' }).innerText()).toMatch(/comes[\s\S]*1 s/);
  expect(await page.locator('tr', { hasText: 'inner' }).innerText()).toContain('missing');
  expect(await page.locator('tr', { hasText: 'memory of the process' }).innerText()).toMatch(/MB\s+2\.1 GB/);
  await page.goto(`${life.url}/#/incidents/${alert.incidentId}`);
  await page.locator('.graph').waitFor();
  await page.locator('.incident-alerts figure, .incident-alerts .scales').first().waitFor();
  await look(page, 'incident-of-company', 2_600);
  await page.goto(`${life.url}/#/alerts/${alert.id}?status=all`);
  await page.locator('.why figure, .why .scales').first().waitFor();
  await look(page, 'alert-of-company', 2_000);
  expect(problems).toEqual([]);
}, 120_000);

test('an address that names nobody says so', async () => {
  const life = await liveLife(temporaryFolder(), 0, { pageDir: builtPage, accounts: null });
  const { page } = await watchDesk(life, '#/identities/https%3A%2F%2Fx%7Cnobody');
  await page.getByText('No event has named it so far').waitFor();
  await page.goto(`${life.url}/#/identities/%E0%A4%A`);
  await page.getByText('Search for it by what it carries').waitFor();
  expect(await page.locator('.life').count()).toBe(0);
});

/** Two people, one rule that asks to act by itself. */
function agreeing(): { readonly desk: Desk; readonly said: string[] } {
  const said: string[] = [];
  let by: string[] = [];
  const rule = (): EnforcedRule => ({ rule: 'stolen-token', hash: 'h4sh', match: 'severity: 73', plan: ['pin by gateways', 'revoke by issuer'], by, isInForce: by.length > 1 });
  const desk: Desk = {
    ...agreeable, enforced: () => [rule()],
    agree(name, account, seen) {
      said.push(`${account} agrees to ${name} ${seen}`);
      by = [...by, account];
      return { ok: true };
    },
    withdraw(name, account) {
      said.push(`${account} takes ${name} back`);
      by = [];
      return { ok: true };
    },
    covered: (id) => (id === 'incident-vendor' ? { seen: 'd1gest', intents: [{ id: 'step-0' }, { id: 'step-1' }] } : 'no_vendor'),
    approveAll(id, account, seen) {
      said.push(`${account} approves all of ${id} ${seen}`);
      return { ok: true };
    },
  };
  return { desk, said };
}

function vendorsIncident({ assembly: { store: { effects } } }: LiveLife): void {
  const alerts = [0, 1].map((place) => alertOf(`vendor-${place}`, 1, {
    incidentId: 'incident-vendor', tokens: [`token-${place}`], networks: ['192.0.2.0/24'], detector: 'unfamiliar-ip',
    baseline: { knownNetworks: 1 }, observed: { networkBlock: '192.0.2.0/24' },
    first: eventAt(1_000, { identityId: `client-${place}`, identityName: `<b>chatbot-${place}</b>`, token: `token-${place}`, tokenHandle: `00DVENDOR${place}` }),
  }));
  const story = { kind: 'vendor-compromise' as const, name: 'chatbot.example', severity: 99, stages: [] };
  const incident = { ...incidentOf('incident-vendor', 1), alertIds: alerts.map(({ id }) => id), identityIds: ['client-0', 'client-1'], tokens: ['token-0', 'token-1'], story };
  effects.commit(batchOf({ alerts, incidents: [incident] }));
  const base = proposalOf('x');
  effects.commit(batchOf({
    proposals: [0, 1].map((place) => proposalOf(`step-${place}`, {
      incidentId: 'incident-vendor', alertId: `vendor-${place}`, target: { ...base.target, token: `token-${place}`, handle: `00DVENDOR${place}`, identityName: `<b>chatbot-${place}</b>` },
    })),
  }));
  const waiting = effects.responses.intents({});
  effects.commit(batchOf({ intents: waiting.map((intent) => ({ ...intent, version: intent.version + 1, state: 'waiting_approval' as const, why: 'needs_approval' })) }));
}

test('two people agree on the page that a rule acts by itself, and one takes it back; one word approves a vendor\'s credentials, by their ids', async () => {
  const { desk: deskOf, said } = agreeing();
  const life = await liveLife(temporaryFolder(), 0, { pageDir: builtPage }, '', {}, { desk: deskOf });
  vendorsIncident(life);
  const first = await openAs(life, 'responder', '#/response');
  const rule = (page: Page) => page.locator('.step', { hasText: 'stolen-token' });
  await rule(first.page).getByRole('button', { name: 'Agree' }).click();
  expect(await first.page.getByRole('dialog').innerText()).toMatch(/severity: 73[\s\S]*revoke by issuer[\s\S]*h4sh/);
  await first.page.getByRole('dialog').getByRole('button', { name: 'Agree' }).click();
  await rule(first.page).getByText('responder agreed; another person must').waitFor();
  expect(await rule(first.page).getByRole('button').allInnerTexts()).toEqual(['Take it back']);
  await look(first.page, 'enforcement');
  const second = await openAs(life, 'other', '#/response');
  await rule(second.page).getByRole('button', { name: 'Agree' }).click();
  await second.page.getByRole('dialog').getByRole('button', { name: 'Agree' }).click();
  await rule(second.page).getByText('acts by itself: responder and other agreed').waitFor();
  await rule(second.page).getByRole('button', { name: 'Take it back' }).click();
  await second.page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
  await rule(second.page).getByText('until two people agree').waitFor();

  await second.page.goto(`${life.url}/#/incidents/incident-vendor`);
  const all = second.page.locator('.vendor');
  await all.waitFor();
  expect(await all.locator('tbody th').allInnerTexts()).toEqual([expect.stringContaining('00DVENDOR0'), expect.stringContaining('00DVENDOR1')]);
  expect(await all.locator('.from-log').first().innerText()).toContain('<b>chatbot-0</b>');
  await look(second.page, 'vendor');
  await all.getByRole('button', { name: 'Approve all 2' }).click();
  expect(await second.page.getByRole('dialog').innerText()).toMatch(/00DVENDOR1[\s\S]*d1gest/);
  await second.page.getByRole('dialog').getByRole('button', { name: 'Approve all 2' }).click();
  await expect.poll(() => said).toEqual([
    'responder agrees to stolen-token h4sh', 'other agrees to stolen-token h4sh', 'other takes stolen-token back', 'other approves all of incident-vendor d1gest',
  ]);
  expect([...first.problems, ...second.problems]).toEqual([]);
}, 120_000);

test('many steps that wait are told by their cause', async () => {
  const life = await liveLife(temporaryFolder(), 0, { pageDir: builtPage, accounts: null });
  store(life, 12, () => ({}));
  const { effects } = life.assembly.store;
  effects.commit(batchOf({
    proposals: Array.from({ length: 12 }, (_, place) => proposalOf(`step-${place}`, { incidentId: `incident-alert-${place}`, alertId: `alert-${place}`, planId: `p${place}` })),
  }));
  const intents = effects.responses.intents({});
  const why = (place: number): string => (place < 9 ? 'over_cap' : 'needs_approval');
  effects.commit(batchOf({ intents: intents.map((intent, place) => ({ ...intent, version: intent.version + 1, state: 'waiting_approval' as const, why: why(place) })) }));
  const { page } = await watchDesk(life, '#/response');
  await page.locator('.many').waitFor();
  expect(await page.locator('.many').innerText()).toMatch(/12 steps wait[\s\S]*9 × over cap, in 9 incidents[\s\S]*3 × needs approval/);
});

test('texts that want to be markup stay texts on the pages of identities and exceptions', async () => {
  const life = await liveLife(temporaryFolder(), 0, { pageDir: builtPage, accounts: null });
  const [id, name, exception] = ['https://x|"><img src=x onerror=alert(1)>/../%2F', '<script>alert(2)</script>\u202egpj', '<svg onload=alert(3)>'];
  const event = eventAt(Date.now(), {
    identityId: id, identityName: name, token: 'token', tokenHandle: '<b onclick=alert(4)>', authenticated: true, outcome: 'success', userAgent: '<i>curl</i>',
    networkBlock: '10.1.0.0/24', sourceIp: '10.1.0.7', resourceId: 'javascript:alert(5)', action: 'GET', vantage: 'gateway', source: 'gateway',
  });
  const { correlator, store: { effects } } = life.assembly;
  correlator.correlate(event);
  correlator.dependents.note(event);
  life.api.seen(event);
  const alert = alertOf('a', 1, { first: event, reason: name, incidentId: 'i', tokens: ['token'], notes: [{ atMs: 1, by: name, text: name }] });
  effects.commit(batchOf({ alerts: [alert], incidents: [{ ...incidentOf('i', 1), alertIds: ['a'] }], hidden: [{ ...alert, id: 'h', hiddenBy: exception, networks: [name] }] }));
  const { page, problems } = await watchDesk(life, '#/alerts/a');
  await page.locator('.facts-grid a', { hasText: 'script' }).click();
  await page.locator('.life svg').waitFor();
  expect(await page.locator('h1').innerText()).toBe('<script>alert(2)</script>\\u202egpj');
  await page.locator('.hidden-alerts summary').first().click();
  await page.locator('.hidden-list a', { hasText: exception }).click();
  await page.locator('h1', { hasText: exception }).waitFor();
  await page.locator('.hidden-list').waitFor();
  expect(await page.locator('script:not([src^="./assets/"]), iframe, object, embed, main img, main [onerror], main [onload], main [onclick]').count()).toBe(0);
  expect(problems).toEqual([]);
});
