import { describe, expect, test } from 'vitest';
import { eventOf, reader } from './support.ts';

const issuer = 'https://sso.example.com/realms/shop';
const settings = { issuers: [issuer] };

describe('one token in several logs', () => {
  const login = eventOf(reader({ settings })(JSON.stringify({
    id: 'k-1', time: 1_795_312_440_000, type: 'CLIENT_LOGIN', realmId: 'r', clientId: 'rates', userId: 'u-1', sessionId: 's-1', ipAddress: '203.0.113.7',
    details: { token_id: 'onrtcc:j-1', grant_type: 'client_credentials', username: 'service-account-rates' },
  })));
  const claims = { iss: issuer, sub: 'u-1', azp: 'rates', jti: 'onrtcc:j-1' };

  test('a gateway names it as the authorisation server does', () => {
    const atEnvoy = eventOf(reader()(JSON.stringify({ start_time: '2026-11-22T02:14:00Z', response_code: 200, response_flags: '-', jwt_payload: claims })));
    const atHaproxy = eventOf(reader()(JSON.stringify({ accept: '1795312440.000', status: 200, term: '----', deny: '-', iss: issuer, sub: 'u-1', client_id: 'rates', jti: 'onrtcc:j-1' })));
    expect([atEnvoy.token, atHaproxy.token]).toEqual([login.issued, login.issued]);
    expect([atEnvoy.identityId, atHaproxy.identityId]).toEqual([login.identityId, login.identityId]);
  });

  test('Keycloak\'s own uses carry the session, which the issuance told', () => {
    const use = eventOf(reader({ settings })(JSON.stringify({
      id: 'k-2', time: 1_795_312_450_000, type: 'USER_INFO_REQUEST', realmId: 'r', clientId: 'rates', userId: 'u-1', sessionId: 's-1', ipAddress: '203.0.113.7', details: {},
    })));
    expect(login.issuedAliases).toContain(use.token);
    expect(use).toMatchObject({ lifecycle: 'used', identityId: login.identityId });
  });

  test('another issuer\'s token of the same id is another token', () => {
    const other = eventOf(reader()(JSON.stringify({ start_time: '2026-11-22T02:14:00Z', response_code: 200, response_flags: '-', jwt_payload: { ...claims, iss: 'https://evil.example.com' } })));
    expect(other.token).not.toBe(login.issued);
  });
});

test('ids of different kinds never meet', () => {
  const event = (details: object) => eventOf(reader({ settings })(JSON.stringify({
    id: 'k', time: 1_795_312_440_000, type: 'REFRESH_TOKEN', realmId: 'r', clientId: 'c', userId: 'u', sessionId: 'same', ipAddress: '203.0.113.7', details,
  })));
  const { token, issued, issuedAliases } = event({ token_id: 'same', refresh_token_id: 'same', updated_refresh_token_id: 'other' });
  expect(new Set([token, issued, ...issuedAliases ?? []]).size).toBe(4);
});

test('a forged token\'s claims make no alias', () => {
  const record = { accept: '1795312440.000', status: 401, term: 'LR--', deny: 'bad_sig', iss: issuer, jti: 'j-1', token_sha256: 'ab'.repeat(32) };
  expect(eventOf(reader()(JSON.stringify(record)))).toMatchObject({ authenticated: false, aliases: null, lifecycle: 'refused' });
});
