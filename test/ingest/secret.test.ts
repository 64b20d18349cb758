import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fingerprinter, replayKey } from '../../src/ingest/fingerprint.ts';
import { Secret } from '../../src/ingest/secret.ts';

const fingerprinter = new Fingerprinter(replayKey);
const secret = (text: string) => new Secret(text, fingerprinter, 'authorization');
const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown) => `${encode({ alg: 'none' })}.${encode(claims)}.c2ln`;

describe('fingerprints', () => {
  test.each(['Bearer abc', 'bearer abc', 'BEARER   abc ', 'abc'])('%j stands for abc', (text) => {
    expect(secret(text).fingerprint('i')).toBe(fingerprinter.fingerprint('i', 'abc'));
  });
  test('of the SHA-256 in hex', () => {
    expect(secret('abc').sha256Fingerprint('i')).toBe(fingerprinter.fingerprint('i', createHash('sha256').update('abc').digest('hex')));
  });
});

describe('claims', () => {
  test('of a JWT, unverified and without a prototype', () => {
    const { claims } = secret(`Bearer ${jwt({ sub: 'svc', jti: 'j1' })}`);
    expect({ ...claims }).toEqual({ sub: 'svc', jti: 'j1' });
    expect(Object.getPrototypeOf(claims)).toBeNull();
  });
  test.each([
    ['no JWT', 'abc'], ['two parts', 'a.b'], ['no JSON', `a.${encode('{')}.c`], ['a list', jwt([1])], ['null', jwt(null)], ['text', jwt('"x"')],
    ['no UTF-8', `a.${Buffer.from([0x22, 0xff, 0x22]).toString('base64url')}.c`], ['more than 8 KiB', jwt({ a: 'x'.repeat(9000) })], ['nothing', ''], ['dots', '..'],
  ])('%s has none', (_, text) => expect(secret(text).claims).toBeNull());
  test('a __proto__ claim changes nothing', () => {
    const { claims } = secret(jwt('{"__proto__":{"polluted":1}}'));
    expect((claims as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
  test('never throws', () => {
    fc.assert(fc.property(fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')), fc.string(), (head, body) => { void secret(`${head}.${encode(body)}.${head}`).claims; }));
  });
});

test('printing one shows nothing of it', () => {
  const one = secret('s3cret-value');
  expect([JSON.stringify(one), `${one as unknown as string}`, inspect(one, { depth: 5, showHidden: true })].join()).not.toContain('s3cret');
});
