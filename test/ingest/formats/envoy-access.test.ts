import { describe, expect, test } from 'vitest';
import { eventOf, readable, reader, type Setup } from './support.ts';

const base = { start_time: '2026-11-22T02:14:00Z', response_code: 200, response_flags: '-', method: 'GET', path: '/v1/orders', downstream_remote_address: '203.0.113.7:44' };
const read = (record: object, settings: Setup['settings'] = {}) => eventOf(reader({ settings, fingerprinter: readable })(JSON.stringify(record)));

describe('envoy.access with the operator\'s own keys', () => {
  test('reads flat keys where the mapping says', () => {
    const event = read({ ...base, who: { token: 'j-1', issuer: 'https://idp.example.com' }, sent: 12 }, {
      mapping: { jti: ['who', 'token'], iss: ['who', 'issuer'], bytes_sent: ['sent'] },
    });
    expect(event).toMatchObject({ token: 'https://idp.example.com#j-1', bytesOut: 12, authenticated: true });
  });

  test('finds the claims and the peer under other names', () => {
    const record = { ...base, auth: { claims: { iss: 'https://idp.example.com', sub: 's', jti: 'j-1', aud: ['a', 'b'] } }, peer: ['dns:x', 'spiffe://example.com/a'] };
    const event = read(record, { mapping: { jwt_payload: ['auth', 'claims'], downstream_peer_uri_san: ['peer'] } });
    expect(event).toMatchObject({ token: 'https://idp.example.com#j-1', identityId: 'https://idp.example.com|s', audience: ['a', 'b'], workloadId: 'spiffe://example.com/a' });
  });
});

describe('envoy.access and who is calling', () => {
  test('takes the only configured issuer where the log names none', () => {
    const claims = { jwt_payload: { jti: 'j-1' } };
    expect(read({ ...base, ...claims }, { issuers: ['https://idp.example.com'] }).token).toBe('https://idp.example.com#j-1');
    expect(read({ ...base, ...claims }, { issuers: ['https://a.example.com', 'https://b.example.com'] }).token).toBeNull();
    expect(read({ ...base, ...claims })).toMatchObject({ token: null, tokenKind: 'jwt', identityId: null });
  });

  test('knows an opaque token by its digest', () => {
    const event = read({ ...base, token_sha256: 'ABCDEF' }, { issuers: ['https://idp.example.com'] });
    expect(event).toMatchObject({ token: 'https://idp.example.com#abcdef', tokenKind: 'opaque', tokenHandle: null, authenticated: null, lifecycle: 'used' });
  });

  test.each([
    ['nobody known to have checked', {}, {}, null],
    ['a route that refuses anonymous calls', {}, { refusesAnonymous: true }, true],
    ['a refusal on such a route', { response_code: 403 }, { refusesAnonymous: true }, null],
    ['an upstream that does not accept the verified token', { response_code: 401, jwt_payload: { iss: 'https://i', jti: 'j' } }, {}, false],
    ['a token of the wrong audience', { response_code: 403, response_code_details: 'jwt_authn_access_denied{Audiences_in_Jwt_are_not_allowed}' }, {}, false],
    ['a verified token that policy denies', { response_code: 403, jwt_payload: { iss: 'https://i', jti: 'j' } }, {}, true],
  ])('verdict: %s', (_name, record, settings, expected) => {
    expect(read({ ...base, ...record }, settings).authenticated).toBe(expected);
  });

  test('a client cannot forge its address from the left', () => {
    const record = { ...base, downstream_remote_address: '10.0.0.5:1', 'x-forwarded-for': '192.0.2.1, 198.51.100.9, 10.0.0.7' };
    expect(read(record).sourceIp).toBe('198.51.100.9');
  });
});

test('lines whose quotes do not add up are refused, not guessed', () => {
  const line = (agent: string) => `[2026-11-22T02:14:00Z] "GET / HTTP/1.1" 200 - 0 1 1 1 "203.0.113.7" "${agent}" "r" "h" "10.0.0.9:80"`;
  const kinds = ['agent', 'agent" "forged', 'agent"', '" "'].map((agent) => reader()(line(agent)).kind);
  expect(kinds).toEqual(['event', 'refused', 'refused', 'refused']);
});
