import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { eventOf, reader } from '../support.ts';

const iss = 'https://login.example.com';
const read = (record: object) => eventOf(reader()(JSON.stringify({ time: '2026-11-22T02:14:00Z', iss, route: 'token', ...record })));
const atGateway = (record: object) => eventOf(reader({ settings: { issuers: [iss] } })(JSON.stringify({
  start_time: '2026-11-22T02:14:05Z', response_code: 200, response_flags: '-', ...record,
})));

describe('a token of oidc-provider', () => {
  test('as JWT is the one that a gateway sees, by issuer and jti', () => {
    const issued = read({ type: 'access_token.issued', kind: 'AccessToken', format: 'jwt', jti: 'j-1', client_id: 'portal', account: 'u-1', exp: 1_795_316_040 });
    const used = atGateway({ jwt_payload: { iss, jti: 'j-1', sub: 'u-1', client_id: 'portal' } });
    expect(issued).toMatchObject({ lifecycle: 'issued', issuedHandle: 'j-1', issuedKind: 'jwt', issuedExpiresAtMs: 1_795_316_040_000 });
    expect([used.token, used.identityId]).toEqual([issued.issued, issued.issuedIdentityId]);
    const revoked = read({ type: 'revocation.success', route: 'revocation', caller: 'portal', client_id: 'portal', kind: 'AccessToken', format: 'jwt', jti: 'j-1', account: 'u-1' });
    expect(revoked).toMatchObject({ lifecycle: 'revoked', token: issued.issued, revoked: null });
  });

  test('as opaque one is found by its SHA-256, whether the application wrote the digest or, against the advice, the token', () => {
    const rawToken = 'AVeryOpaqueTokenOfFortyThreeCharactersABCDEF';
    const digest = createHash('sha256').update(rawToken).digest('hex');
    const token = { type: 'client_credentials.saved', kind: 'ClientCredentials', client_id: 'rates' };
    const issued = [read({ ...token, token_sha256: digest }), read({ ...token, jti: rawToken }), read({ ...token, format: 'opaque', jti: rawToken })];
    const used = atGateway({ token_sha256: digest });
    expect(issued.map(({ issued: id }) => id)).toEqual([used.token, used.token, used.token]);
    expect(JSON.stringify(issued)).not.toContain(rawToken);
    expect(issued[0]).toMatchObject({ issuedKind: 'opaque', identityKind: 'client', issuedIdentityId: `${iss}|rates` });
  });

  test('belongs to its grant, whose end is told by the same name', () => {
    const access = read({ type: 'access_token.saved', kind: 'AccessToken', client_id: 'cli', account: 'alice', grant: 'g-1', token_sha256: 'ab'.repeat(32) });
    const refresh = read({ type: 'refresh_token.saved', kind: 'RefreshToken', client_id: 'cli', account: 'alice', grant: 'g-1', token_sha256: 'cd'.repeat(32) });
    const rotated = read({ type: 'refresh_token.consumed', kind: 'RefreshToken', client_id: 'cli', account: 'alice', grant: 'g-1', token_sha256: 'cd'.repeat(32) });
    const ended = read({ type: 'grant.revoked', caller: 'cli', grant: 'g-1' });
    expect([access.token, refresh.token, rotated.parent]).toEqual([ended.token, ended.token, ended.token]);
    expect([rotated.token, rotated.lifecycle, ended.lifecycle]).toEqual([refresh.issued, 'rotated', 'revoked']);
    expect(refresh.issuedKind).toBe('refresh');
  });

  test('that somebody else revokes is not the one he presented', () => {
    const event = read({ type: 'access_token.destroyed', caller: 'soc', kind: 'AccessToken', client_id: 'portal', account: 'u-1', token_sha256: 'ab'.repeat(32) });
    expect(event).toMatchObject({ token: null, lifecycle: 'revoked', identityId: `${iss}|soc`, targetUserName: 'u-1' });
    expect(event.revoked).not.toBeNull();
  });
});

test('a refused grant is no verdict for anybody, and a check is the resource server\'s call', () => {
  expect(read({ type: 'grant.error', caller: 'cli', grant_type: 'refresh_token', error: 'invalid_grant' })).toMatchObject({ authenticated: false, lifecycle: 'refused', code: 'invalid_grant' });
  expect(read({ type: 'introspection.success', caller: 'gw', subject_client: 'rates', active: true })).toMatchObject({
    identityId: `${iss}|gw`, targetUserName: 'rates', token: null, lifecycle: null,
  });
});

test('who changes another\'s account is the caller, the other one is acted upon', () => {
  const event = read({ type: 'registration_update.success', caller: 'helpdesk', account: 'dora', detail: 'password' });
  expect(event).toMatchObject({ identityId: `${iss}|helpdesk`, targetUserName: 'dora', userName: 'helpdesk', lifecycle: null });
});
