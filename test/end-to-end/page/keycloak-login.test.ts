import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { Desk } from '../../../src/server/api/ports.ts';
import { makeLogin } from '../../../src/service/login.ts';
import { fileWith } from '../../respond/actions/support.ts';
import { batchOf } from '../../store/alerts.ts';
import { liveLife, proposalOf, type LiveLife } from '../../service/live-support.ts';
import { builtPage, openBrowser, picture } from '../../support/browser.ts';
import { watchedPage, type WatchedPage } from '../../support/browser-page.ts';
import { startKeycloak, type Keycloak } from '../../support/servers/keycloak.ts';
import { freePorts } from '../../support/servers/process.ts';
import { eventAt, store } from '../../dashboards/support.ts';
import { temporaryFolder } from '../support.ts';

// Logging in with a real Keycloak, whose own forms are filled in.

const minute = 60_000;
const password = 'a password of Ann';
let keycloak: Keycloak;
beforeAll(async () => {
  keycloak = await startKeycloak();
  await makeRealm();
}, 10 * minute);
afterAll(() => keycloak?.stop());

/** As the documentation tells: a client for the code flow, whose ID token carries the roles, and a person who has one. */
async function makeRealm(): Promise<void> {
  await keycloak.administer('POST', '', { realm: 'staff', enabled: true });
  const roles = { name: 'roles', protocol: 'openid-connect', protocolMapper: 'oidc-usermodel-realm-role-mapper' };
  await keycloak.administer('POST', '/staff/clients', {
    clientId: 'tokenward', secret: 'tokenward', standardFlowEnabled: true, directAccessGrantsEnabled: false, redirectUris: ['http://127.0.0.1/login/callback', 'http://127.0.0.1:*'],
    attributes: { 'pkce.code.challenge.method': 'S256' },
    protocolMappers: [{ ...roles, config: { 'claim.name': 'realm_access.roles', multivalued: 'true', 'id.token.claim': 'true', 'jsonType.label': 'String' } }],
  });
  await keycloak.administer('POST', '/staff/roles', { name: 'soc-lead' });
  const named = { enabled: true, emailVerified: true, lastName: 'of the desk', credentials: [{ type: 'password', value: password, temporary: false }] };
  for (const username of ['ann', 'bob']) await keycloak.administer('POST', '/staff/users', { ...named, username, firstName: username, email: `${username}@example.org` });
  const [ann] = await keycloak.administer('GET', '/staff/users?username=ann&exact=true') as [{ id: string }];
  const role = await keycloak.administer('GET', '/staff/roles/soc-lead') as object;
  await keycloak.administer('POST', `/staff/users/${ann.id}/role-mappings/realm`, [role]);
}

interface Opened extends LiveLife, WatchedPage { readonly approved: string[] }

/** The page before a service that lets people log in there; `alert-3` has a step that waits for approval. */
async function open(path: string): Promise<Opened> {
  const [port] = await freePorts(1) as [number];
  const publicUrl = `http://127.0.0.1:${port}`;
  const login = makeLogin({
    issuer: `${keycloak.url}/realms/staff`, clientId: 'tokenward', clientSecretFile: fileWith('tokenward'), scopes: ['openid', 'profile'], nameClaim: ['preferred_username'],
    rolesClaim: ['realm_access', 'roles'], roles: { viewer: [], analyst: [], responder: ['soc-lead'], admin: [] }, endpoints: [], allowPrivate: true, caFile: null,
    stepUp: { withinMs: 5 * minute, acrValues: ['1'], apiTokens: 'refused' },
  }, publicUrl);
  const approved: string[] = [];
  const desk = { approve: (id: string, by: string) => { approved.push(`${id} by ${by}`); return { ok: true }; } } as Partial<Desk> as Desk;
  const life = await liveLife(temporaryFolder(), port, { pageDir: builtPage, login, publicUrl, desk });
  store(life, 5, (place) => ({ first: eventAt(1000 * place, { identityName: `workload-${place}`, identityId: `workload-${place}` }) }));
  const { effects } = life.assembly.store;
  effects.commit(batchOf({ proposals: [proposalOf('step-3', { incidentId: 'incident-alert-3', alertId: 'alert-3' })] }));
  const waiting = effects.responses.intents({}).map((intent) => ({ ...intent, version: intent.version + 1, state: 'waiting_approval' as const, why: 'needs_approval' }));
  effects.commit(batchOf({ intents: waiting }));
  const ofKeycloak = new RegExp(`${new URL(keycloak.url).host}|status of 40[13] .*/api/`);
  const watched = await watchedPage(await openBrowser(), `${life.url}/${path}`, {}, ofKeycloak);
  return { ...life, ...watched, approved };
}

async function logIn(page: Page, username: string | null): Promise<void> {
  if (username !== null) await page.locator('#username').fill(username);
  await page.locator('#password').fill(password);
  await page.locator('#kc-login').click();
}

const foreign = (problems: readonly string[]): string[] => problems.filter((problem) => !problem.includes(keycloak.url));

test('a person logs in, has to again before a decision is taken after five minutes, and logs out everywhere at once', async () => {
  const { page, problems, approved } = await open('#/alerts/alert-3');
  await page.getByRole('link', { name: 'Log in with your identity provider' }).waitFor();
  await page.screenshot({ path: picture('login-with-provider') });
  await page.getByRole('link', { name: 'Log in with your identity provider' }).click();
  await logIn(page, 'ann');
  await page.locator('.who', { hasText: 'ann · responder' }).waitFor();
  await page.locator('.row.selected', { hasText: 'workload-3' }).waitFor();

  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5.5 * minute });
  onTestFinished(() => { vi.useRealTimers(); });
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('heading', { name: 'Log in again to decide' }).waitFor();
  await page.screenshot({ path: picture('step-up') });
  expect(approved).toEqual([]);
  vi.useRealTimers();
  await page.getByRole('dialog').getByRole('button', { name: 'Log in again' }).click();
  // It remembers the person, and asks for the password all the same.
  await page.screenshot({ path: picture('step-up-keycloak') });
  await logIn(page, null);

  const question = page.getByRole('dialog', { name: 'Deny the token at the gateway?' });
  await question.waitFor();
  await page.locator('.row.selected', { hasText: 'workload-3' }).waitFor();
  await page.screenshot({ path: picture('step-up-asked-again') });
  expect(approved).toEqual([]);
  await question.getByRole('button', { name: 'Approve' }).click();
  await expect.poll(() => approved).toEqual(['step-3 by ann']);

  const second = await page.context().newPage();
  await second.goto(page.url());
  await second.locator('.connection-live').waitFor();
  await page.getByRole('button', { name: 'log out' }).click();
  await second.getByText('The session is over').waitFor({ timeout: 5_000 });
  await page.getByLabel('Your API token').waitFor();
  expect(foreign(problems)).toEqual([]);
}, 2 * minute);

test('who has no role there is not let in here', async () => {
  const { page } = await open('');
  await page.getByRole('link', { name: 'Log in with your identity provider' }).click();
  await logIn(page, 'bob');
  await page.getByText('none of your groups or roles there has a role here').waitFor();
  await page.screenshot({ path: picture('login-without-role') });
  await page.getByRole('link', { name: 'Back to the page' }).click();
  await page.getByLabel('Your API token').waitFor();
  expect(await page.locator('.who').count()).toBe(0);
}, 2 * minute);
