import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestListener } from 'node:http';
import { actionSchema, type SectionOf } from '../../../src/config/respond-schema.ts';
import type { TokenKind } from '../../../src/model/event.ts';
import type { Intent } from '../../../src/model/intent.ts';
import { openActions } from '../../../src/respond/actions/index.ts';
import { formPost } from '../../../src/respond/actions/oauth-revocation.ts';
import type { Action } from '../../../src/respond/port.ts';
import { opened } from '../../store/support.ts';
import { startOidc, type ClientId, type OidcServer } from '../../support/servers/oidc.ts';
import { fileWith, intentOf, serve, signal } from './support.ts';

let oidc: OidcServer;
beforeAll(async () => { oidc = await startOidc(); });
afterAll(() => oidc.stop());

type Settings = Partial<SectionOf<'oauth_revocation'>>;

/** The action as the configuration makes it; the token in question is the one that the executor would open. */
function actionFor(token: string | null, settings: Settings = {}): Action {
  const client = (settings.client_id ?? 'billing-export') as ClientId;
  const section = actionSchema.parse({
    name: 'as', type: 'oauth_revocation', issuer: oidc.issuer, revocation_endpoint: `${oidc.issuer}/token/revocation`,
    introspection_endpoint: `${oidc.issuer}/token/introspection`, client_id: client, client_secret_file: fileWith(`${oidc.secrets[client]}\n`),
    introspection_client_id: 'gateway', introspection_client_secret_file: fileWith(oidc.secrets.gateway), allow_private: true, ...settings,
  });
  return openActions([section], { denials: opened(null).effects.denials, openToken: () => token }).actions.get('as')!;
}

const intentFor = (issuer = oidc.issuer, tokenKind: TokenKind = 'opaque'): Intent => intentOf({ kind: 'revoke', target: { issuer, tokenKind } });

describe('against oidc-provider', () => {
  test('the token works, is revoked, is refused; its siblings go on', async () => {
    const [stolen, sibling, other] = [await oidc.issue('billing-export'), await oidc.issue('billing-export'), await oidc.issue('reporting')];
    const action = actionFor(stolen);
    expect(await action.probe!(intentFor(), signal)).toBe('alive');
    expect(await action.perform(intentFor(), signal)).toEqual({ kind: 'done' });
    expect(await action.probe!(intentFor(), signal)).toBe('dead');
    expect([await oidc.isActive(stolen), await oidc.isActive(sibling), await oidc.isActive(other)]).toEqual([false, true, true]);
    expect(await action.perform(intentFor(), signal), 'a second call does no harm').toEqual({ kind: 'done' });
    expect(oidc.audit.join('\n')).not.toContain(stolen);
  });

  test('a wrong secret ends nothing, and says so', async () => {
    const token = await oidc.issue('billing-export');
    const action = actionFor(token, { client_secret_file: fileWith('wrong') });
    expect(await action.perform(intentFor(), signal)).toEqual({ kind: 'failed', reason: 'invalid_client' });
    expect(await oidc.isActive(token)).toBe(true);
  });

  test('another client\'s token is not ours to revoke', async () => {
    const token = await oidc.issue('reporting');
    expect(await actionFor(token).perform(intentFor(), signal)).toEqual({ kind: 'failed', reason: 'invalid_request' });
    expect(await oidc.isActive(token)).toBe(true);
  });

  test('a token that never was is "revoked" with 200: only a probe that said alive before proves anything', async () => {
    const action = actionFor('bogus');
    expect(await action.probe!(intentFor(), signal)).toBe('dead');
    expect(await action.perform(intentFor(), signal)).toEqual({ kind: 'done' });
  });

  test('a 200 that did nothing is found out by asking', async () => {
    const action = actionFor(await oidc.issue('gateway'));
    expect(await action.perform(intentFor(), signal)).toEqual({ kind: 'done' });
    expect(await action.probe!(intentFor(), signal)).toBe('alive');
  });

  test('who may not see a token hears "inactive" while it works', async () => {
    const token = await oidc.issue('billing-export');
    const outsider = actionFor(token, { introspection_client_id: 'reporting', introspection_client_secret_file: fileWith(oidc.secrets.reporting) });
    expect(await outsider.probe!(intentFor(), signal)).toBe('dead');
    expect(await oidc.isActive(token)).toBe(true);
    const unknown = actionFor(token, { introspection_client_id: 'gateway', introspection_client_secret_file: fileWith('wrong') });
    expect(await unknown.probe!(intentFor(), signal)).toBe('unknown');
  });

  test('a JWT is not revoked here, and nobody can be asked about it', async () => {
    const action = actionFor(await oidc.issue('billing-export', 'jwt'));
    expect(await action.perform(intentFor(oidc.issuer, 'jwt'), signal)).toEqual({ kind: 'failed', reason: 'unsupported_token_type' });
    expect(await action.probe!(intentFor(oidc.issuer, 'jwt'), signal)).toBe('unknown');
  });

  test('a client that shows its secret in the form', async () => {
    const token = await oidc.issue('form-client');
    const itself: Settings = { client_id: 'form-client', client_auth: 'client_secret_post', introspection_client_id: undefined, introspection_client_secret_file: undefined };
    const action = actionFor(token, itself);
    expect([await action.probe!(intentFor(), signal), await action.perform(intentFor(), signal)]).toEqual(['alive', { kind: 'done' }]);
    expect([await action.probe!(intentFor(), signal), await oidc.isActive(token)]).toEqual(['dead', false]);
    const shown = formPost('https://as.example/revoke', 'a b', 'refresh', { id: 'i', secret: 's+/', method: 'client_secret_post' });
    expect(shown.headers).not.toHaveProperty('authorization');
    expect(shown.body).toBe('token=a+b&token_type_hint=refresh_token&client_id=i&client_secret=s%2B%2F');
  });
});

