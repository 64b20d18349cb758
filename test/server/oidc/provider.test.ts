import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Send } from '../../../src/outbound/client.ts';
import { Attempts } from '../../../src/server/oidc/attempt.ts';
import { accountOf } from '../../../src/server/oidc/mapping.ts';
import { IdentityProvider } from '../../../src/server/oidc/provider.ts';

const issuer = 'https://login.example.com/realm';
const nowMs = Date.UTC(2026, 0, 2);
const seconds = nowMs / 1000;
const attempt = new Attempts(() => nowMs).begin();
const good: JWTPayload = { iss: issuer, aud: 'tokenward', sub: 's1', nonce: attempt.nonce, iat: seconds, exp: seconds + 300 };
type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let own: Keys;
let foreign: Keys;
beforeAll(async () => { [own, foreign] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]); });

/** A token's claims, some of them left out. */
type Claims = { readonly [Name in keyof JWTPayload]: JWTPayload[Name] | undefined };
const sign = (claims: Claims, { privateKey } = own): Promise<string> => new SignJWT(claims as JWTPayload).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(privateKey);

/** What comes of a log-in where the provider answers with this token. */
async function redeem(idToken: string | null, status = 200): Promise<unknown> {
  const metadata = { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` };
  const keys = { keys: [{ ...await exportJWK(own.publicKey), kid: 'k1', alg: 'ES256' }] };
  const send: Send = ({ url }) => {
    const body = url.endsWith('/token') ? { id_token: idToken } : url.endsWith('/keys') ? keys : metadata;
    return Promise.resolve({ kind: 'answered', status: url.endsWith('/token') ? status : 200, body: JSON.stringify(body) });
  };
  const provider = new IdentityProvider({ issuer, clientId: 'tokenward', clientSecret: null, scopes: ['openid'], redirectUri: 'https://t.example.org/login/callback', send, nowMs: () => nowMs });
  return provider.redeem('code', attempt);
}

describe('of a token of the provider', () => {
  test('the claims count', async () => {
    expect(await redeem(await sign(good))).toMatchObject({ sub: 's1' });
    expect(await redeem(await sign({ ...good, aud: ['tokenward', 'other'], azp: 'tokenward' }))).toMatchObject({ sub: 's1' });
  });

  test.each<[string, Claims]>([
    ['of another log-in', { ...good, nonce: 'other' }], ['without a nonce', { ...good, nonce: undefined }], ['for another client', { ...good, aud: 'other' }],
    ['given to another client', { ...good, azp: 'other' }], ['for several, given to nobody', { ...good, aud: ['tokenward', 'other'] }],
    ['of another issuer', { ...good, iss: `${issuer}/` }], ['that has expired', { ...good, exp: seconds - 61 }], ['without an end', { ...good, exp: undefined }],
    ['of nobody', { ...good, sub: undefined }], ['not valid yet', { ...good, nbf: seconds + 61 }],
  ])('%s: denied', async (_, claims) => {
    expect(await redeem(await sign(claims))).toBe('denied');
  });

  test('signed by others, by a word that is no key, or not at all: denied', async () => {
    expect(await redeem(await sign(good, foreign))).toBe('denied');
    expect(await redeem(new UnsecuredJWT(good).encode())).toBe('denied');
    const shared = await new SignJWT(good).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(new TextEncoder().encode('tokenward'.repeat(4)));
    expect(await redeem(shared)).toBe('denied');
    for (const none of ['', 'a.b.c', null]) expect(await redeem(none)).toBe('denied');
    expect([await redeem(await sign(good), 400), await redeem(await sign(good), 502)]).toEqual(['denied', 'unavailable']);
  });
});

test('an attempt belongs to one browser, one state, ten minutes and one process', () => {
  let clock = nowMs;
  const attempts = new Attempts(() => clock);
  const { cookie, state, verifier, nonce } = attempts.begin();
  expect(new Set([cookie, state, verifier, nonce]).size).toBe(4);
  expect(attempts.resume(cookie, state)).toMatchObject({ verifier, nonce });
  expect(attempts.resume(attempts.begin().cookie, state)).toBeNull();
  const later = attempts.begin('k'.repeat(43));
  expect([attempts.resume(cookie, state)?.former, attempts.resume(later.cookie, later.state)?.former]).toEqual([null, 'k'.repeat(43)]);
  expect(attempts.resume(later.cookie.replace('kk', 'kl'), later.state), 'nobody names another session').toBeNull();
  expect(attempts.resume(cookie.replace(/^\d/, '9'), state)).toBeNull();
  expect(new Attempts(() => clock).resume(cookie, state)).toBeNull();
  for (const none of ['', '.', 'x'.repeat(60), `-1.${'a'.repeat(43)}`]) expect(attempts.resume(none, state)).toBeNull();
  clock += 10 * 60_000 + 1;
  expect(attempts.resume(cookie, state)).toBeNull();
});

test.each([
  [{ name: 'ann', groups: ['a'] }, { name: 'ann', role: 'viewer' }], [{ name: 'ann', groups: ['a', 'b', 'c'] }, { name: 'ann', role: 'admin' }],
  [{ name: 'ann', groups: 'b' }, { name: 'ann', role: 'responder' }], [{ name: 'ann', groups: [['a']] }, 'no_role'], [{ name: 'ann' }, 'no_role'],
  [{ groups: ['a'] }, 'no_name'], [{ name: 7, groups: ['a'] }, 'no_name'], [{ name: 'x'.repeat(65), groups: ['a'] }, 'no_name'],
])('%j is %j', (claims, expected) => {
  const roles = { viewer: ['a'], responder: ['b'], admin: ['c'] };
  expect(accountOf(claims, { nameClaim: ['name'], rolesClaim: ['groups'], roles })).toEqual(expected);
  const nested = { realm_access: { roles: 'groups' in claims ? claims.groups : undefined }, ...('name' in claims ? { name: claims.name } : {}) };
  expect(accountOf(nested, { nameClaim: ['name'], rolesClaim: ['realm_access', 'roles'], roles })).toEqual(expected);
});
