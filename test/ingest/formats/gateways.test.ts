import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formats } from '../../../src/ingest/formats/index.ts';
import { eventOf, linesOf, reader } from './support.ts';

const folder = new URL('../../data/formats/', import.meta.url);
const filesOf = (id: string): string[] => readdirSync(new URL(`${id}/`, folder)).filter((name) => /\.(?:ndjson|log)$/.test(name));

describe('lines whose map is handed over as it is', () => {
  const whole = formats.flatMap(({ id, shapes }) => shapes.filter((one) => one.whole === true).map((one) => [id, one] as const));
  test('there are some', () => expect(whole.length).toBeGreaterThan(8));
  test.each(whole)('%s: hold every declared field and no other', (id, { grammar, fields }) => {
    const maps = filesOf(id).flatMap((name) => linesOf(new URL(`${id}/${name}`, folder))).map((line) => grammar!(line)).filter((map) => map !== null);
    expect(maps.length).toBeGreaterThan(0);
    for (const map of maps) expect(Object.keys(map).sort()).toEqual(Object.keys(fields).sort());
  });
});

describe('one token at every gateway', () => {
  const iss = 'https://idp.example.com', sub = 'svc-rates', jti = 'a-1';
  const jwt = `e30.${Buffer.from(JSON.stringify({ iss, sub, jti, azp: 'shipping-rates' })).toString('base64url')}.c2ln`;
  const records: Record<string, object> = {
    'nginx.access': { msec: '1795320459.735', remote_addr: '203.0.113.7', uri: '/v1', status: 200, iss, sub, jti, deny: '' },
    'apache.access': { server: 'apache', time: '2026-11-22T04:07:38+0000', src: '203.0.113.7', path: '/v1', status: 200, iss, sub, jti },
    'traefik.access': {
      StartUTC: '2026-11-22T04:07:38Z', ClientAddr: '203.0.113.7:1', RequestMethod: 'GET', DownstreamStatus: 200,
      'request_X-Jwt-Iss': iss, 'request_X-Jwt-Sub': sub, 'request_X-Jwt-Jti': jti,
    },
    'caddy.access': { ts: 1_795_320_459, logger: 'http.log.access', request: { method: 'GET', uri: '/v1' }, status: 200, user_id: sub, iss, sub, jti },
    'kong.http_log': { started_at: 1_795_320_459_735, latencies: { proxy: 1 }, request: { method: 'GET', uri: '/v1', headers: { authorization: `Bearer ${jwt}` } }, response: { status: 200 } },
    'apisix.access': { start_time: 1_795_320_459_735, apisix_latency: 1, request: { method: 'GET', uri: '/v1', headers: { authorization: `bearer ${jwt}` } }, response: { status: 200 } },
    'apigee.access': { client_received_start_timestamp: 1_795_320_459_735, request_verb: 'GET', response_status_code: 200, iss, sub, jti },
    'cloudflare.http': { EdgeStartTimestamp: 1_795_320_459, ClientRequestHost: 'a', EdgeResponseStatus: 200, RequestHeaders: { 'x-jwt-iss': iss, 'x-jwt-sub': sub, 'x-jwt-jti': jti } },
    'fastly.access': { timestamp: '2026-11-22T04:07:38+0000', fastly_server: 'x', response_status: 200, iss, sub, jti, deny: '' },
    'aws.apigateway': { requestTime: '22/Nov/2026:04:07:38 +0000', requestId: 'r', httpMethod: 'GET', status: '200', iss, sub, jti },
    'envoy.access': { start_time: '2026-11-22T04:07:38Z', response_code: 200, response_flags: '-', jwt_payload: { iss, sub, jti } },
    'haproxy.http': { accept: '1795320459.000', status: 200, term: '----', iss, sub, jti, deny: '-' },
  };
  const events = Object.entries(records).map(([id, record]) => ({ id, event: eventOf(reader()(JSON.stringify(record))) }));

  test('is the same, and whose it is', () => {
    expect(events.map(({ event }) => event.dataset)).toEqual(Object.keys(records));
    expect(new Set(events.map(({ event }) => event.token)).size).toBe(1);
    expect(new Set(events.map(({ event }) => event.identityId))).toEqual(new Set([`${iss}|${sub}`]));
    expect(events.map(({ event }) => event.lifecycle)).toEqual(events.map(() => 'used'));
  });

  test('counts as checked only where the log says so', () => {
    const unsure = events.filter(({ event }) => event.authenticated !== true).map(({ id }) => id);
    // Traefik names no verdict; Kong and APISIX logged a header, and no consumer beside it.
    expect(unsure).toEqual(['traefik.access', 'kong.http_log', 'apisix.access']);
  });

  test('a header that was taken out of the log is no token', () => {
    for (const authorization of ['REDACTED', 'Bearer REDACTED', '[REDACTED]', '-', '']) {
      const record = { ...records['kong.http_log'], request: { method: 'GET', uri: '/v1', headers: { authorization } } };
      expect(eventOf(reader({ settings: { issuers: [iss] } })(JSON.stringify(record)))).toMatchObject({ token: null, tokenKind: 'none', lifecycle: null });
    }
  });

  test('an opaque one is its digest, as other gateways log it', () => {
    const settings = { issuers: [iss] };
    const opaque = { ...records['kong.http_log'], request: { method: 'GET', uri: '/v1', headers: { authorization: 'Bearer opaque-token' } } };
    const token_sha256 = hash('sha256', 'opaque-token');
    const atKong = eventOf(reader({ settings })(JSON.stringify(opaque)));
    const atNginx = eventOf(reader({ settings })(JSON.stringify({ ...records['nginx.access'], jti: '', sub: '', token_sha256 })));
    expect([atKong.tokenKind, atNginx.tokenKind]).toEqual(['opaque', 'opaque']);
    expect(atKong.token).toBe(atNginx.token);
    expect(JSON.stringify(atKong)).not.toContain('opaque-token');
  });
});