/** An action whose server answers as told. */
async function against(handle: RequestListener): Promise<Action> {
  const url = await serve(handle);
  return actionFor('token', { revocation_endpoint: `${url}/revoke`, introspection_endpoint: `${url}/introspect` });
}

describe('a server that misbehaves', () => {
  test('503: the token still lives, and the server says when to come again', async () => {
    const action = await against((_, response) => { response.writeHead(503, { 'retry-after': '7' }).end(); });
    expect(await action.perform(intentFor(), signal)).toEqual({ kind: 'retry', reason: 'http_503', afterMs: 7_000 });
    expect(await action.probe!(intentFor(), signal)).toBe('unknown');
  });

  test.each<[string, RequestListener, object]>([
    ['a redirect', (_, response) => { response.writeHead(307, { location: 'https://elsewhere.example/' }).end(); }, { kind: 'failed', reason: 'http_307' }],
    ['an unknown error is not repeated', (_, response) => { response.writeHead(400).end('{"error":"<script>"}'); }, { kind: 'failed', reason: 'http_400' }],
    ['a torn connection', (request) => { request.socket.destroy(); }, { kind: 'retry', reason: 'unreachable' }],
  ])('%s', async (_, handle, verdict) => {
    expect(await (await against(handle)).perform(intentFor(), signal)).toEqual(verdict);
  });

  test.each(['', 'not json', '[]', '{}', '{"active":"true"}', `{"active":true,"x":"${'x'.repeat(70_000)}"}`])('an introspection that says nothing clear', async (body) => {
    expect(await (await against((_, response) => { response.end(body); })).probe!(intentFor(), signal)).toBe('unknown');
  });
});

describe('what it is not done to', () => {
  test('tokens of another issuer, of other kinds, and where none is kept', async () => {
    const action = actionFor('token');
    expect(action.fits(intentFor('https://other.example').target, 'revoke')).toBe('other_issuer');
    expect(action.fits(intentFor(oidc.issuer, 'access_key').target, 'revoke')).toBe('token_kind_not_supported');
    expect(action.fits(intentFor().target, 'deny')).toBe('step_not_supported');
    expect(await actionFor(null).perform(intentFor(), signal)).toEqual({ kind: 'failed', reason: 'token_not_kept' });
    expect(await actionFor(null).probe!(intentFor(), signal)).toBe('unknown');
    expect(await action.perform(intentOf({ kind: 'revoke', target: { issuer: null } }), signal)).toEqual({ kind: 'failed', reason: 'other_issuer' });
  });

  test('without a way to ask there is no probe, and no undo ever', () => {
    expect([actionFor('t', { introspection_endpoint: undefined }).probe, actionFor('t').undo]).toEqual([null, null]);
  });
});
