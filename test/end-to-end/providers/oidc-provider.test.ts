import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TokenKind } from '../../../src/model/event.ts';
import { fileWith } from '../../respond/actions/support.ts';
import { RealPlan } from '../../support/real-plan.ts';
import { startOidc, type ClientId, type OidcServer } from '../../support/servers/oidc.ts';

// What a plan comes to at oidc-provider, which keeps its tokens in memory: a kill ends them all.

let oidc: OidcServer;
beforeAll(async () => { oidc = await startOidc(); });
afterAll(() => oidc.stop());

const step = 'revoke oidc';

async function run(token: string, owner: ClientId, tokenKind: TokenKind = 'opaque'): Promise<RealPlan> {
  const plan = RealPlan.open([{
    name: 'oidc', type: 'oauth_revocation', issuer: oidc.issuer, revocation_endpoint: `${oidc.issuer}/token/revocation`, introspection_endpoint: `${oidc.issuer}/token/introspection`,
    client_id: owner, client_secret_file: fileWith(oidc.secrets[owner]), introspection_client_id: 'gateway', introspection_client_secret_file: fileWith(oidc.secrets.gateway),
    allow_private: true, exposure: '1s',
  }], token);
  plan.propose({ issuer: oidc.issuer, tokenKind, client: owner }, { kind: 'revoke', action: 'oidc' });
  return plan;
}

test('a token is revoked and proven dead; its sibling goes on', async () => {
  const [stolen, sibling] = [await oidc.issue('billing-export'), await oidc.issue('billing-export')];
  const plan = await run(stolen, 'billing-export');
  await plan.comesTo(step, 'verified');
  expect([await oidc.isActive(stolen), await oidc.isActive(sibling)]).toEqual([false, true]);
});

test('a 200 that did nothing ends as unknown, for somebody to look at', async () => {
  const token = await oidc.issue('gateway');
  const plan = await run(token, 'billing-export');
  await plan.comesTo(step, 'unknown');
  expect([plan.stands(step), await oidc.isActive(token)]).toEqual(['unknown: still_alive', true]);
});

test('a token that never was is "revoked" as well, and proves nothing', async () => {
  const plan = await run('a-token-that-never-was', 'billing-export');
  await plan.comesTo(step, 'unknown');
  expect(plan.stands(step)).toBe('unknown: never_seen_alive');
});

test('a JWT cannot be revoked here: the plan says so', async () => {
  const plan = await run(await oidc.issue('billing-export', 'jwt'), 'billing-export', 'jwt');
  await plan.comesTo(step, 'failed');
  expect(plan.stands(step)).toBe('failed: unsupported_token_type');
});
