import { describe, expect, test } from 'vitest';
import type { OutboundRequest } from '../../../../src/outbound/client.ts';
import { signed } from '../../../../src/respond/actions/auth/aws-signature.ts';
import { checkSignature } from '../../../support/providers/aws-verifier.ts';

const credential = { accessKeyId: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', sessionToken: null };
const nowMs = Date.UTC(2015, 7, 30, 12, 36, 0);

/** Cases of the test suite that AWS published for Signature Version 4. */
describe('the published cases', () => {
  const cases: readonly [string, OutboundRequest, string][] = [
    ['get-vanilla', { method: 'GET', url: 'https://example.amazonaws.com/', headers: {}, body: null }, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['get-vanilla-query-order-key-case', { method: 'GET', url: 'https://example.amazonaws.com/?Param2=value2&Param1=value1', headers: {}, body: null },
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'],
    ['post-x-www-form-urlencoded', {
      method: 'POST', url: 'https://example.amazonaws.com/', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'Param1=value1',
    }, 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a'],
  ];
  test.each(cases)('%s', (_, request, signature) => {
    expect(signed(request, credential, { region: 'us-east-1', service: 'service' }, nowMs).headers['authorization']).toMatch(new RegExp(`Signature=${signature}$`));
  });
});

describe('as a verifier of its own sees it', () => {
  const rules = { keyId: credential.accessKeyId, secret: credential.secret, region: 'eu-central-1', service: 'apigateway' };
  const request: OutboundRequest = {
    method: 'PATCH', url: 'https://apigateway.example/apikeys/a%3Ab*c?x=a%20b&a=%2F', headers: { accept: '*/*', 'content-type': 'application/json' }, body: '{"ö":1}',
  };
  const receivedOf = ({ method, url, headers, body }: OutboundRequest) => {
    const { host, pathname, search } = new URL(url);
    return { method, path: pathname, query: search.slice(1), headers: { ...headers, host }, body: body ?? '' };
  };
  const sign = (token: string | null = null) => signed(request, { ...credential, sessionToken: token }, rules, nowMs);

  test('paths, queries, bodies and session tokens are covered', () => {
    expect(() => checkSignature(receivedOf(sign()), rules, nowMs)).not.toThrow();
    expect(() => checkSignature(receivedOf(sign('session')), { ...rules, token: 'session' }, nowMs)).not.toThrow();
  });

  test.each<[string, Partial<OutboundRequest>]>([
    ['the body', { body: '{}' }], ['the path', { url: 'https://apigateway.example/apikeys/other?x=a%20b&a=%2F' }], ['the query', { url: 'https://apigateway.example/apikeys/a%3Ab*c' }],
    ['the method', { method: 'DELETE' }], ['the host', { url: 'https://elsewhere.example/apikeys/a%3Ab*c?x=a%20b&a=%2F' }],
  ])('%s cannot be changed', (_, change) => {
    expect(() => checkSignature(receivedOf({ ...sign(), ...change }), rules, nowMs)).toThrow('SignatureDoesNotMatch');
  });

  test('it is good for five minutes, and for one key and place', () => {
    expect(() => checkSignature(receivedOf(sign()), rules, nowMs + 301_000)).toThrow('RequestExpired');
    expect(() => checkSignature(receivedOf(sign()), { ...rules, region: 'us-east-1' }, nowMs)).toThrow('scoped to');
    expect(() => checkSignature(receivedOf(sign('session')), rules, nowMs)).toThrow('session token');
  });
});