describe('combined lines', () => {
  const line = (front: string, behind: string) => `${front} [22/Nov/2026:04:07:38 +0000] "GET /v1 HTTP/1.1" 200 12${behind}`;
  const claimedBy = (text: string): string => {
    const outcome = reader()(text);
    return outcome.kind === 'event' ? outcome.event.dataset : outcome.kind;
  };
  test.each([
    ['nginx.access', line('203.0.113.7 - -', ' "-" "x"')], ['nginx.access', line('203.0.113.7 - bob', ' "-" "x" "-"')], ['nginx.access', line('a.example.com 203.0.113.7 - -', ' "-" "x"')],
    ['apache.access', line('203.0.113.7 - -', '')], ['apache.access', line('a.example.com:80 203.0.113.7 - -', ' "-" "x"')], ['apache.access', line('203.0.113.7 - -', ' "-" "x" 117')],
    ['traefik.access', line('203.0.113.7 - -', ' "-" "x" 7 "r@docker" "http://10.0.0.9:80" 3ms')],
    // Words that no server writes there: perhaps a client's.
    ['refused', line('203.0.113.7 - -', ' "-" "x" "y" "z"')], ['refused', line('203.0.113.7 - -', ' "-" "x" 7 "r@docker" "u" 3s')], ['refused', line('a b 203.0.113.7 - -', ' "-" "x"')],
    ['refused', '203.0.113.7 - - [22/Nov/2026:04:07:38 +0000] "GET /v1 HTTP/1.1" two 12 "-" "x"'], ['refused', '203.0.113.7 - - [22/Nov/2026:04:07:38 +0000] GET /v1 200 12'],
  ])('%s: %s', (id, text) => expect(claimedBy(text)).toBe(id));

  test('a user whom nobody is known to have checked is an identity only under the source\'s issuer', () => {
    const text = line('203.0.113.7 - bob', ' "-" "x"');
    expect(eventOf(reader()(text))).toMatchObject({ userName: 'bob', identityId: null, authenticated: null });
    expect(eventOf(reader({ settings: { issuers: ['https://ldap.example.com'], refusesAnonymous: true } })(text)))
      .toMatchObject({ identityId: 'https://ldap.example.com|bob', authenticated: true });
  });
});

test('the operator\'s own names', () => {
  const settings = { mapping: { jti: ['token', 'id'], src: ['peer'], status: ['code'] } };
  const record = { msec: '1795320459.735', peer: '203.0.113.7', uri: '/v1', code: 200, token: { id: 'a-1' }, iss: 'https://idp.example.com', deny: '' };
  expect(eventOf(reader({ settings })(JSON.stringify(record)))).toMatchObject({ tokenHandle: 'a-1', sourceIp: '203.0.113.7', status: 200, authenticated: true });
});

test('what is secret in the fixtures of gateways and clouds does not come out', () => {
  const files = formats.flatMap(({ id }) => filesOf(id).map((name) => new URL(`${id}/${name}`, folder))).filter((file) => readFileSync(file, 'utf8').includes('CANARY'));
  expect(files.length).toBeGreaterThan(15);
  for (const file of files) {
    const read = reader();
    for (const text of linesOf(file)) {
      const outcome = read(text);
      expect([file.pathname, JSON.stringify(outcome.kind === 'event' ? outcome.event : outcome).includes('CANARY')]).toEqual([file.pathname, false]);
    }
  }
});
